"""From resolved scenarios to `Plan` arrays.

All plans of a comparison share one list of sites, posts and shifts (the union), so that a snapshot of one is a valid
start for another; what a plan lacks has an empty window of time. Indices never enter a key: a site's key is its
precinct and site id, a post's its site, role, number and window, and nothing else.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from cms_sim.engine.arrays import (
    PATROL,
    PLAN_PRECINCT,
    POST,
    POSTS_PER_PRECINCT,
    ROLE_NAMES,
    SERVICE_NAMES,
    SHIFT,
    SITE,
    TERM,
    Plan,
)
from cms_sim.engine.calendar_days import day_of
from cms_sim.errors import InputError
from cms_sim.keys import lineage
from cms_sim.scenario.resolved import Scenario, Site
from cms_sim.scenario.schema import WEEKDAYS, Shift

NEVER = -1
FOR_EVER = 1_000_000
PLACES = 65536

PostKey = tuple[int, int, int, int, int]
"""Precinct, site id, role, number, window."""
SiteKey = tuple[int, int]
ShiftKey = tuple[tuple[int, ...], int, int]


def compile_plans(scenarios: Sequence[Scenario], numbers: Sequence[int], catchment_share: float) -> list[Plan]:
    """Plans over the precincts `numbers` (sorted), indexing the same sites, posts and shifts.

    `catchment_share` holds where a scenario does not give a site's own. Raises InputError when a precinct has more
    than 64 posts.
    """
    sites = sorted({site.key for scenario in scenarios for site in scenario.sites})
    windows = [_windows(scenario) for scenario in scenarios]
    posts = sorted({key for plan in windows for key in plan})
    shifts = sorted({_shift_key(shift) for scenario in scenarios for shift in scenario.shifts.values()})
    _check_room(posts)
    shared = _Shared(list(numbers), sites, posts, shifts)
    plans = [shared.plan(scenario, plan, catchment_share) for scenario, plan in zip(scenarios, windows, strict=True)]
    _share_coverage(plans, len(numbers))
    return plans


def _share_coverage(plans: Sequence[Plan], n_precincts: int) -> None:
    """Tell every plan up to which place any of them covers a precinct: what is watched must not depend on the plan that
    lived the shared past."""
    covered = np.zeros(n_precincts, dtype=np.int64)
    for plan in plans:
        np.maximum.at(covered, plan.site["slot"], plan.site["place_to"])
    for plan in plans:
        plan.precinct["covered"] = covered


def with_catchments(plans: Sequence[Plan], scenarios: Sequence[Scenario], catchment_share: float) -> list[Plan]:
    """The same plans of `scenarios` under another `catchment_share`: all that a parameter draw changes in them."""
    drawn = [_with_catchments(plan, scenario, catchment_share) for plan, scenario in zip(plans, scenarios, strict=True)]
    _share_coverage(drawn, len(plans[0].precinct))
    return drawn


def _with_catchments(plan: Plan, scenario: Scenario, catchment_share: float) -> Plan:
    site = plan.site.copy()
    place_of = {(int(row["number"]), int(row["site_id"])): index for index, row in enumerate(site)}
    for each, (first, after) in _catchments(scenario.sites, catchment_share):
        row = site[place_of[each.key]]
        row["place_from"], row["place_to"] = first, after
    return plan._replace(site=site, precinct=plan.precinct.copy())


def _windows(scenario: Scenario) -> dict[PostKey, tuple[int, int]]:
    """When each post of a scenario exists: (first day, first day after), terms without a gap merged."""
    found: dict[PostKey, tuple[int, int]] = {}
    for site in scenario.sites:
        for role, name in enumerate(ROLE_NAMES):
            most = max(getattr(term.staff, name) for term in site.terms)
            for number in range(most):
                spans = [
                    (day_of(term.from_date), _until(term.until_date))
                    for term in site.terms
                    if getattr(term.staff, name) > number
                ]
                for window, span in enumerate(_merged(spans)):
                    found[(*site.key, role, number, window)] = span
    return found


def _merged(spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    merged: list[tuple[int, int]] = []
    for first, after in sorted(spans):
        if merged and merged[-1][1] == first:
            merged[-1] = (merged[-1][0], after)
        else:
            merged.append((first, after))
    return merged


def _until(date: dt.date | None) -> int:
    return FOR_EVER if date is None else day_of(date)


def _shift_key(shift: Shift) -> ShiftKey:
    return tuple(sorted(WEEKDAYS.index(day) for day in shift.weekdays)), shift.from_hour, shift.to_hour


def _check_room(posts: Sequence[PostKey]) -> None:
    per_precinct: dict[int, int] = defaultdict(int)
    for key in posts:
        per_precinct[key[0]] += 1
    for precinct, count in per_precinct.items():
        if count > POSTS_PER_PRECINCT:
            raise InputError(
                f"the plans compared have {count} different posts there; the engine holds {POSTS_PER_PRECINCT}",
                where=f"precinct {precinct}",
                remedy="Use fewer posts there, or compare fewer plans at a time.",
            )


class _Shared:
    """The union of sites, posts and shifts, and how one plan is written over it."""

    def __init__(self, numbers: list[int], sites: list[SiteKey], posts: list[PostKey], shifts: list[ShiftKey]) -> None:
        self.slot_of = {number: slot for slot, number in enumerate(numbers)}
        self.site_index = {key: index for index, key in enumerate(sites)}
        self.post_index = {key: index for index, key in enumerate(posts)}
        self.shift_index = {key: index for index, key in enumerate(shifts)}
        self.precinct = np.zeros(len(numbers), dtype=PLAN_PRECINCT)
        _write_spans(self.precinct, "first_site", "sites_end", [self.slot_of[key[0]] for key in sites])
        _write_spans(self.precinct, "first_post", "posts_end", [self.slot_of[key[0]] for key in posts])
        self.site_posts = np.zeros(len(sites), dtype=SITE)
        _write_spans(self.site_posts, "first_post", "posts_end", [self.site_index[key[:2]] for key in posts])
        self.shift = _shift_table(shifts)

    def plan(self, scenario: Scenario, windows: Mapping[PostKey, tuple[int, int]], catchment_share: float) -> Plan:
        begins = day_of(scenario.frame.past_starts)
        patrol = self._patrols(scenario, begins)
        precinct = self.precinct.copy()
        _write_spans(precinct, "first_patrol", "patrols_end", patrol["slot"].tolist())
        return Plan(
            site=self._sites(scenario, catchment_share),
            term=self._terms(scenario, begins),
            post=self._posts(windows, begins),
            shift=self.shift,
            patrol=patrol,
            precinct=precinct,
        )

    def _sites(self, scenario: Scenario, catchment_share: float) -> NDArray[np.void]:
        rows = self.site_posts.copy()
        for key, index in self.site_index.items():
            rows[index]["key"] = lineage(0, *key)
            rows[index]["number"], rows[index]["site_id"] = key
            rows[index]["slot"] = self.slot_of[key[0]]
        for site, (first, after) in _catchments(scenario.sites, catchment_share):
            row = rows[self.site_index[site.key]]
            row["place_from"], row["place_to"], row["opens"] = first, after, day_of(site.opens)
        return rows

    def _terms(self, scenario: Scenario, begins: int) -> NDArray[np.void]:
        rows = []
        for site in scenario.sites:
            for term in site.terms:
                until = _until(term.until_date)
                if until > begins:
                    slots = tuple(getattr(term.services, f"{name}_slots") for name in SERVICE_NAMES)
                    shift = self.shift_index[_shift_key(scenario.shifts[term.shift])]
                    start = max(begins, day_of(term.from_date))
                    delay = float(term.payment_delay_days)
                    rows.append((slots, delay, self.site_index[site.key], start, until, shift))
        return np.array(rows, dtype=TERM)

    def _posts(self, windows: Mapping[PostKey, tuple[int, int]], begins: int) -> NDArray[np.void]:
        rows = np.zeros(len(self.post_index), dtype=POST)
        for key, index in self.post_index.items():
            precinct, site_id, role = key[:3]
            slot = self.slot_of[precinct]
            first, after = windows.get(key, (NEVER, NEVER))
            if after <= begins:
                first = after = NEVER
            row = rows[index]
            row["key"] = lineage(0, *key)
            row["site"] = self.site_index[(precinct, site_id)]
            row["slot"], row["role"] = slot, role
            row["from_day"] = max(begins, first) if first != NEVER else NEVER
            row["until_day"] = after
            row["bit"] = np.uint64(1) << np.uint64(index - int(self.precinct["first_post"][slot]))
        return rows

    def _patrols(self, scenario: Scenario, begins: int) -> NDArray[np.void]:
        rows = [
            (
                self.slot_of[patrol.precinct],
                max(begins, day_of(patrol.from_date)),
                _until(patrol.until_date),
                round(patrol.share_of_precinct * PLACES),
                self.shift_index[_shift_key(scenario.shifts[patrol.shift])],
                float(patrol.officers),
            )
            for patrol in scenario.patrols
        ]
        return np.array(sorted(rows), dtype=PATROL)


def _catchments(sites: Sequence[Site], default_share: float) -> list[tuple[Site, tuple[int, int]]]:
    """Each site's interval of places: in a precinct earlier sites take the first places, later ones the next.

    A site without a share of its own takes `default_share` of what the earlier ones leave.
    """
    taken: dict[int, int] = defaultdict(int)
    found = []
    for site in sorted(sites, key=lambda site: (site.precinct, site.opens, site.site_id)):
        first = taken[site.precinct]
        share = site.catchment_share
        width = round(default_share * (PLACES - first)) if share is None else round(share * PLACES)
        taken[site.precinct] = min(PLACES, first + width)
        found.append((site, (first, taken[site.precinct])))
    return found


def _shift_table(shifts: Sequence[ShiftKey]) -> NDArray[np.void]:
    """SHIFT records; a shift past midnight ends on the next day."""
    table = np.zeros(len(shifts), dtype=SHIFT)
    for row, (weekdays, from_hour, to_hour) in zip(table, shifts, strict=True):
        for weekday in weekdays:
            row["begins"][weekday] = 1
            if from_hour < to_hour:
                row["duty"][weekday, from_hour:to_hour] = 1
            else:
                row["duty"][weekday, from_hour:] = 1
                row["duty"][(weekday + 1) % 7, :to_hour] = 1
        row["some"] = row["duty"].any(axis=1)
        for first in range(7):
            row["visits"][first, next(day % 7 for day in range(first, first + 7) if row["begins"][day % 7])] = 1
    return table


def _write_spans(precinct: NDArray[np.void], first: str, end: str, slots: Sequence[int]) -> None:
    """Write where each slot's rows begin and end in rows sorted by slot."""
    starts = np.searchsorted(np.asarray(slots, dtype=np.int64), np.arange(len(precinct) + 1))
    precinct[first], precinct[end] = starts[:-1], starts[1:]
