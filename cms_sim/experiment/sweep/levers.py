"""Levers of a design: what is set at which sites of the plans."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Final

from cms_sim.errors import InputError
from cms_sim.experiment.sweep.design import Lever
from cms_sim.scenario.resolved import Scenario, Site, SiteTerm
from cms_sim.scenario.schema import LONGEST_DELAY_DAYS, MOST_PLACES, Services, Staff

ROLES: Final = tuple(Staff.model_fields)
SERVICES: Final = tuple(Services.model_fields)
SHARE: Final = "catchment_share"
DELAY: Final = "payment_delay_days"
LATE: Final = "months_late"
LEVERS: Final = (*ROLES, *SERVICES, DELAY, SHARE, LATE)
MOST_MONTHS_LATE: Final = 240


def limits_of(lever: str) -> tuple[float, float]:
    """Smallest and largest value of a lever; all but the share are whole numbers."""
    if lever == SHARE:
        return 0.001, 1.0
    return 0.0, float({DELAY: LONGEST_DELAY_DAYS, LATE: MOST_MONTHS_LATE}.get(lever, MOST_PLACES))


def is_whole(lever: str) -> bool:
    """Whether it takes whole numbers only."""
    return lever != SHARE


def sites_of(lever: Lever, scenarios: Sequence[Scenario]) -> set[tuple[int, int]]:
    """Keys of the sites that a lever is set for, in the plans that it may change."""
    theirs = {site.key for scenario in changed_by_levers(scenarios) for site in scenario.sites}
    if lever.of == "all":
        return theirs
    if lever.of == "new":
        return theirs - {site.key for site in scenarios[0].sites}
    return {key for key in theirs if key[0] in lever.of}


def changed_by_levers(scenarios: Sequence[Scenario]) -> Sequence[Scenario]:
    """The plans that levers change: all but the reference, or the one that there is."""
    return scenarios[1:] or scenarios


def with_levers(
    scenarios: Sequence[Scenario], levers: Mapping[str, Lever], values: Mapping[str, float]
) -> tuple[Scenario, ...]:
    """The scenarios with each lever set to its value at its sites. Raises InputError for what cannot be."""
    if not values:
        return tuple(scenarios)
    wanted = {name: (sites_of(levers.get(name, Lever()), scenarios), value) for name, value in values.items()}
    kept = len(scenarios) - len(changed_by_levers(scenarios))
    changed = tuple(_with(scenario, wanted) for scenario in scenarios[kept:])
    return (*scenarios[:kept], *changed)


def _with(scenario: Scenario, wanted: Mapping[str, tuple[Collection[tuple[int, int]], float]]) -> Scenario:
    sites = []
    for site in scenario.sites:
        own = {name: value for name, (keys, value) in wanted.items() if site.key in keys}
        changed = _site(site, own) if own else site
        if changed is not None:
            sites.append(changed)
    _check_shares(scenario, sites)
    return scenario.model_copy(update={"sites": tuple(sites)})


def _site(site: Site, values: Mapping[str, float]) -> Site | None:
    """The site with its levers set; None when it would open after it closes."""
    staff = {name: int(value) for name, value in values.items() if name in ROLES}
    services = {name: int(value) for name, value in values.items() if name in SERVICES}
    terms = _later(site.terms, int(values[LATE])) if values.get(LATE) else site.terms
    if not terms:
        return None
    update = {
        "terms": tuple(
            term.model_copy(
                update={
                    "staff": term.staff.model_copy(update=staff),
                    "services": term.services.model_copy(update=services),
                    DELAY: int(values.get(DELAY, term.payment_delay_days)),
                }
            )
            for term in terms
        ),
        SHARE: values.get(SHARE, site.catchment_share),
    }
    return site.model_copy(update=update)


def _later(terms: Sequence[SiteTerm], months: int) -> tuple[SiteTerm, ...]:
    """The terms of a site that opens `months` later; dated steps stay where they are."""
    opens = later(terms[0].from_date, months)
    left = [term for term in terms if term.until_date is None or term.until_date > opens]
    return tuple(term.model_copy(update={"from_date": max(term.from_date, opens)}) for term in left)


def later(day: date, months: int) -> date:
    """The same day of a later month, or that month's last."""
    count = day.year * 12 + day.month - 1 + months
    year, month = count // 12, count % 12 + 1
    for last in (day.day, 30, 29, 28):
        try:
            return date(year, month, min(day.day, last))
        except ValueError:
            continue
    raise AssertionError("every month has 28 days")


def _check_shares(scenario: Scenario, sites: Sequence[Site]) -> None:
    for precinct in {site.precinct for site in sites}:
        shares = [site.catchment_share or 0.0 for site in sites if site.precinct == precinct]
        if sum(shares) > 1.0 + 1e-9:
            raise InputError(
                f"the sites of precinct {precinct} would cover {sum(shares):g} of it in '{scenario.name}'",
                where="levers.catchment_share",
                remedy="Lower it so that the sites of a precinct add up to at most 1.",
            )
