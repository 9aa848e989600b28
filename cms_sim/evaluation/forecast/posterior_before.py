"""The parameters as they could be fitted at the cut: by the calibration's own inference, to what was known then."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from cms_sim.data.hypotheses import hypothesis
from cms_sim.evaluation.forecast.statistics import observed_before, targets_before
from cms_sim.experiment.draws import ParameterDraws, draw_from_priors, uncertain_parameters

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cms_sim.evaluation.forecast.histories import Past


def draw_before(past: Past, statistics: Mapping[str, NDArray[Any]] | None, count: int, seed: int) -> ParameterDraws:
    """`count` draws of the uncertain parameters given `statistics` of the histories of `past`; None: from the priors.

    A statistic that some history does not have (no site is a year old yet) is left out.
    Raises InputError for too few histories to learn from.
    """
    chosen = hypothesis(past.cut.hypothesis)
    if statistics is None:
        return draw_from_priors(count, seed, chosen)
    import pandas as pd
    from scipy.special import ndtr

    from cms_sim.evaluation.calibration.bank import LIVED, Bank, BankPlan
    from cms_sim.evaluation.calibration.inference import Learned, examples_of

    tables = past.cut.tables
    targets = [each for each in targets_before(tables) if np.isfinite(statistics[each.name]).all()]
    sampled = draw_from_priors(past.draws, past.seed, chosen)
    bank = Bank(
        BankPlan(past.cut.hypothesis, past.draws, past.seed),
        pd.DataFrame(sampled.values, columns=list(sampled.names)),
        pd.DataFrame({**statistics, LIVED: np.ones(past.draws)}),
    )
    normal = Learned(examples_of(bank, targets)).posterior(observed_before(tables, targets), count, seed)
    priors = uncertain_parameters(chosen)
    columns = [
        [priors[name].quantile(float(u)) for u in ndtr(normal[:, place])] for place, name in enumerate(sampled.names)
    ]
    return ParameterDraws(sampled.names, np.array(columns).T, {}, f"fitted to the years up to {past.cut.until}")
