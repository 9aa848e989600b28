"""A curfew, written as a plain Python function that is called every morning.

Conflicts that are due at night do not come to a head with probability `cancelled`. The numbers are made up.
"""

from cms_sim.experiment.extension import Extension
from cms_sim.experiment.extension_tools import FIRST_DRAW, cool, due
from cms_sim.keys import uniform

CANCELLED = FIRST_DRAW  # what a draw decides: a number of the extension's own


def at_night(own, hour):
    """Whether the curfew holds at an hour; from 22 to 5 goes over midnight."""
    if own["from_hour"] <= own["to_hour"]:
        return own["from_hour"] <= hour < own["to_hour"]
    return hour >= own["from_hour"] or hour < own["to_hour"]


def send_home(world, plan, state, own, day):
    """Every morning of the frame, not of the past before it."""
    if day < own["starts"]:
        return
    for row in due(state, day):
        conflict = state.conflict[row]
        if at_night(own, conflict["head_hour"]) and uniform(conflict["key"], CANCELLED) < own["cancelled"]:
            cool(state, row)
            own["count"] += 1


def outcomes(world, plan, state, own, starts, until):
    """What the sweep's table gets besides its own columns."""
    return {"cancelled_by_curfew": own["count"]}


EXTENSION = Extension(
    name="curfew",
    parameters={"from_hour": 22.0, "to_hour": 5.0, "cancelled": 0.3},
    memory=[("count", "f8")],
    morning=send_home,
    outcomes=outcomes,
    columns=["cancelled_by_curfew"],
)
