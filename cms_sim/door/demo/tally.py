"""The numbers of a run by name: what lessons tell and ask about. Whole numbers; shares in per cent."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from cms_sim.door.demo.family import matched, mediated, people_shot_again
from cms_sim.door.demo.numbers import conflicts_of, counts, harmed_of
from cms_sim.door.demo.pair import BEGINS, LEFT, RIGHT, WEEK, Pair, Side
from cms_sim.engine.arrays import NOBODY, OUTCOME_SHOOTING

TALLY: Final = {
    "day": "days lived",
    "left_victims": "people shot without the programme",
    "right_victims": "people shot with it",
    "fewer_victims": "fewer with it (negative: more)",
    "fewer_percent": "the same as a share of those without it",
    "left_killed": "people who died without the programme",
    "right_killed": "people who died with it",
    "left_shootings": "shootings without the programme",
    "right_shootings": "shootings with it",
    "averted": "shootings without the programme that did not happen with it",
    "added": "shootings with the programme that did not happen without it",
    "left_conflicts": "conflicts without the programme",
    "right_conflicts": "conflicts with it",
    "left_followed": "shootings without the programme that followed from an earlier one",
    "left_followed_percent": "the same as a share",
    "left_again": "people shot without the programme who had been shot before",
    "mediations": "attempts to mediate",
    "mediated": "conflicts that messengers settled, for good or for now, and that ended so",
    "would_have_been": "of these, how many grew into shootings without the programme",
    "cooled_anyway": "of these, how many cooled by themselves without it",
    "largest_tree_shootings": "shootings in the largest family tree that one mediation cut off",
    "largest_tree_victims": "people shot in it",
    "participants": "people in a caseload",
    "in_services": "places in services that are taken",
    "people_known": "people whom a messenger knows",
    "left_norm": "willingness to use violence without the programme, in per cent",
    "right_norm": "with it",
    "night_percent": "share of shootings without the programme between 20:00 and 4:00",
    "on_duty_percent": "share of shootings without the programme in the hours of the team's shift",
    "left_before": "people shot without the programme in the time before the site opened (at most half a year)",
    "left_after": "in as long a time after it opened on the right",
    "left_change": "change from one to the other in per cent",
    "right_before": "people shot with the programme before the site opened",
    "right_after": "after it opened",
    "right_change": "change from one to the other in per cent",
    "study_days": "length of the two times in days",
}
"""Names and meanings (printed in docs/demo.md)."""
OTHERS: Final = {
    "others": "how many other dice were thrown",
    "others_left_mean": "people shot without the programme, mean over them",
    "others_right_mean": "people shot with it, mean",
    "others_fewer_mean": "fewer with it, mean",
    "others_fewer_low": "in the least of them",
    "others_fewer_high": "in the most of them",
    "others_fewer": "in how many of them fewer were shot",
    "others_left_change": "mean change without the programme in per cent (left_before to left_after, all together)",
    "others_right_change": "with it",
}
OTHER_DICE: Final = 20
HALF_YEAR: Final = 26 * WEEK


def tally(pair: Pair) -> dict[str, float]:
    """Every number of `TALLY`."""
    left, right = pair.sides
    one, other = counts(left), counts(right)
    log = conflicts_of(left)
    shootings = log[log["outcome"] == OUTCOME_SHOOTING]
    followed = int((shootings["parent"] != NOBODY).sum())
    grown = mediated(pair)
    largest = max(grown["listed"], key=lambda entry: entry["shootings"], default={"shootings": 0, "victims": 0})
    found: dict[str, float] = {
        "day": pair.day,
        "left_victims": one["victims"],
        "right_victims": other["victims"],
        "fewer_victims": one["victims"] - other["victims"],
        "fewer_percent": _percent(one["victims"] - other["victims"], one["victims"]),
        "left_killed": one["killed"],
        "right_killed": other["killed"],
        "left_shootings": one["shootings"],
        "right_shootings": other["shootings"],
        **{name: matched(pair)[name] for name in ("averted", "added")},
        "left_conflicts": int((log["open_day"] < left.next_day).sum()),
        "right_conflicts": int((conflicts_of(right)["open_day"] < right.next_day).sum()),
        "left_followed": followed,
        "left_followed_percent": _percent(followed, len(shootings)),
        "left_again": people_shot_again(left),
        "mediations": other["mediations"],
        "mediated": grown["mediated"],
        "would_have_been": grown["would_have_been"],
        "cooled_anyway": grown["cooled_anyway"],
        "largest_tree_shootings": largest["shootings"],
        "largest_tree_victims": largest["victims"],
        "participants": other["participants"],
        "in_services": other["in_services"],
        "people_known": int((right.state.person["known"] != 0).sum()),
        "left_norm": round(100 * pair.weeks[LEFT][-1][4]),
        "right_norm": round(100 * pair.weeks[RIGHT][-1][4]),
        **_hours(pair, shootings),
        **_study(pair),
    }
    return found


def _percent(part: float, whole: float) -> int:
    return round(100.0 * part / whole) if whole else 0


def _hours(pair: Pair, shootings: Any) -> dict[str, float]:
    from cms_sim.scenario.schema import SHARED_SHIFTS

    hour = shootings["head_hour"]
    weekday = pair.sides[LEFT].rules["weekday_of"][shootings["head_day"]]
    duty = np.array(SHARED_SHIFTS[pair.settings.shift].on_duty)
    night = int(((hour >= 20) | (hour < 4)).sum())
    return {
        "night_percent": _percent(night, len(hour)),
        "on_duty_percent": _percent(int(duty[weekday, hour].sum()), len(hour)),
    }


def _study(pair: Pair) -> dict[str, float]:
    """What somebody who has only one of the two would see: a time before the site opened, and as long a time after."""
    opens = pair.base.opens_after_days
    span = max(0, min(HALF_YEAR, opens, pair.day - opens))
    found: dict[str, float] = {"study_days": span}
    for name, side in zip(("left", "right"), pair.sides, strict=True):
        before, after = _shot_between(side, opens - span, opens), _shot_between(side, opens, opens + span)
        found |= {f"{name}_before": before, f"{name}_after": after, f"{name}_change": _percent(after - before, before)}
    return found


def _shot_between(side: Side, first: int, after: int) -> int:
    harmed = harmed_of(side)
    day = side.state.conflict["head_day"][harmed["conflict"]] - BEGINS
    return int(((day >= first) & (day < after)).sum())


def others(pair: Pair) -> dict[str, float]:
    """Every number of `OTHERS`: the same settings, changes and days with other dice."""
    return numbers_of_others(throw_others(pair))


def throw_others(pair: Pair) -> NDArray[np.float64]:
    """[OTHER_DICE, 7] people shot left and right, fewer, and `_STUDIED`, under other dice."""
    found = []
    for number in range(OTHER_DICE):
        seed = (pair.base.seed + 1000 * (number + 1)) % 999_999 + 1
        again = Pair(pair.base.changed({"seed": seed}), pair.changes, weekly=False)
        again.advance_to(pair.day)
        left, right = (len(harmed_of(side)) for side in again.sides)
        found.append((left, right, left - right, *(_study(again)[name] for name in _STUDIED)))
    return np.array(found, dtype=np.float64)


def numbers_of_others(table: NDArray[np.float64]) -> dict[str, float]:
    """What lessons and the page say of other dice."""
    fewer, (left_before, left_after, right_before, right_after) = table[:, 2], table[:, 3:].sum(axis=0)
    return {
        "others": OTHER_DICE,
        "others_left_mean": round(float(table[:, 0].mean())),
        "others_right_mean": round(float(table[:, 1].mean())),
        "others_fewer_mean": round(float(fewer.mean())),
        "others_fewer_low": int(fewer.min()),
        "others_fewer_high": int(fewer.max()),
        "others_fewer": int((fewer > 0).sum()),
        "others_left_change": _percent(left_after - left_before, left_before),
        "others_right_change": _percent(right_after - right_before, right_before),
    }


_STUDIED: Final = ("left_before", "left_after", "right_before", "right_after")
