"""The logs of a run as tables, the same from every door.

Rows are told apart by keys, never by their place in an array, and sorted by them, so that two runs are equal exactly
when their tables are. What is scheduled but has not opened yet is left out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from cms_sim.city.arrays import City
from cms_sim.engine.arrays import (
    CAUSE_NAMES,
    N_CONFLICTS,
    N_ENROLMENTS,
    N_HARMED,
    N_MEDIATIONS,
    NOBODY,
    OUTCOME_NAMES,
    RELATION_NAMES,
    RESULT_NAMES,
    ROLE_NAMES,
    SERVICE_NAMES,
    TODAY,
    Plan,
    Records,
    State,
)
from cms_sim.engine.calendar_days import EPOCH

if TYPE_CHECKING:
    import pandas as pd

SEX_NAMES = ("female", "male")
"""By the numbers of `cms_sim.city.arrays.FEMALE` and `MALE`."""


def events_frame(state: State, plan: Plan, city: City) -> pd.DataFrame:
    """Every conflict that has opened, sorted by key.

    `parent_key`: the conflict whose shooting this one descends from. `site_key`: of the site that mediated, as in
    `plan.site["key"]`.
    `head_date` and `head_hour` of an open conflict are those for which it is due as things stand.
    """
    import pandas as pd

    log = _used(state.conflict, state, N_CONFLICTS)
    rows = log[log["open_day"] < state.count[TODAY]]
    frame = pd.DataFrame(
        {
            "key": rows["key"],
            "parent_key": _keys(log["key"], rows["parent"]),
            "precinct": city.precinct["number"][rows["slot"]],
            "cause": _names(rows["cause"], CAUSE_NAMES),
            "relation": _names(rows["relation"], RELATION_NAMES),
            "generation": rows["generation"],
            "open_date": _dates(rows["open_day"]),
            "head_date": _dates(rows["head_day"]),
            "head_hour": rows["head_hour"],
            "outcome": _names(rows["outcome"], OUTCOME_NAMES),
            "victims": rows["victims"],
            "killed": rows["killed"],
            "site_key": _keys(plan.site["key"], rows["site"]),
        }
    )
    return frame.sort_values("key", ignore_index=True)


def harmed_frame(state: State, city: City) -> pd.DataFrame:
    """Everyone shot, sorted by day, hour and the conflict's key; `resident` is the index within `resident_precinct`."""
    import pandas as pd

    rows = _used(state.harmed, state, N_HARMED)
    conflict = state.conflict[rows["conflict"]]
    frame = pd.DataFrame(
        {
            "key": conflict["key"],
            "precinct": city.precinct["number"][conflict["slot"]],
            "date": _dates(conflict["head_day"]),
            "hour": conflict["head_hour"],
            **_person(rows["resident"], city),
            "killed": rows["killed"].astype(bool),
        }
    )
    return frame.sort_values(["date", "hour", "key", "resident_precinct", "resident"], ignore_index=True)


def mediations_frame(state: State, plan: Plan, city: City) -> pd.DataFrame:
    """Every attempt to mediate, sorted by day, hour and key of the conflict; `post_key` is `plan.post["key"]`."""
    import pandas as pd

    rows = _used(state.mediation, state, N_MEDIATIONS)
    conflict, post = state.conflict[rows["conflict"]], plan.post[rows["post"]]
    frame = pd.DataFrame(
        {
            "key": conflict["key"],
            "precinct": city.precinct["number"][conflict["slot"]],
            "date": _dates(rows["day"]),
            "hour": rows["hour"],
            "result": _names(rows["result"], RESULT_NAMES),
            "role": _names(post["role"], ROLE_NAMES),
            "site_key": plan.site["key"][post["site"]],
            "post_key": post["key"],
            "tenure": rows["tenure"],
        }
    )
    return frame.sort_values(["date", "hour", "key"], ignore_index=True)


def enrolments_frame(state: State, plan: Plan, city: City) -> pd.DataFrame:
    """Every enrolment in a service, sorted by first day and resident; `until_date` is the first day after it."""
    import pandas as pd

    rows = _used(state.enrolment, state, N_ENROLMENTS)
    frame = pd.DataFrame(
        {
            **_person(rows["resident"], city),
            "service": _names(rows["kind"], SERVICE_NAMES),
            "from_date": _dates(rows["from_day"]),
            "until_date": _dates(rows["until_day"]),
            "site_key": plan.site["key"][rows["site"]],
        }
    )
    return frame.sort_values(["from_date", "resident_precinct", "resident", "service"], ignore_index=True)


def _used(log: Records, state: State, place: int) -> Records:
    return log[: state.count[place]]


def _person(residents: NDArray[np.int32], city: City) -> dict[str, Any]:
    own = city.resident[residents]
    precinct = city.precinct[own["slot"]]
    return {
        "resident_precinct": precinct["number"],
        "resident": residents - precinct["first"],
        "age": own["age"],
        "sex": _names(own["sex"], SEX_NAMES),
    }


def _keys(keys: NDArray[np.uint64], rows: NDArray[np.integer[Any]]) -> pd.api.extensions.ExtensionArray:
    """The keys of these rows; missing where the row is NOBODY."""
    import pandas as pd

    missing = rows == NOBODY
    values = np.zeros(len(rows), dtype=np.uint64)
    values[~missing] = keys[rows[~missing]]
    return pd.arrays.IntegerArray(values, missing)


def _names(codes: NDArray[np.integer[Any]], names: tuple[str, ...]) -> pd.Categorical[str]:
    import pandas as pd

    return pd.Categorical.from_codes(codes.astype(np.int64), pd.Index(names))


def _dates(days: NDArray[np.integer[Any]]) -> NDArray[np.datetime64]:
    return (np.datetime64(EPOCH) + days.astype("m8[D]")).astype("M8[s]")
