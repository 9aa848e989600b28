"""What the page is sent: the whole picture once, then only what changed."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from cms_sim.door.demo.family import matched, twin, why
from cms_sim.door.demo.layout import HEIGHT, WIDTH, places_of, ties_of
from cms_sim.door.demo.numbers import conflicts_of, counts, harmed_of, mediations_of, open_rows
from cms_sim.door.demo.pair import BEGINS, ENDS, LEFT, RIGHT, Pair, Side
from cms_sim.engine.arrays import OUTCOME_OPEN, OUTCOME_SHOOTING
from cms_sim.engine.calendar_days import date_of

# A resident's look is one number: exposure 0 to 4, and bits.
EXPOSURES: Final = (0.12, 0.3, 0.55, 0.85)
"""Trauma (0 to 1) at which the next step of exposure is shown."""
PARTICIPANT: Final = 8
KNOWN: Final = 16
"""A messenger knows the person."""
WOUNDED: Final = 32
DEAD: Final = 64


def place(pair: Pair) -> dict[str, Any]:
    """Where everybody stands and who is tied to whom: the same on both sides, and for as long as the size is."""
    city = pair.sides[LEFT].city
    return {
        "width": WIDTH,
        "height": HEIGHT,
        "xy": places_of(pair.base.residents).ravel().tolist(),
        "crew": city.resident["crew"][: int(city.precinct["street"][0])].tolist(),
        "ties": ties_of(city).ravel().tolist(),
        "roles": pair.sides[RIGHT].plan.post["role"].tolist(),
    }


def looks(side: Side) -> NDArray[np.uint8]:
    """[residents] how everyone is drawn."""
    person = side.state.person
    index = np.arange(len(person))
    look = np.searchsorted(EXPOSURES, side.residents(index).trauma, side="right").astype(np.uint8)
    look[person["client_of"] != 0] |= PARTICIPANT
    look[person["known"] != 0] |= KNOWN
    look[person["injuries"] != 0] |= WOUNDED
    look[person["dead"] != 0] |= DEAD
    return look


def now(pair: Pair) -> dict[str, Any]:
    """The day, and the counters of both sides."""
    left, right = (counts(side) for side in pair.sides)
    return {
        "day": pair.day,
        "date": date_of(BEGINS + pair.day - 1).isoformat() if pair.day else date_of(BEGINS).isoformat(),
        "ended": pair.day >= ENDS - BEGINS,
        "left": left,
        "right": right,
        "fewer_victims": left["victims"] - right["victims"],
        **matched(pair),
        "filled": np.flatnonzero(pair.sides[RIGHT].state.post["filled"]).tolist(),
        "site_open": bool(pair.sides[RIGHT].state.site["open"][0]),
    }


def open_conflicts(side: Side) -> list[list[int]]:
    """[row, instigator, opponent, cause, standing] of those open tonight."""
    log = conflicts_of(side)
    names = ("instigator", "opponent", "cause", "standing")
    return [[int(row), *(int(log[name][row]) for name in names)] for row in open_rows(side)]


def events(pair: Pair, index: int, since: int) -> dict[str, list[list[Any]]]:
    """What happened on a side from day `since` on.

    opened: [row, instigator, opponent, cause]; ended: [row, outcome]; mediated: [row, post, result, hour, day];
    shot: [row, day, hour, instigator, victims, killed, why, twin].
    """
    side = pair.sides[index]
    log, first = conflicts_of(side), BEGINS + since
    lived = log["open_day"] < side.next_day
    opened = np.flatnonzero(lived & (log["open_day"] >= first))
    ended = np.flatnonzero(lived & (log["outcome"] != OUTCOME_OPEN) & (log["head_day"] >= first))
    lines = mediations_of(side)
    lines = lines[lines["day"] >= first]
    shot = ended[log["outcome"][ended] == OUTCOME_SHOOTING]
    parts, attempt = ("instigator", "opponent", "cause"), ("conflict", "post", "result", "hour")
    return {
        "opened": [[int(row), *(int(log[name][row]) for name in parts)] for row in opened],
        "ended": [[int(row), int(log["outcome"][row])] for row in ended],
        "mediated": [[*(int(line[name]) for name in attempt), int(line["day"]) - BEGINS] for line in lines],
        "shot": [_shot(pair, index, int(row)) for row in shot],
    }


def _shot(pair: Pair, index: int, row: int) -> list[Any]:
    side = pair.sides[index]
    record, harmed = side.state.conflict[row], harmed_of(side)
    victims = harmed["resident"][harmed["conflict"] == row].tolist()
    head = [row, int(record["head_day"]) - BEGINS, int(record["head_hour"]), int(record["instigator"])]
    return [*head, victims, int(record["killed"]), why(pair, index, row), twin(pair, index, row)]


class Sent:
    """What the page of one pair has been sent so far."""

    def __init__(self) -> None:
        self._looks: list[NDArray[np.uint8]] = []
        self._weeks = 0

    def scene(self, pair: Pair, *, with_place: bool) -> dict[str, Any]:
        """Everything as it stands."""
        self._looks = [looks(side) for side in pair.sides]
        self._weeks = len(pair.weeks[LEFT])
        return {
            "kind": "scene",
            **({"place": place(pair)} if with_place else {}),
            "now": now(pair),
            "looks": [look.tolist() for look in self._looks],
            "open": [open_conflicts(side) for side in pair.sides],
            "weeks": pair.weeks,
            "settings": pair.settings.model_dump(),
        }

    def days(self, pair: Pair, since: int) -> dict[str, Any]:
        """What changed since day `since`, the last one sent."""
        changed = []
        for k, side in enumerate(pair.sides):
            look = looks(side)
            people = np.flatnonzero(look != self._looks[k])
            changed.append(np.stack([people, look[people]], axis=1).ravel().tolist())
            self._looks[k] = look
        weeks = [noted[self._weeks :] for noted in pair.weeks]
        self._weeks = len(pair.weeks[LEFT])
        return {
            "kind": "days",
            "now": now(pair),
            "looks": changed,
            "events": [events(pair, k, since) for k in (LEFT, RIGHT)],
            "weeks": weeks,
        }
