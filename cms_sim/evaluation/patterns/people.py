"""Who is shot in a history: sex, age, street ties, crews, and who is shot again."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from cms_sim.city.arrays import ABSENT, BAND_AGES, MALE
from cms_sim.engine.calendar_days import months
from cms_sim.evaluation.patterns.residents import on_street
from cms_sim.experiment.hindcast import Lived

BANDS: Final = ((0, 1), (1, 2), (2, 3), (3, 5))
"""Under 18, 18 to 24, 25 to 44, 45 and over: first and past-the-last of `BAND_AGES`."""
LAST_YEARS: Final = 6
SOON_DAYS: Final = 730


def people(lived: Lived) -> dict[str, float]:
    """Shares of people shot, unless the name says otherwise; shootings that have a party in a crew; gaps in days.

    Sex and age are of the last six years, as the record's are (2014-2019): as many people, as much chance.
    """
    who = lived.harmed["resident"].astype(np.int64)
    day = lived.shootings["head_day"][lived.harmed["conflict"]].astype(np.int64)
    resident = lived.city.resident[who[months()[day] >= lived.months - 12 * LAST_YEARS]]
    crew = lived.city.resident["crew"]
    in_crews = (crew[lived.shootings["instigator"]] != ABSENT) | (crew[lived.shootings["opponent"]] != ABSENT)
    ages = np.asarray(BAND_AGES)
    bands = {
        f"victims_{_band(first, past)}": _share((resident["age"] >= ages[first]) & (resident["age"] < ages[past]))
        for first, past in BANDS
    }
    return {
        "victims_men": _share(resident["sex"] == MALE),
        **bands,
        "victims_with_street_ties": _share(on_street(lived.city, who)),
        "residents_with_street_ties": float(lived.city.precinct["street"].sum() / len(lived.city.resident)),
        "shootings_with_crews": _share(in_crews),
        **again(who, day, lived.harmed["killed"] > 0),
    }


def _share(found: NDArray[np.bool_]) -> float:
    return float(found.mean()) if found.size else float("nan")


def again(who: NDArray[np.int64], day: NDArray[np.integer], killed: NDArray[np.bool_]) -> dict[str, float]:
    """People shot more than once, of all who were; time from the first to the second; and of those who survived their
    first and are followed for two years, who was shot again within them.
    """
    order = np.lexsort((day, who))
    who, day, killed = who[order], day[order].astype(np.int64), killed[order]
    # Who is shot in the place of somebody who died is somebody else.
    first = np.r_[True, (who[1:] != who[:-1]) | killed[:-1]] if who.size else np.zeros(0, dtype=np.bool_)
    second = np.flatnonzero(~first & np.r_[False, first[:-1]])
    gap = day[second] - day[second - 1]
    followed = first & ~killed & (day < day.max(initial=0) - SOON_DAYS)
    soon = followed[second - 1] & (gap <= SOON_DAYS)
    return {
        "shot_again": float(len(second) / max(1, first.sum())),
        "shot_again_in_two_years": float(soon.sum() / max(1, followed.sum())),
        "gap_to_second_median_days": float(np.median(gap)) if gap.size else float("nan"),
    }


def _band(first: int, past: int) -> str:
    low, high = BAND_AGES[first], BAND_AGES[past] - 1
    return f"under_{high + 1}" if low == 0 else f"{low}_and_over" if past == len(BAND_AGES) - 1 else f"{low}_to_{high}"
