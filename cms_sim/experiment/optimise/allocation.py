"""An allocation: what a plan adds in each precinct, in whole numbers, and the scenario that it stands for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Final

import numpy as np
from numpy.typing import NDArray

from cms_sim.scenario.resolved import Scenario, Site, SiteTerm
from cms_sim.scenario.schema import SHARED_SHIFTS, Services, Staff

ROLES: Final = tuple(Staff.model_fields)
SERVICES: Final = tuple(Services.model_fields)
AMOUNTS: Final = ("sites", *ROLES, *SERVICES)
"""What has a price, in the order of the columns of an allocation."""
SHIFT: Final = len(AMOUNTS)
"""Last column: which pattern of shifts."""
COLUMNS: Final = (*AMOUNTS, "shift")

Whole = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Allocation:
    """What is added in each precinct in play: [precincts, COLUMNS] whole numbers. Equal tables are equal."""

    table: Whole

    def __post_init__(self) -> None:
        """Keep it as it is: it is a key."""
        self.table.setflags(write=False)

    @cached_property
    def key(self) -> bytes:
        """What tells it from others."""
        return self.table.astype("<i4").tobytes()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Allocation) and self.key == other.key

    def __hash__(self) -> int:
        return hash(self.key)

    def amounts(self) -> Whole:
        """[AMOUNTS] sums over precincts."""
        return np.asarray(self.table[:, :SHIFT].sum(axis=0))


def shared_out(total: int, parts: int) -> list[int]:
    """A whole number over so many parts, the first ones taking what is left over."""
    each, left = divmod(total, parts)
    return [each + (part < left) for part in range(parts)]


def with_allocation(
    reference: Scenario,
    precincts: Sequence[int],
    allocation: Allocation,
    opens: date,
    patterns: Sequence[Sequence[str]],
    name: str,
    title: str = "",
) -> Scenario:
    """The reference with new sites, or where none is opened, with staff and services added to the sites that are there.

    Amounts of a precinct are shared over its sites as evenly as whole numbers go.
    """
    sites = {site.key: site for site in reference.sites}
    for precinct, row in zip(precincts, allocation.table, strict=True):
        for site in _changed_sites(reference, precinct, row, opens, patterns[row[SHIFT]]):
            sites[site.key] = site
    named = {term.shift for site in sites.values() for term in site.terms}
    shifts = {shift: reference.shifts.get(shift) or SHARED_SHIFTS[shift] for shift in sorted(named)}
    shifts |= reference.shifts
    return reference.model_copy(
        update={
            "name": name,
            "title": title or name,
            "reference": reference.name,
            "sites": tuple(site for _, site in sorted(sites.items())),
            "shifts": dict(sorted(shifts.items())),
        }
    )


def _changed_sites(
    reference: Scenario, precinct: int, row: Whole, opens: date, pattern: Sequence[str]
) -> Iterator[Site]:
    there = [site for site in reference.sites if site.precinct == precinct]
    opened = int(row[0])
    parts = list(site_parts(row, opened or len(there)))
    if opened:
        taken = max((site.site_id for site in there), default=0)
        for number, (staff, services) in enumerate(parts):
            term = SiteTerm(
                from_date=opens,
                until_date=None,
                staff=Staff(**staff),
                services=Services(**services),
                shift=pattern[number % len(pattern)],
                payment_delay_days=0,
            )
            yield Site(precinct=precinct, site_id=taken + 1 + number, provider="", catchment_share=None, terms=(term,))
        return
    for site, (staff, services) in zip(there, parts, strict=True):
        if any(staff.values()) or any(services.values()):
            yield site.model_copy(update={"terms": tuple(_added(site.terms, staff, services, opens))})


def site_parts(row: Whole, sites: int) -> Iterator[tuple[dict[str, int], dict[str, int]]]:
    """Staff and services of each site of a precinct."""
    shares = [shared_out(int(amount), sites) for amount in row[1:SHIFT]] if sites else []
    for site in range(sites):
        own = [share[site] for share in shares]
        staff = dict(zip(ROLES, own[: len(ROLES)], strict=True))
        yield staff, dict(zip(SERVICES, own[len(ROLES) :], strict=True))


def _added(
    terms: Sequence[SiteTerm], staff: Mapping[str, int], services: Mapping[str, int], opens: date
) -> Iterator[SiteTerm]:
    """The terms of a site with so much more from a day on; the term in which the day falls is cut in two."""
    for term in terms:
        ended = term.until_date is not None and term.until_date <= opens
        if ended:
            yield term
            continue
        if term.from_date < opens:
            yield term.model_copy(update={"until_date": opens})
        more = {
            "from_date": max(opens, term.from_date),
            "staff": Staff(**{role: getattr(term.staff, role) + staff[role] for role in ROLES}),
            "services": Services(**{name: getattr(term.services, name) + services[name] for name in SERVICES}),
        }
        yield term.model_copy(update=more)
