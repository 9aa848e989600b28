"""What a plan takes for granted beside its price, read from the plans themselves: moved hours, late payment, spare
supervisors."""

from __future__ import annotations

from collections.abc import Iterator

from cms_sim.report.sheet import Sheet
from cms_sim.report.words import count, quoted
from cms_sim.scenario.resolved import Scenario, Site, SiteTerm

Hours = tuple[tuple[bool, ...], ...]


def plan_notes(sheet: Sheet) -> list[str]:
    """Sentences on plans whose teams work other hours or are paid later than the reference's, or have spare posts."""
    reference = f"“{sheet.reference.title}”"
    said = []
    moved = [line.info.title for line in sheet.lines if moves_hours(sheet, line.index)]
    if moved:
        said.append(
            f"Under {quoted(moved)} teams work other hours than under {reference}, without extra pay: money is "
            "counted by posts, whatever their hours. That is assumed."
        )
    usual = _delays_days(sheet.scenario(sheet.results.reference))
    for line in sheet.lines:
        own = _delays_days(sheet.scenario(line.index))
        if own and usual and own != usual:
            said.append(
                f"“{line.info.title}” is paid {_late(own)} and compared with {reference}, which is paid "
                f"{_late(usual)}: the difference holds both the plan and the delay."
            )
    return said + _spare_supervisors(sheet)


def _spare_supervisors(sheet: Sheet) -> list[str]:
    def spare(plan: int) -> bool:
        scenario = sheet.scenario(plan)
        return scenario is not None and any(term.staff.supervisors > 1 for _, term in _terms(scenario))

    titles = [line.info.title for line in sheet.lines if spare(line.index)]
    if not titles:
        return []
    return [
        f"Under {quoted(titles)} sites have a second supervisor. All that one does in the model is to cover while the "
        "first one's post is vacant; whatever else a second one is worth is left out."
    ]


def hours_and_money(sheet: Sheet, plan: int) -> str:
    """What moved hours of the reference's own teams leave open, in a sentence; empty where none are moved.

    Where a plan of the same posts, services and dates keeps the hours, it says what those alone avert."""
    moved, reference = len(_moved_sites(sheet, plan)), f"“{sheet.reference.title}”"
    if not moved:
        return ""
    sites = f"{moved} site{'s' * (moved != 1)}"
    same = next((line for line in sheet.compared if _differs_in_hours_only(sheet, plan, line.index)), None)
    part = (
        f" (“{same.info.title}”, the same posts at the usual hours, averts about {count(same.averted.mean)})"
        if same
        else ""
    )
    return (
        f"“{sheet.results.plans[plan].title}” also moves the hours of {sites} that {reference} has, which would need "
        "no money: how much is due to those hours and how much to the money, the plans compared do not tell "
        f"apart{part}."
    )


def _differs_in_hours_only(sheet: Sheet, plan: int, other: int) -> bool:
    own, its = sheet.scenario(plan), sheet.scenario(other)
    if plan == other or own is None or its is None or own.patrols != its.patrols or _moved_sites(sheet, other):
        return False
    return [_without_hours(site) for site in own.sites] == [_without_hours(site) for site in its.sites]


def _without_hours(site: Site) -> Site:
    """The site as if its team had no hours; terms that differ in hours only become one."""
    terms: list[SiteTerm] = []
    for term in (each.model_copy(update={"shift": ""}) for each in site.terms):
        if terms and terms[-1].model_copy(update={"from_date": term.from_date, "until_date": term.until_date}) == term:
            terms[-1] = terms[-1].model_copy(update={"until_date": term.until_date})
        else:
            terms.append(term)
    return site.model_copy(update={"terms": tuple(terms)})


def moves_hours(sheet: Sheet, plan: int) -> bool:
    """Whether teams of a plan work other hours than the same teams, or a new site's than any team, of the reference.

    Unit costs are by post: no plan pays for hours."""
    own, reference = sheet.scenario(plan), sheet.scenario(sheet.results.reference)
    if own is None or reference is None:
        return False
    there = {site.key for site in reference.sites}
    usual = {_hours(reference, term) for _, term in _terms(reference)}
    new = {_hours(own, term) for key, term in _terms(own) if key not in there}
    return bool(_moved_sites(sheet, plan) or (usual and new - usual))


def _moved_sites(sheet: Sheet, plan: int) -> set[tuple[int, int]]:
    """Keys of the sites that the reference has too, at other hours."""
    own, reference = sheet.scenario(plan), sheet.scenario(sheet.results.reference)
    if own is None or reference is None:
        return set()
    sites = {site.key: site for site in reference.sites}
    moved = set()
    for key, term in _terms(own):
        there = sites[key].term_on(max(term.from_date, own.frame.starts)) if key in sites else None
        if there and _hours(own, term) != _hours(reference, there):
            moved.add(key)
    return moved


def _terms(scenario: Scenario) -> Iterator[tuple[tuple[int, int], SiteTerm]]:
    """Key of the site and term, of every term that meets the frame."""
    frame = scenario.frame
    for site in scenario.sites:
        for term in site.terms:
            if term.from_date < frame.until_date and (term.until_date is None or term.until_date > frame.starts):
                yield site.key, term


def _hours(scenario: Scenario, term: SiteTerm) -> Hours:
    return scenario.shifts[term.shift].on_duty


def _delays_days(scenario: Scenario | None) -> set[int]:
    """Delays of payment in the frame; none of a plan without sites, or of an unknown one."""
    return {term.payment_delay_days for _, term in _terms(scenario)} if scenario else set()


def _late(days: set[int]) -> str:
    longest = max(days)
    return f"{'up to ' if len(days) > 1 else ''}{longest} days late" if longest else "on time"
