"""Trees by lineage, checked against the logs in the plainest way."""

from __future__ import annotations

import numpy as np
import pytest

from cms_sim.door.demo.family import BOTH, MEDIATED, NEVER_AROSE, family, matched, mediated, why
from cms_sim.door.demo.numbers import conflicts_of, counts, harmed_of, mediations_of
from cms_sim.door.demo.pair import BEGINS, LEFT, RIGHT, Pair
from cms_sim.door.demo.scenes import Sent
from cms_sim.door.demo.settings import Settings
from cms_sim.door.demo.tally import OTHERS, TALLY, numbers_of_others, tally, throw_others
from cms_sim.engine.arrays import NOBODY, OUTCOME_SHOOTING


@pytest.fixture(scope="module")
def pair() -> Pair:
    pair = Pair(Settings(seed=2))
    pair.advance_to(730)
    return pair


def shootings(pair: Pair, side: int) -> dict[int, int]:
    """Row by key."""
    log = conflicts_of(pair.sides[side])
    return {int(log["key"][row]): int(row) for row in np.flatnonzero(log["outcome"] == OUTCOME_SHOOTING)}


def test_shootings_are_matched_by_lineage(pair: Pair) -> None:
    left, right = shootings(pair, LEFT), shootings(pair, RIGHT)
    assert matched(pair) == {
        "averted": len(left.keys() - right.keys()),
        "added": len(right.keys() - left.keys()),
        "in_both": len(left.keys() & right.keys()),
    }
    assert matched(pair)["averted"] > 20
    for key, row in left.items():
        assert (why(pair, LEFT, row) == BOTH) == (key in right)


def test_a_tree_holds_every_descendant_and_nobody_else(pair: Pair) -> None:
    log = conflicts_of(pair.sides[LEFT])
    grown = mediated(pair)
    assert grown["would_have_been"] + grown["cooled_anyway"] <= grown["mediated"]
    assert grown["listed"] == sorted(grown["listed"], key=lambda each: (-each["victims"], each["opened"]))
    seen_branch = False
    for entry in grown["listed"][:15]:
        found = family(pair, RIGHT, entry["row"])
        root = found["left"]["row"]
        members = {root}
        while more := {
            int(row)
            for row in np.flatnonzero(log["outcome"] == OUTCOME_SHOOTING)
            if row not in members and int(log["parent"][row]) in members
        }:
            members |= more
        assert {node["row"] for node in found["nodes"]} == members
        assert found["shootings"] == entry["shootings"] == len(members)
        harmed = harmed_of(pair.sides[LEFT])
        assert found["victims"] == entry["victims"] == np.isin(harmed["conflict"], sorted(members)).sum()
        assert found["attempts"] and not found["right"]["shooting"]
        seen_branch |= len(members) > 1
    assert seen_branch


def test_a_shooting_of_the_left_leads_back_to_the_conflict_that_was_mediated(pair: Pair) -> None:
    log = conflicts_of(pair.sides[LEFT])
    orphans = [row for row in shootings(pair, LEFT).values() if why(pair, LEFT, row) == NEVER_AROSE]
    roots = [family(pair, LEFT, row) for row in orphans]
    assert orphans and all(log["parent"][row] != NOBODY for row in orphans)
    assert all(row in {node["row"] for node in found["nodes"]} for row, found in zip(orphans, roots, strict=True))
    assert any(found["right"] and found["attempts"] for found in roots)
    mediated_rows = set(mediations_of(pair.sides[RIGHT])["conflict"].tolist())
    direct = [row for row in shootings(pair, LEFT).values() if why(pair, LEFT, row) == MEDIATED]
    assert direct and all(family(pair, LEFT, row)["right"]["row"] in mediated_rows for row in direct)


def test_days_that_are_sent_add_up_to_the_scene() -> None:
    pair, sent = Pair(Settings(seed=4)), Sent()
    first = sent.scene(pair, with_place=True)
    looks = [list(side) for side in first["looks"]]
    opened: list[set[int]] = [{row for row, *_ in side} for side in first["open"]]
    weeks = [list(side) for side in first["weeks"]]
    victims = [0, 0]
    spoken: list[list[int]] = []
    for day in (1, 2, 9, 40, 71, 72):
        since = pair.day
        pair.advance_to(day)
        frame = sent.days(pair, since)
        spoken += frame["events"][RIGHT]["mediated"]
        for k in (LEFT, RIGHT):
            changed = frame["looks"][k]
            for person, look in zip(changed[::2], changed[1::2], strict=True):
                looks[k][person] = look
            opened[k] |= {row for row, *_ in frame["events"][k]["opened"]}
            opened[k] -= {row for row, _ in frame["events"][k]["ended"]}
            victims[k] += sum(len(shot[4]) for shot in frame["events"][k]["shot"])
            weeks[k] += frame["weeks"][k]
    whole = Sent().scene(pair, with_place=False)
    assert looks == whole["looks"] and weeks == whole["weeks"] == pair.weeks
    assert opened == [{row for row, *_ in side} for side in whole["open"]]
    log = mediations_of(pair.sides[RIGHT])
    assert [line[4] for line in spoken] == (log["day"] - BEGINS).tolist() and len(spoken) > 5
    assert victims == [counts(side)["victims"] for side in pair.sides]
    assert len(first["place"]["xy"]) == 2 * 2000


def test_lessons_have_every_number_that_is_promised(pair: Pair) -> None:
    numbers = tally(pair)
    assert numbers.keys() == TALLY.keys()
    assert numbers["fewer_victims"] == numbers["left_victims"] - numbers["right_victims"]
    table = throw_others(pair)
    assert numbers_of_others(table).keys() == OTHERS.keys()
    assert len(set(table[:, 0].tolist())) > 5, "other dice are other runs"
