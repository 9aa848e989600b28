"""Parameters fitted at the cut: from statistics of histories that were lived, by the calibration's inference."""

from __future__ import annotations

import numpy as np
import pytest

from cms_sim.data.hypotheses import hypothesis
from cms_sim.errors import InputError
from cms_sim.evaluation.forecast.histories import Cut, Past
from cms_sim.evaluation.forecast.posterior_before import draw_before
from cms_sim.evaluation.forecast.statistics import observed_before, targets_before
from cms_sim.experiment.draws import draw_from_priors

pytest.importorskip("sklearn")
NAME = "yearly_precinct_spread"


def past(draws: int) -> Past:
    return Past(Cut.now(2016, "city"), draws, 3)


def statistics(histories: Past) -> dict[str, np.ndarray]:
    """Chance, but for the share statistic, which tells the drift of precincts exactly; the record's is that of .06."""
    told = draw_from_priors(histories.draws, histories.seed, hypothesis("city"))
    drift = told.values[:, told.names.index(NAME)]
    targets = targets_before(histories.cut.tables)
    rng = np.random.default_rng(5)
    found = {}
    for each, value in zip(targets, observed_before(histories.cut.tables, targets), strict=True):
        off = drift - 0.06 if each.name == "share_statistic" else rng.normal(0.0, 0.1, histories.draws)
        found[each.name] = np.exp(value + off) if each.logarithm else value + off
    return found


def test_what_the_statistics_tell_is_learned() -> None:
    histories = past(600)
    draws = draw_before(histories, statistics(histories), 400, 1)
    found = draws.values[:, draws.names.index(NAME)]
    assert np.median(found) == pytest.approx(0.06, abs=0.01)
    assert found.std() < 0.02 and "2016" in draws.source


def test_without_statistics_the_priors_are_drawn_from() -> None:
    draws = draw_before(past(300), None, 2000, 1)
    found = draws.values[:, draws.names.index(NAME)]
    assert found.min() < 0.03 and found.max() > 0.17


def test_too_few_histories_are_refused() -> None:
    histories = past(50)
    with pytest.raises(InputError, match="too few"):
        draw_before(histories, statistics(histories), 10, 1)
