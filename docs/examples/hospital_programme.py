"""A hospital programme for people who were shot, written as kernels that are compiled with the engine.

Who is shot and lives is enrolled with probability `reach`; it eases the share `relief` of their trauma. For `days` days
each conflict that they start, a retaliation above all, is settled with probability `settles`. The numbers are made up.
"""

from cms_sim.compiled import bare_kernel
from cms_sim.engine.arrays import N_HARMED, STANDING_GOOD
from cms_sim.experiment.extension import Extension
from cms_sim.experiment.extension_tools import FIRST_DRAW, both_ways, due, harmed, person_key, settle, soothe
from cms_sim.keys import uniform

ENROLLED, SETTLED = FIRST_DRAW, FIRST_DRAW + 1  # what the draws decide


@both_ways
def enrolled(city, state, own, line):
    """Whether the person in this line of the log of people shot is taken on."""
    who, shooting = state.harmed["resident"][line], state.harmed["conflict"][line]
    if state.harmed["killed"][line] or state.conflict["head_day"][shooting] < own["starts"]:
        return False
    return uniform(person_key(city, state.conflict["key"][shooting], who), ENROLLED) < own["reach"]


@both_ways
def in_programme(city, state, own, who, day):
    """Whether somebody was taken on within so many days: the end of the log, read backwards."""
    line = state.count[N_HARMED] - 1
    while line >= 0 and day - state.conflict["head_day"][state.harmed["conflict"][line]] <= own["days"]:
        if state.harmed["resident"][line] == who and enrolled(city, state, own, line):
            return True
        line -= 1
    return False


@bare_kernel
def work_with_people(city, plan, rules, course, state, own, day):
    """In the morning: conflicts that people of the programme bring to a head today."""
    for row in due(state, day):
        conflict = state.conflict[row]
        if conflict["standing"] == STANDING_GOOD or not in_programme(city, state, own, conflict["instigator"], day):
            continue
        if uniform(conflict["key"], SETTLED) < own["settles"]:
            settle(state, row)
            own["conflicts"] += 1


@bare_kernel
def at_the_bedside(city, plan, rules, course, state, own, day):
    """In the evening: those shot today."""
    for line in harmed(state):
        if enrolled(city, state, own, line):
            soothe(state, rules, state.harmed["resident"][line], day, own["relief"])
            own["people"] += 1


def outcomes(world, plan, state, own, starts, until):
    """What the sweep's table gets besides its own columns."""
    return {"enrolled_in_hospital": own["people"], "conflicts_settled_in_hospital": own["conflicts"]}


EXTENSION = Extension(
    name="hospital programme",
    parameters={"reach": 0.5, "days": 180.0, "settles": 0.4, "relief": 0.3},
    memory=[("people", "f8"), ("conflicts", "f8")],
    morning=work_with_people,
    evening=at_the_bedside,
    outcomes=outcomes,
    columns=["enrolled_in_hospital", "conflicts_settled_in_hospital"],
)
