"""Returns, break-even and acceptability as tables, and the words for what they can and cannot say."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
import pandas as pd

from cms_sim.data.shooting_costs import Lens, load_lenses
from cms_sim.evaluation.economics.discounting import RATE_PER_YEAR
from cms_sim.evaluation.economics.returns import BreakEven, Return, acceptable_shares, break_even, returns
from cms_sim.evaluation.side_tables import VALUES_USD
from cms_sim.evaluation.words import TOO_FEW, chance, interval, money
from cms_sim.experiment.results import Results


def returns_table(
    results: Results, lenses: Mapping[str, Lens] | None = None, rate_per_year: float = RATE_PER_YEAR
) -> pd.DataFrame:
    """One row per lens and plan but the reference: lens, plan, dollars (year of the lens' figures), origin,
    rate_per_year; cost_usd, worth_usd and net_usd over the frame, discounted, with _mean_low, _mean_high, _low_90,
    _high_90 of worth and net; net_lens_low_usd, net_lens_high_usd; probability_net; per_dollar with _low, _high;
    break_even_averted_per_year, break_even_percent, break_even_probability, break_even_cost_usd_per_year; text."""
    rows = []
    for lens in (lenses or load_lenses()).values():
        for found, even in zip(returns(results, lens, rate_per_year), break_even(results, lens), strict=True):
            if found.plan != results.reference:
                rows.append(_row(results, found, even))
    return pd.DataFrame(rows)


def _row(results: Results, found: Return, even: BreakEven) -> dict[str, object]:
    row: dict[str, object] = {
        "lens": found.lens.name,
        "plan": results.plans[found.plan].name,
        "dollars": found.lens.dollars,
        "origin": found.lens.origin,
        "rate_per_year": found.rate_per_year,
        "cost_usd": found.cost_usd,
    }
    for name, values in (("worth", found.worth), ("net", found.net)):
        row[f"{name}_usd"] = float(values.mean)
        for end in ("mean_low", "mean_high", "low_90", "high_90"):
            row[f"{name}_usd_{end}"] = float(getattr(values, end))
    return row | {
        "net_lens_low_usd": found.net_low_usd,
        "net_lens_high_usd": found.net_high_usd,
        "probability_net": found.probability_net,
        "per_dollar": found.per_dollar,
        "per_dollar_low": found.per_dollar_low,
        "per_dollar_high": found.per_dollar_high,
        "break_even_averted_per_year": even.averted_per_year,
        "break_even_percent": even.percent,
        "break_even_probability": even.probability,
        "break_even_cost_usd_per_year": even.cost_usd_per_year,
        "text": return_text(found),
    }


def acceptability_table(results: Results) -> pd.DataFrame:
    """One row per worth of a victim averted and plan but the reference: value_usd, plan, probability_runs (share of
    single runs in which it is worth its money), probability_average (of bootstrapped averages)."""
    runs, average = (acceptable_shares(results, VALUES_USD, of_average=each) for each in (False, True))
    plans = [k for k in range(len(results.plans)) if k != results.reference]
    return pd.DataFrame(
        {
            "value_usd": np.repeat(VALUES_USD, len(plans)),
            "plan": np.tile([results.plans[k].name for k in plans], len(VALUES_USD)),
            "probability_runs": runs[:, plans].ravel(),
            "probability_average": average[:, plans].ravel(),
        }
    )


def per_dollar_text(found: Return) -> str:
    """`$2.9 (2.7 to 3.0)`, or in cents where it is less than one: `$0.035 (0.033 to 0.037)`."""
    low, high = found.per_dollar_low, found.per_dollar_high
    ends = (
        "" if math.isnan(low) else f" ({low:#.2g} to {high:#.2g})" if high < 100.0 else f" ({low:,.0f} to {high:,.0f})"
    )
    return f"${found.per_dollar:#.2g}{ends}" if high < 100.0 else f"${found.per_dollar:,.0f}{ends}"


def return_text(found: Return) -> str:
    """A sentence that claims no more than the runs show; a harmful plan has a loss and never a return."""
    worth, net = found.worth, found.net
    if float(worth.mean) == 0.0 and found.cost_usd == 0.0:
        return "averts nothing and costs nothing more"
    if math.isnan(float(worth.mean_low)):
        return f"{TOO_FEW} are needed"
    if float(worth.mean_high) < 0.0:
        more = " and costs more" if found.cost_usd > 0.0 else ""
        return (
            f"more people are shot{more}: a loss of {money(-float(net.mean))}"
            if float(net.mean) < 0.0
            else (f"more people are shot, which is worth less than the {money(-found.cost_usd)} that it saves")
        )
    if float(worth.mean_low) <= 0.0:
        return "whether it averts at all is not told apart from chance, so no return is given"
    span = interval(float(net.mean_low), float(net.mean_high), money)
    if found.cost_usd <= 0.0:
        return f"costs no more and averts: worth {money(float(net.mean))} ({span})"
    ratio = f"{per_dollar_text(found)} for each dollar"
    sure = f"worth more than it costs in {chance(found.probability_net)} of runs"
    return f"{ratio}, net {money(float(net.mean))} ({span}); {sure}"
