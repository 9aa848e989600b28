"""The dated terms of a site, and the limits of a precinct's sites together."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import date
from itertools import pairwise

from cms_sim.errors import InputError
from cms_sim.scenario.resolved import Site, SiteTerm, covers
from cms_sim.scenario.schema import Addition, Services, SiteEntry, Staff
from cms_sim.scenario.source import Step

MOST_POSTS = 64
"""Posts of one precinct at one time: who is known by whom is kept as one bit for each post."""

Fail = Callable[..., InputError]
"""`fail(message, remedy, *steps)`: an error at that place in the file."""


def site_terms(entry: SiteEntry, additions: Sequence[Addition], fail: Fail) -> tuple[SiteTerm, ...]:
    """What holds at a site from when to when: its own steps in order of date, the additions laid over them.

    Neighbouring terms that say the same are one, so an addition of nothing leaves the site as it was.
    """
    opens = _check_dates(entry, fail)
    steps = sorted(entry.changes, key=lambda change: change.from_date)
    within = [step.from_date for step in steps]
    for add in additions:
        within += [
            day
            for day in (add.from_date, add.until_date)
            if day and opens < day and (not entry.closes or day < entry.closes)
        ]
    dates: list[date | None] = [*sorted({opens, *within}), entry.closes]
    terms: list[SiteTerm] = []
    for start, until in pairwise(dates):
        assert start is not None  # only the last date can be open
        term = _with_additions(_own_term(entry, start, until), additions, fail)
        if terms and terms[-1].model_copy(update={"from_date": start, "until_date": until}) == term:
            terms[-1] = terms[-1].model_copy(update={"until_date": until})
        else:
            terms.append(term)
    return tuple(terms)


def _check_dates(entry: SiteEntry, fail: Fail) -> date:
    if entry.opens is None:
        raise fail(
            f"site {entry.site_id} of precinct {entry.precinct} has no opening date",
            "Add opens = 2020-07-01, for example.",
        )
    if entry.closes is not None and entry.closes <= entry.opens:
        raise fail(f"closes {entry.closes} is not after opens {entry.opens}", "Put the dates in order.", "closes")
    seen: set[date] = set()
    for change in entry.changes:
        day = change.from_date
        at: tuple[Step, ...] = ("changes", {"from": day}, "from")
        if day <= entry.opens or (entry.closes is not None and day >= entry.closes):
            life = f"opens {entry.opens}" + (f", closes {entry.closes}" if entry.closes else "")
            raise fail(f"a step of {day} lies outside the site's life ({life})", "Put the dates in order.", *at)
        if day in seen:
            raise fail(f"two steps of the same site on {day}", "Make them one entry.", *at)
        seen.add(day)
    return entry.opens


def _own_term(entry: SiteEntry, start: date, until: date | None) -> SiteTerm:
    """What the site itself says from `start` on; a step changes only what it names."""
    staff, services, shift, delay = entry.staff, entry.services, entry.shift, entry.payment_delay_days
    for change in sorted(entry.changes, key=lambda change: change.from_date):
        if change.from_date > start:
            break
        staff = staff.model_copy(update=change.staff.model_dump(exclude_unset=True)) if change.staff else staff
        services = (
            services.model_copy(update=change.services.model_dump(exclude_unset=True)) if change.services else services
        )
        shift = shift if change.shift is None else change.shift
        delay = delay if change.payment_delay_days is None else change.payment_delay_days
    return SiteTerm(
        from_date=start,
        until_date=until,
        staff=staff,
        services=services,
        shift=shift,
        payment_delay_days=delay,
    )


def _with_additions(term: SiteTerm, additions: Sequence[Addition], fail: Fail) -> SiteTerm:
    """The term with what is added that day; of two shifts or delays the later wins, on one date they must agree."""
    active = [
        add
        for add in additions
        if add.from_date <= term.from_date and (not add.until_date or term.from_date < add.until_date)
    ]
    return term.model_copy(
        update={
            "staff": Staff(**_sum(term.staff, (add.staff for add in active))),
            "services": Services(**_sum(term.services, (add.services for add in active))),
            "shift": _latest(term.shift, active, "shift", fail),
            "payment_delay_days": _latest(term.payment_delay_days, active, "payment_delay_days", fail),
        }
    )


def _sum(base: Staff | Services, added: Iterable[Staff | Services]) -> dict[str, int]:
    parts = [base, *added]
    return {name: sum(getattr(part, name) for part in parts) for name in type(base).model_fields}


def _latest(own: str | int, active: Sequence[Addition], name: str, fail: Fail) -> str | int:
    setting = [(add.from_date, getattr(add, name)) for add in active if getattr(add, name) is not None]
    if not setting:
        return own
    newest = max(day for day, _ in setting)
    values = sorted({value for day, value in setting if day == newest})
    if len(values) > 1:
        listed = " and ".join(map(str, values))
        raise fail(f"two additions from {newest} set different values of {name}: {listed}", "Keep one of them.", name)
    return values[0]  # type: ignore[no-any-return]


def check_precinct(precinct: int, sites: Sequence[Site], fail: Fail) -> None:
    """Refuse more than 64 posts at one time, and catchment shares that add up to more than the precinct."""
    for day in sorted({term.from_date for site in sites for term in site.terms}):
        open_terms = [(site, term) for site in sites for term in site.terms if covers(term, day)]
        last = open_terms[-1][0]
        at: tuple[Step, ...] = ("levers", "sites", {"precinct": precinct, "site_id": last.site_id})
        posts = sum(term.staff.posts for _, term in open_terms)
        if posts > MOST_POSTS:
            remedy = f"At most {MOST_POSTS}; move {posts - MOST_POSTS} posts to other precincts or other dates."
            raise fail(f"precinct {precinct} has {posts} posts on {day}", remedy, *at, "staff")
        share = sum(site.catchment_share or 0.0 for site, _ in open_terms)
        if share > 1.0 + 1e-9:
            remedy = "Lower catchment_share so that the sites open at one time add up to at most 1."
            raise fail(
                f"the sites of precinct {precinct} cover {share:g} of it on {day}", remedy, *at, "catchment_share"
            )
