"""Event logs as plain sorted lists, by key: what two runs must have in common to be the same."""

from __future__ import annotations

from typing import Any

import numpy as np

from cms_sim.engine.arrays import (
    CAUSE_NAMES,
    N_CONFLICTS,
    N_ENROLMENTS,
    N_HARMED,
    N_MEDIATIONS,
    N_TOUCHED,
    OUTCOME_NAMES,
    RELATION_NAMES,
    RESULT_NAMES,
    Plan,
    State,
)
from cms_sim.engine.simulate import World
from tests.reference.model import CityModel
from tests.reference.people import Resident

Log = dict[str, list[tuple[Any, ...]]]


def log_of(world: World, plan: Plan, state: State) -> Log:
    """The log of the engine; residents by precinct number and local index."""
    city, count = world.city, state.count
    rows = state.conflict[: count[N_CONFLICTS]]

    def who(index: int) -> tuple[int, int]:
        precinct = city.precinct[city.resident["slot"][index]]
        return int(precinct["number"]), int(index - precinct["first"])

    def site_of(index: int) -> int | None:
        return None if index < 0 else int(plan.site["key"][index])

    conflicts = [
        (
            int(row["key"]),
            who(row["instigator"]),
            who(row["opponent"]),
            RELATION_NAMES[row["relation"]],
            CAUSE_NAMES[row["cause"]],
            None if row["parent"] < 0 else int(rows[row["parent"]]["key"]),
            *(int(row[name]) for name in ("open_day", "head_day", "head_hour")),
            OUTCOME_NAMES[row["outcome"]],
            site_of(row["site"]),
            int(row["responded"]),
            int(row["victims"]),
            int(row["killed"]),
        )
        for row in rows
    ]
    harmed = [
        (int(rows[row["conflict"]]["key"]), who(row["resident"]), bool(row["killed"]))
        for row in state.harmed[: count[N_HARMED]]
    ]
    mediations = [
        (
            int(rows[row["conflict"]]["key"]),
            int(plan.post["key"][row["post"]]),
            *(int(row[name]) for name in ("tenure", "day", "hour")),
            RESULT_NAMES[row["result"]],
        )
        for row in state.mediation[: count[N_MEDIATIONS]]
    ]
    enrolments = [
        (site_of(row["site"]), int(row["kind"]), who(row["resident"]), int(row["from_day"]), int(row["until_day"]))
        for row in state.enrolment[: count[N_ENROLMENTS]]
    ]
    people = [_person(world, plan, state, index, who) for index in state.touched[: count[N_TOUCHED]]]
    books = [
        (site_of(int(index)), int(month), *state.site_month[index, month].tolist())
        for index, month in zip(*np.nonzero(state.site_month.any(axis=2)), strict=True)
    ]
    common = [
        (int(precinct["number"]), int(here["norm"]), int(here["trust"]))
        for precinct, here in zip(city.precinct, state.local, strict=True)
    ]
    log: Log = {
        "conflicts": conflicts,
        "harmed": harmed,
        "mediations": mediations,
        "enrolments": enrolments,
        "people": people,
        "books": books,
        "common": common,
    }
    return {name: sorted(lines, key=repr) for name, lines in log.items()}


def _person(world: World, plan: Plan, state: State, index: int, who: Any) -> tuple[Any, ...]:
    record = state.person[index]
    place = plan.precinct[world.city.resident["slot"][index]]
    posts = range(place["first_post"], place["posts_end"])
    known = sorted(int(plan.post["key"][k]) for k in posts if int(record["known"]) & int(plan.post["bit"][k]))
    worker = None if record["client_of"] == 0 else int(plan.post["key"][record["client_of"] - 1])
    services = [kind for kind in range(8) if int(record["services"]) >> kind & 1]
    carried = (int(record[name]) for name in ("trauma", "norm", "trust", "injuries", "dead"))
    return who(index), *carried, int(record["day"]), worker, services, known


def log_of_reference(model: CityModel) -> Log:
    """The log of the plain reading, in the same words."""

    def who(resident: Resident) -> tuple[int, int]:
        return resident.precinct.number, resident.local

    conflicts = [
        (
            c.key,
            who(c.instigator),
            who(c.opponent),
            c.relation,
            c.cause,
            None if c.parent is None else c.parent.key,
            c.open_day,
            c.head_day,
            c.head_hour,
            c.outcome,
            None if c.site is None else c.site.key,
            c.hospital_response + 2 * c.shooting_response,
            len(c.victims),
            len(c.killed),
        )
        for c in model.conflicts
    ]
    people = [
        (
            who(person),
            *(person.trauma, person.norm, person.trust, person.injuries, int(person.dead)),
            model.day - 1 - person.days_carried,
            None if person.worker is None else person.worker.key,
            sorted(person.services),
            sorted(post.key for post in person.known_to),
        )
        for person in model.agents_by_type[Resident]
        if person.touched
    ]
    harmed = [(c.key, who(person), person in c.killed) for c in model.conflicts for person in c.victims]
    log: Log = {
        "conflicts": conflicts,
        "harmed": harmed,
        "mediations": model.mediations,
        "enrolments": [(site.key, kind, who(person), a, b) for site, kind, person, a, b in model.enrolments],
        "people": people,
        "books": [(*place, *line) for place, line in model.books.items() if any(line)],
        "common": [(here.number, here.norm_shift, here.trust_shift) for here in model.precincts],
    }
    return {name: sorted(lines, key=repr) for name, lines in log.items()}
