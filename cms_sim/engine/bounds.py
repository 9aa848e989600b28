"""The bounds inside which the engine's draws are exact; a draw beyond them is an error that names the parameter.

Thinning is exact only below its bounds, a probability stays between 0 and 1, and a caseload fits its record.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

from cms_sim.data.parameters import load_parameters
from cms_sim.engine.arrays import CASELOAD_SPACE, CIRCLE_SPACE
from cms_sim.engine.calendar_days import MARGIN_DAYS
from cms_sim.engine.tables import MOST_DESCENDANTS, Rules
from cms_sim.errors import InputError

_SHARES = ("share", "0 to 1", "probability")
"""Units (or their first words) of what lies between 0 and 1."""
_AT_MOST_ONE = ("unsupervised", "contacts_per_day", "residual_good", "residual_now")
_ABOVE_ZERO = (
    "shooting_chance",
    "retaliation_heat",
    "trauma_half_life_days",
    "norm_half_life_days",
    "place_taken_up_days",
    "experience_days",
    "startup_days",
    "patrol_officers",
)


def check_bounds(values: Mapping[str, float], rules: Rules) -> None:
    """Raise InputError when parameters (`values` by name, tables in `rules`) go beyond what the engine holds."""
    _check_chances(values)
    _check_descendants(values, float(rules["profile_peak"]))
    longest = max(rules["lag_contagion"].max(), rules["lag_retaliation"].max()) + rules["duration"].max()
    if longest >= MARGIN_DAYS:
        raise InputError(
            f"the longest lag is beyond {MARGIN_DAYS} days",
            where="parameter contagion_lag_mean_days",
            remedy=f"Choose a mean below {MARGIN_DAYS // 10} days.",
        )


def check_ranges(values: Mapping[str, float]) -> None:
    """Raise InputError when a parameter by itself is outside the range of its unit."""
    table = load_parameters()
    for name, value in values.items():
        share = table[name].unit.startswith(_SHARES) or name in _AT_MOST_ONE
        top = 1.0 if share else math.inf
        if not (math.isfinite(value) and 0.0 <= value <= top) or (name in _ABOVE_ZERO and value == 0.0):
            limits = "between 0 and 1" if share else "0 or more"
            raise InputError(
                f"{value:g} is out of range",
                where=f"parameter {name}",
                remedy=f"Give a number {'above 0' if name in _ABOVE_ZERO else limits} ({table[name].unit}).",
            )
    _within("caseload_limit", values["caseload_limit"], CASELOAD_SPACE, "the caseload of an outreach worker")
    _within("circle_limit", values["circle_limit"], CIRCLE_SPACE, "the circle of a messenger")


def _check_chances(values: Mapping[str, float]) -> None:
    """Chances that are products or sums of parameters, in their worst case."""
    chance, slope, reference = values["shooting_chance"], values["norm_slope"], values["norm_reference"]
    hottest = chance * max(1.0, values["retaliation_heat"], values["rival_heat"]) * max(1.0, values["inflamed_heat"])
    hottest *= (1.0 + slope * (1.0 - reference)) * (1.0 + values["trauma_slope"])
    _within("shooting_chance", hottest, 1.0, "the chance of a shooting in the worst case")
    _within("norm_slope", slope * reference, 1.0, "the fall of the chance at a norm of zero")
    hears = values["detection"] * max(1.0, values["detection_knows_one"], values["detection_knows_both"])
    _within("detection", hears, 1.0, "the chance to hear of a conflict between people well known")
    settled = values["settled_for_good"] + values["settled_for_now"]
    _within("settled_for_now", settled, 1.0, "the chance to settle a conflict for good or for now")
    relations = values["rival_share"] + values["street_tie_share"] + values["kin_share"]
    _within("rival_share", relations, 1.0, "the shares of rivals, street ties and kin together")


def _check_descendants(values: Mapping[str, float], peak: float) -> None:
    chance = values["shooting_chance"]
    retaliations = values["branching_retaliation"] / (chance * values["retaliation_heat"]) * peak
    _within("branching_retaliation", retaliations, MOST_DESCENDANTS, "retaliations per shooting")
    spread = values["branching_contagion"] / chance * peak
    _within("branching_contagion", spread, MOST_DESCENDANTS, "contagious conflicts per shooting")


def _within(name: str, value: float, bound: float, what: str) -> None:
    if value > bound + 1e-9:
        raise InputError(
            f"{what} would reach {value:.2f}, beyond the engine's bound of {bound:.2f}",
            where=f"parameter {name}",
            remedy=f"Lower {name} (or the parameters that go with it); the bound keeps paired runs comparable.",
        )
