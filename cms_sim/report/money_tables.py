"""Returns and break-even on the page: three lenses, never added up, with what each stands on."""

from __future__ import annotations

import math

from cms_sim.data.shooting_costs import Lens, load_lenses
from cms_sim.evaluation.economics.discounting import RATE_PER_YEAR
from cms_sim.evaluation.economics.returns import BreakEven, Return, break_even, returns
from cms_sim.evaluation.words import chance, number
from cms_sim.report.sheet import Sheet
from cms_sim.report.text_table import TextTable, ordered
from cms_sim.report.words import MINUS, NONE, per_dollar, usd, usd_between


def worth_table(sheet: Sheet) -> TextTable | None:
    """What each dollar buys, a column a lens; None where nothing was compared or the runs are too few."""
    if sheet.leader is None or sheet.too_few:
        return None
    lenses = list(load_lenses().values())
    found = [{each.plan: _per_dollar(each) for each in returns(sheet.results, lens)} for lens in lenses]
    rows = [
        (line.info.title, *(column[line.index] for column in found)) for line in ordered(sheet)[: len(sheet.compared)]
    ]
    caption = (
        "What each dollar more buys, by who counts: three views of the same people, never to be added up. In "
        "brackets the "
        f"95% interval of the average. Discounted at {RATE_PER_YEAR:.0%} a year."
    )
    return TextTable(caption, ("Plan", *(lens.title for lens in lenses)), rows)


def lens_notes() -> list[str]:
    """What each lens counts, and where its figures are from."""
    return [f"{lens.title}: {_lens_meaning(lens)}." for lens in load_lenses().values()]


def _lens_meaning(lens: Lens) -> str:
    return (
        f"{lens.meaning}. A death {usd(lens.death_usd)}, an injury {usd(lens.injury_usd)}, in dollars of "
        f"{lens.dollars} "
        f"({lens.origin})"
    )


def returns_tables(sheet: Sheet) -> list[TextTable]:
    """One table a lens; none where nothing was compared or the runs are too few."""
    if sheet.leader is None or sheet.too_few:
        return []
    return [_table(sheet, lens) for lens in load_lenses().values()]


def returns_notes(sheet: Sheet) -> list[str]:
    """What must be known before a return is quoted."""
    if sheet.leader is None or sheet.too_few:
        return []
    return [
        "The three tables are three payers' views of the same people. They are never added up, for the first holds "
        "much of the other two. No ratio is given for a plan that is not shown to avert.",
        f"Costs and what they buy are discounted to the first month at {RATE_PER_YEAR:.0%} a year. What a shooting "
        "costs is in the dollars of its sources; no price index is applied. Runs do not vary it: the last column does.",
    ]


def _table(sheet: Sheet, lens: Lens) -> TextTable:
    found = {each.plan: each for each in returns(sheet.results, lens)}
    even = {each.plan: each for each in break_even(sheet.results, lens)}
    headings = (
        "Plan",
        "Worth for each dollar",
        "Net, whole frame",
        "Pays in",
        "Must avert a year to pay",
        "May cost more a year",
        "Net over the range of sources",
    )
    lines = sorted(sheet.compared, key=lambda line: -float(found[line.index].net.mean))
    rows = [_row(line.info.title, found[line.index], even[line.index]) for line in lines]
    caption = f"{lens.title}: {_lens_meaning(lens)}. In brackets the 95% interval of the mean."
    return TextTable(caption, headings, rows)


def _row(title: str, found: Return, even: BreakEven) -> tuple[str, ...]:
    return (
        title,
        _per_dollar(found),
        f"{_usd(float(found.net.mean))} ({_between(float(found.net.mean_low), float(found.net.mean_high))})",
        chance(found.probability_net),
        number(even.averted_per_year) if math.isfinite(even.averted_per_year) else "costs no more",
        usd(even.cost_usd_per_year) if _clear(found) and even.cost_usd_per_year > 0.0 else "nothing",
        _between(found.net_low_usd, found.net_high_usd),
    )


def _clear(found: Return) -> bool:
    """Whether the runs show that it averts, in the lens' weights."""
    return float(found.worth.mean_low) > 0.0


def _per_dollar(found: Return) -> str:
    if float(found.worth.mean_high) < 0.0:
        return "more shot"
    if not _clear(found):
        return "not clear"
    if found.cost_usd <= 0.0:
        return "costs no more"
    return per_dollar(found.per_dollar, found.per_dollar_low, found.per_dollar_high)


def _usd(value: float) -> str:
    return usd(value) if abs(value) >= 500.0 else "$0"


def _between(low: float, high: float) -> str:
    if math.isnan(low):
        return NONE
    return usd_between(low, high).replace("-", MINUS)
