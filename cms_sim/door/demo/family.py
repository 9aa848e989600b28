"""What a conflict grew into on one side and not on the other: events matched by lineage, trees by parent links."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from cms_sim.door.demo.numbers import conflicts_of, harmed_of, mediations_of
from cms_sim.door.demo.pair import BEGINS, LEFT, RIGHT, Pair, Side
from cms_sim.engine.arrays import NOBODY, OUTCOME_COOLED, OUTCOME_GOOD, OUTCOME_NOW, OUTCOME_OPEN, OUTCOME_SHOOTING

# Why a shooting of one side did not happen (or did) on the other
BOTH: Final = 0
MEDIATED: Final = 1
NEVER_AROSE: Final = 2
"""It descends from a shooting that did not happen there."""
COOLED: Final = 3
"""The same conflict cooled there without being settled: the people in it had changed."""
STILL_OPEN: Final = 4
SETTLED: Final = (OUTCOME_GOOD, OUTCOME_NOW)
MOST_NODES: Final = 200
MOST_LISTED: Final = 40


def row_of(side: Side, key: Any) -> int:
    """The row of the conflict with this lineage, or NOBODY."""
    rows = np.flatnonzero(conflicts_of(side)["key"] == key)
    return int(rows[0]) if rows.size else NOBODY


def twin(pair: Pair, side: int, row: int) -> int:
    """The same conflict's row on the other side, or NOBODY where it never arose."""
    return row_of(pair.sides[1 - side], pair.sides[side].state.conflict["key"][row])


def why(pair: Pair, side: int, row: int) -> int:
    """What became of a shooting's twin on the other side."""
    there = pair.sides[1 - side]
    same = twin(pair, side, row)
    if same == NOBODY or conflicts_of(there)["open_day"][same] >= there.next_day:
        return NEVER_AROSE
    outcome = int(there.state.conflict["outcome"][same])
    verdicts = {OUTCOME_SHOOTING: BOTH, OUTCOME_OPEN: STILL_OPEN, OUTCOME_COOLED: COOLED}
    return verdicts.get(outcome, MEDIATED)


def matched(pair: Pair) -> dict[str, int]:
    """Shootings by whether the other side had them too: averted (left only), added (right only), in both."""
    keys = [_shooting_keys(side) for side in pair.sides]
    both = int(np.isin(keys[LEFT], keys[RIGHT]).sum())
    return {"averted": len(keys[LEFT]) - both, "added": len(keys[RIGHT]) - both, "in_both": both}


def _shooting_keys(side: Side) -> NDArray[np.uint64]:
    log = conflicts_of(side)
    return np.asarray(log["key"][log["outcome"] == OUTCOME_SHOOTING])


def family(pair: Pair, side: int, row: int) -> dict[str, Any]:
    """The tree on the left of the conflict at `row` of `side`, with what became of it on the right.

    A conflict of the left that never arose on the right is traced back to the first forebear that did.
    """
    left = pair.sides[LEFT]
    if side == RIGHT:
        here, root = row, twin(pair, RIGHT, row)
    else:
        root = _oldest_parted(pair, row)
        here = twin(pair, LEFT, root)
    nodes = _tree(pair, root) if root != NOBODY else []
    return {
        "left": _conflict(left, root) if root != NOBODY else None,
        "right": _conflict(pair.sides[RIGHT], here) if here != NOBODY else None,
        "attempts": _attempts(pair, here) if here != NOBODY else [],
        "nodes": nodes[:MOST_NODES],
        "shootings": sum(node["shooting"] for node in nodes),
        "victims": sum(node["victims"] for node in nodes),
        "killed": sum(node["killed"] for node in nodes),
        "only_left": sum(node["shooting"] and not node["on_right"] for node in nodes),
        "victims_only_left": sum(node["victims"] for node in nodes if not node["on_right"]),
    }


def _oldest_parted(pair: Pair, row: int) -> int:
    """The nearest forebear (or the conflict itself) that arose on the right too; else the oldest one."""
    log = conflicts_of(pair.sides[LEFT])
    while twin(pair, LEFT, row) == NOBODY and log["parent"][row] != NOBODY:
        row = int(log["parent"][row])
    return row


