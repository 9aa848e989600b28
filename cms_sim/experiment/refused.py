"""A history that goes beyond the engine's bounds, about one in two thousand, is lived again with other chance."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from cms_sim.errors import InputError
from cms_sim.experiment.hindcast import Hindcast, Lived

OTHER_CHANCE: Final = 1_000_000
"""Added to the replicate of a history that is refused."""
ATTEMPTS: Final = 5


def lived(cities: Sequence[Hindcast], given: Mapping[str, float], seed: int, draw: int) -> list[Lived]:
    """The same history in each of `cities`; one that is refused in any is lived again in all of them.

    Raises the last InputError of `ATTEMPTS`.
    """
    for attempt in range(ATTEMPTS):
        try:
            return [city.live(given, seed, draw + attempt * OTHER_CHANCE) for city in cities]
        except InputError as fault:
            refused = fault
    raise refused
