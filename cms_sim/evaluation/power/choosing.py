"""Where the sites of a study are, in each history: listed, by lot, or where a peak was."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from cms_sim.engine.decisions import EXTENSION
from cms_sim.evaluation.power.study import PEAK_MONTHS, RISE_MONTHS, Study
from cms_sim.evaluation.power.windows import Rows
from cms_sim.keys import lineage, uniform

CHOSEN: Final = EXTENSION + 701


def sites_of(study: Study, counts: NDArray[np.int64], histories: range, seed: int, numbers: tuple[int, ...]) -> Rows:
    """[H, k] rows of a study's sites in these histories, whose counts without a programme are [H, S, M].

    By lot: a history's lots are the same for every study, so that five sites are three of another study and two more.
    Ties go to the precinct with the lower number."""
    pool = np.array(study.pool, dtype=np.intp)
    if study.choice == "listed":
        return np.tile(pool, (len(histories), 1))
    if study.choice == "random":
        roots = [lineage(seed, CHOSEN, history) for history in histories]
        score = np.array([[uniform(lineage(root, numbers[row]), CHOSEN) for row in pool] for root in roots])
    else:
        score = -_peak(study, counts)[:, pool]
    return np.asarray(pool[np.argsort(score, axis=1, kind="stable")[:, : study.number]])


def _peak(study: Study, counts: NDArray[np.int64]) -> NDArray[np.float64]:
    """[H, S] the last year's count, or its rise over the yearly mean of the two years before it."""
    first = min(study.starts)
    last_year = counts[..., first - PEAK_MONTHS : first].sum(axis=-1).astype(np.float64)
    if study.choice == "highest_last_year":
        return np.asarray(last_year)
    past = counts[..., first - RISE_MONTHS : first - PEAK_MONTHS].sum(axis=-1)
    return np.asarray(last_year - past * PEAK_MONTHS / (RISE_MONTHS - PEAK_MONTHS))
