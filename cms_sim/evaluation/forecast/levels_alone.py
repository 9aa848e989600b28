"""The forecast's levels without the model: no agents, no programme, each incident by itself.

Not a naive forecast, but the yardstick of what the agents add: the same levels as in the histories, draw by draw, with
the yearly deviations of the same parameters.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from cms_sim.data.city_records import CityTables
from cms_sim.engine.rules import default_values
from cms_sim.evaluation.forecast.level_forecast import LevelForecast
from cms_sim.experiment.draws import ParameterDraws
from cms_sim.experiment.record_levels import fit_record_levels

_CHANCE_STREAM: Final = 43
_SPREAD: Final = "yearly_precinct_spread"


def levels_alone(known: CityTables, months: int, draws: ParameterDraws, seed: int) -> NDArray[np.integer[Any]]:
    """[draws, precincts, months after the cut] people shot."""
    levels = LevelForecast(known, fit_record_levels(known), months)
    after = len(known.months)
    numbered = known.months[0] + np.arange(after, months)
    days = ((numbered + 1).astype("M8[D]") - numbered.astype("M8[D]")).astype(np.float64)
    shares = known.victims_per_incident / known.victims_per_incident.sum()
    found = []
    for draw in range(len(draws)):
        spread = {**default_values(), **draws.of(draw)}[_SPREAD]
        rng = np.random.default_rng([seed, draw, _CHANCE_STREAM])
        incidents = levels.draw(spread, seed, draw)[:, after:] * days
        years = np.exp(spread * rng.standard_normal((len(incidents), (months - after) // 12)) - spread**2 / 2.0)
        expected = incidents * np.repeat(years, 12, axis=1)
        each = rng.poisson(expected[..., None] * shares)  # incidents with 1, 2, ... victims come independently
        found.append(each @ np.arange(1, len(shares) + 1))
    return np.array(found, dtype=np.uint16)
