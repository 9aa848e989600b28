"""A history beyond the engine's bounds is lived again."""

from __future__ import annotations

import pytest

from cms_sim.errors import InputError
from cms_sim.experiment.refused import ATTEMPTS, OTHER_CHANCE, lived


class Bench:
    """Stands in for a city that refuses its first attempts."""

    def __init__(self, refused: int) -> None:
        self.refused, self.lived = refused, list[int]()

    def live(self, given: object, seed: int, replicate: int) -> int:
        self.lived.append(replicate)
        if replicate < self.refused * OTHER_CHANCE:
            raise InputError("beyond the engine's bounds")
        return replicate


@pytest.mark.parametrize("refused", [0, 1, ATTEMPTS - 1])
def test_a_refused_history_is_lived_again_with_other_chance_in_both_cities(refused: int) -> None:
    plain, strict = Bench(0), Bench(refused)
    found: list[object] = [*lived((plain, strict), {}, 1, 7)]  # type: ignore[arg-type]
    assert found == [7 + refused * OTHER_CHANCE] * 2, "with and without sites have the same chance"
    assert len(set(strict.lived)) == refused + 1


def test_a_history_that_is_always_refused_says_so() -> None:
    with pytest.raises(InputError, match="beyond the engine's bounds"):
        lived((Bench(ATTEMPTS),), {}, 1, 7)  # type: ignore[arg-type]
