"""What a plan takes for granted beside its price, read from the plans themselves: moved hours, late payment."""

from __future__ import annotations

from collections.abc import Iterator

from cms_sim.report.sheet import Sheet
from cms_sim.report.words import joined
from cms_sim.scenario.resolved import Scenario, SiteTerm

Hours = tuple[tuple[bool, ...], ...]


def plan_notes(sheet: Sheet) -> list[str]:
    """Sentences on plans whose teams work other hours, or are paid later, than the reference's."""
    reference = f"“{sheet.reference.title}”"
    said = []
    moved = [line.info.title for line in sheet.lines if moves_hours(sheet, line.index)]
    if moved:
        said.append(
            f"Under {_titles(moved)} teams work other hours than under {reference}, without extra pay: money is "
            "counted by posts, whatever their hours. That is assumed."
        )
    usual = _delays_days(_scenario(sheet, sheet.results.reference))
    for line in sheet.lines:
        own = _delays_days(_scenario(sheet, line.index))
        if own and usual and own != usual:
            said.append(
                f"“{line.info.title}” is paid {_late(own)} and compared with {reference}, which is paid "
                f"{_late(usual)}: the difference holds both the plan and the delay."
            )
    return said


def moves_hours(sheet: Sheet, plan: int) -> bool:
    """Whether teams of a plan work other hours than the same teams, or a new site's than any team, of the reference.

    Unit costs are by post: no plan pays for hours."""
    own, reference = _scenario(sheet, plan), _scenario(sheet, sheet.results.reference)
    if own is None or reference is None:
        return False
    sites = {site.key: site for site in reference.sites}
    usual = {_hours(reference, term) for _, term in _terms(reference)}
    for key, term in _terms(own):
        site = sites.get(key)
        there = site.term_on(max(term.from_date, own.frame.starts)) if site else None
        if usual and _hours(own, term) not in ({_hours(reference, there)} if there else usual):
            return True
    return False


def _scenario(sheet: Sheet, plan: int) -> Scenario | None:
    name = sheet.results.plans[plan].name
    return next((scenario for scenario in sheet.scenarios if scenario.name == name), None)


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


def _titles(titles: list[str]) -> str:
    return joined([f"“{title}”" for title in titles])