def _tree(pair: Pair, root: int) -> list[dict[str, Any]]:
    """The root and every shooting that descends from it on the left, oldest first."""
    left = pair.sides[LEFT]
    log = conflicts_of(left)
    members = {root}
    found = [root]
    for row in np.flatnonzero(log["outcome"] == OUTCOME_SHOOTING).tolist():  # children follow their parents
        if log["parent"][row] in members:
            members.add(row)
            found.append(row)
    shared = np.isin(log["key"][found], _shooting_keys(pair.sides[RIGHT]))
    return [
        {**_conflict(left, row), "on_right": bool(same), "parent": int(log["parent"][row]) if row != root else NOBODY}
        for row, same in zip(found, shared, strict=True)
    ]


def _conflict(side: Side, row: int) -> dict[str, Any]:
    record = side.state.conflict[row]
    return {
        "row": row,
        "people": [int(record["instigator"]), int(record["opponent"])],
        "cause": int(record["cause"]),
        "relation": int(record["relation"]),
        "opened": int(record["open_day"]) - BEGINS,
        "head": int(record["head_day"]) - BEGINS,
        "hour": int(record["head_hour"]),
        "outcome": int(record["outcome"]),
        "shooting": bool(record["outcome"] == OUTCOME_SHOOTING),
        "victims": int(record["victims"]),
        "killed": int(record["killed"]),
    }


def _attempts(pair: Pair, row: int) -> list[dict[str, int]]:
    lines = mediations_of(pair.sides[RIGHT])
    return [
        {
            "day": int(line["day"]) - BEGINS,
            "hour": int(line["hour"]),
            "post": int(line["post"]),
            "result": int(line["result"]),
        }
        for line in lines[lines["conflict"] == row]
    ]


def mediated(pair: Pair) -> dict[str, Any]:
    """The conflicts settled on the right that grew furthest on the left, and what became of all of them there."""
    left, right = pair.sides
    rows = np.unique(mediations_of(right)["conflict"])
    rows = rows[np.isin(conflicts_of(right)["outcome"][rows], SETTLED)]
    row_on_left = {int(key): row for row, key in enumerate(conflicts_of(left)["key"].tolist())}
    twins = [row_on_left.get(int(key), NOBODY) for key in conflicts_of(right)["key"][rows]]
    shootings, victims, killed = _grown(left)
    cooled = sum(same != NOBODY and conflicts_of(left)["outcome"][same] == OUTCOME_COOLED for same in twins)
    listed = [
        {
            "row": int(row),
            "opened": int(right.state.conflict["open_day"][row]) - BEGINS,
            "shootings": int(shootings[same]),
            "victims": int(victims[same]),
            "killed": int(killed[same]),
        }
        for row, same in zip(rows, twins, strict=True)
        if same != NOBODY and shootings[same]
    ]
    listed.sort(key=lambda entry: (-entry["victims"], entry["opened"]))
    return {
        "listed": listed[:MOST_LISTED],
        "mediated": len(rows),
        "would_have_been": len(listed),
        "cooled_anyway": int(cooled),
    }


def _grown(side: Side) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """For each conflict: shootings, people shot and killed in it and in all that descends from it."""
    log = conflicts_of(side)
    shooting = log["outcome"] == OUTCOME_SHOOTING
    sums = [shooting.astype(np.int64), np.where(shooting, log["victims"], 0), np.where(shooting, log["killed"], 0)]
    sums = [part.astype(np.int64) for part in sums]
    for row in np.flatnonzero(shooting & (log["parent"] != NOBODY))[::-1]:  # the youngest first
        for part in sums:
            part[log["parent"][row]] += part[row]
    return sums[0], sums[1], sums[2]


def people_shot_again(side: Side) -> int:
    """How many of the people shot had been shot before in the run."""
    return len(harmed_of(side)) - int(np.unique(harmed_of(side)["resident"]).size)
