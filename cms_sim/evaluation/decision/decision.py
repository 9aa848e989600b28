"""What an optimisation found: the file `decision.json`, as types. Described for readers in docs/optimise.md.

Amounts a year are means over the frame. Every `Estimate` rests on fresh runs, paired with the reference's; its interval
is the 95% interval of the mean over dice and parameter draws, clustered by draw. The plans were chosen on other runs,
but which of them is named first rests on these: its lead is slightly flattered, which `probability_best` allows for.
Numbers that cannot be said (too few draws, one replicate each, a division by nothing) are null in the file, None here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from cms_sim.evaluation.decision.acceptable import Acceptable

DECISION: Final = "decision.json"
REPORT, PDF, MAPS = "report.html", "report.pdf", "maps"
"""What is told of it, beside it."""
FORM: Final = 2
"""Raised when a reader of the file would have to change."""


@dataclass(frozen=True)
class Estimate:
    """A mean with its 95% interval."""

    mean: float
    low: float | None
    high: float | None


@dataclass(frozen=True)
class PrecinctPart:
    """What a plan adds in a precinct beyond the reference on the frame's last day, and what comes of it there."""

    precinct: int
    name: str
    in_play: bool
    """Whether money of the problem may go there."""
    sites: int
    staff: Mapping[str, int]
    services: Mapping[str, int]
    shifts: tuple[str, ...]
    """Of the sites that it opens."""
    usd_per_year: float
    victims_per_year: float
    """Under the plan."""
    victims_per_100k_per_year: float
    averted_per_year: Estimate
    recorded_per_year: float | None = None
    """Victims there on record in 2017-2019; None where not known, where a surge lifts levels, in older files."""


@dataclass(frozen=True)
class Equity:
    """How what is averted, and what is left, lies on people and places."""

    worst_off_precinct: int
    """Most victims per resident under the reference, of those in play."""
    worst_off_averted_per_year: Estimate
    worst_off_per_100k_per_year: float
    """Victims there under the plan."""
    rate_ratio: Estimate | None
    """Victims per resident under the plan, worst-off over best-off precinct in play (as under the reference)."""
    rate_ratio_by_census: Mapping[str, Estimate | None]
    """The same, the half of precincts with the higher share over the other: `black_or_hispanic`, `snap_households`."""
    averted_per_year_by_group: Mapping[str, Estimate]
    """By sex and age of those shot, such as `men 18-24`."""


@dataclass(frozen=True)
class Condition:
    """Bounds on one assumption; both ends None where it is about the hypothesis."""

    name: str
    """A parameter, or `hypothesis`."""
    unit: str
    low: float | None
    high: float | None
    value: str | None
    """The hypothesis."""


@dataclass(frozen=True)
class Region:
    """A part of what may be true in which a plan is behind another one."""

    text: str
    conditions: tuple[Condition, ...]
    share_of_futures: float
    """Weight of parameter draws in it."""
    lead_per_year: Estimate
    """Of the plan over the best other one, in the score: below 0."""
    best_there: str
    """Name of the plan with the highest mean in it."""


@dataclass(frozen=True)
class Robustness:
    """How a plan fares over parameter draws and hypotheses, chance apart."""

    share_best: float | None
    """Weight of draws in which its expected score is the highest of all that may be chosen; None for named plans, and
    where draws have one replicate each."""
    share_harm: float | None
    """Weight of draws in which it is expected to avert less than nothing; None where draws have one replicate each, so
    that chance cannot be told from what a draw does."""
    share_harm_by_hypothesis: Mapping[str, float]
    """Empty where `share_harm` is None."""
    maximum_regret_per_year: float | None
    """Largest shortfall of its score from the draw's best plan that is to be expected over all draws; None for named
    plans, and where draws have one replicate each."""
    regret_by_hypothesis_per_year: Mapping[str, float]
    """Mean shortfall from the plan with the highest mean under that hypothesis; empty for named plans."""
    stops_being_best: tuple[Region, ...]
    """Found by a regression tree; empty where none was found, which is no proof that there is none."""
    tree_skill: float | None
    """Share of the lead's variance that the tree tells in draws it was not grown on; None where none was grown."""


@dataclass(frozen=True)
class PlanResult:
    """A plan that was run afresh."""

    name: str
    title: str
    kind: str
    """`reference`, `finalist`, `cheaper`, `for the worst off`, `rule of thumb` or `named`."""
    keeps_rules: bool | None
    """Whether it keeps to the problem's rules and budget; None for scenarios that the problem names."""
    file: str | None
    """Its scenario file, in the folder of the decision or as the problem names it."""
    runs_id: str
    """Its name in the column `plan` of `runs.parquet`."""
    cost_usd_per_year: float
    """Beyond the reference."""
    cost_usd: float
    """Over the frame."""
    opening_usd: float
    """Of `cost_usd`: paid once, when sites open."""
    cost_by_fiscal_year_usd: Mapping[int, float]
    """Of `cost_usd`; a fiscal year is named after the year in which it ends, on 30 June."""
    averted_per_year: Estimate
    deaths_averted_per_year: Estimate
    averted_by_hypothesis_per_year: Mapping[str, Estimate]
    usd_per_averted: Estimate | None
    """None unless it costs more and its interval of averted lies above 0."""
    chance_of_harm: float
    """Share of single runs in which more people are shot than under the reference."""
    score_per_year: Estimate
    """What the problem weighs; victims averted, where it says nothing else."""
    probability_best: float | None
    """That its expected score is the highest of all that may be chosen; None for the problem's other plans."""
    expected_regret_per_year: float | None
    """How much of the score is expected to be missed by choosing it; None for the problem's other plans."""
    on_front: bool
    """Whether no other plan is as good in every criterion of `Decision.criteria`."""
    criteria: Mapping[str, float]
    precincts: tuple[PrecinctPart, ...]
    """Every one of the frame."""
    equity: Equity
    robustness: Robustness
    nine_runs_in_ten_per_year: tuple[float, float] | None = None
    """Victims averted: where 90 of 100 single runs lie, chance and what is not known together; None where too few."""
    expected_range_per_year: tuple[float, float] | None = None
    """Victims averted: where 95 of 100 draws put the average, chance apart; None where each has one replicate."""
    within_budget: bool | None = None
    """Of a scenario that the problem names: whether it keeps to the budget, year by year and fund by fund."""
    breaks_rules_in: tuple[int, ...] | None = None
    """Of a scenario that the problem names: precincts in play where what it adds by the last day breaks the rules."""


@dataclass(frozen=True)
class Contrast:
    """The winner held against another plan, in pairs."""

    plan: str
    role: str
    """`runner-up`, `equal split`, `split by need`, `named` (by the problem, as the announced split) or `reference`."""
    difference_per_year: Estimate
    """Victims averted by the winner beyond it."""
    probability_better: float
    """That the winner averts more on average."""
    told_apart: bool
    """Whether the 95% interval of the difference leaves out 0."""
    sentence: str
    for_its_money: str | None = None
    """A sentence on a named plan cheaper than the winner: what a plan found for no more money does beside it."""


@dataclass(frozen=True)
class Known:
    """What perfect knowledge of one thing would be worth, in the score a year."""

    name: str
    """A parameter, or `hypothesis`."""
    unit: str
    value_per_year: float
    """Noise taken off; 0 where nothing is left."""
    noise_per_year: float
    """What the likeliest of as many things that mean nothing shows by chance (95th percentile of the highest)."""

    @property
    def is_told(self) -> bool:
        """Whether it stands out from chance."""
        return self.value_per_year > self.noise_per_year


@dataclass(frozen=True)
class Information:
    """Value of knowing before one chooses among these plans."""

    everything_per_year: float
    by_parameter: tuple[Known, ...]
    """Highest first."""
    changes_the_choice: float
    """Weight of draws in which another plan than the winner would be chosen."""


@dataclass(frozen=True)
class BreakEven:
    """From where on the winner pays through a lens (docs/money.md), undiscounted where it is not said otherwise."""

    lens: str
    title: str
    averted_per_year: float | None
    share_of_expected: float | None
    """The same as a share of what it is expected to avert: below 1 it pays."""
    most_usd_per_year: float
    """The most it may cost for what it is expected to avert."""
    net_usd: Estimate
    """Worth of what it averts less what it costs, over the frame, discounted to its first month."""
    per_dollar: Estimate | None
    """The same worth for each dollar; None unless it costs more and its interval of the worth lies above 0."""
    per_dollar_range: tuple[float, float] | None = None
    """Its mean at the low and the high end of what a shooting costs by the lens' sources."""


@dataclass(frozen=True)
class Effort:
    """What it took."""

    runs: int
    """Simulated runs of the search, the frame's other precincts left out, and of the finalists in the whole frame."""
    fresh_runs: int
    """Of them."""
    plans: int
    """Different plans run."""
    draws: Mapping[str, int]
    """Fresh parameter draws of each hypothesis."""
    fresh_replicates: int
    """Of each plan."""
    saved_by_pairing: float | None
    """Times as many fresh runs without pairing to be as sure of the winner's lead, where pairing saves least."""
    surface_error: float | None
    """Of plans proposed later: standard deviation about what the surface said, over their mean score."""


@dataclass(frozen=True)
class Decision:
    """The answer to a problem."""

    form: int
    title: str
    answer: tuple[str, ...]
    """In sentences: what to do, how sure that is, what would change it."""
    winner: str
    """Name of the plan with the highest expected score, the reference left out: see `nothing_more_leads`."""
    likely_best: tuple[str, ...]
    """Fewest plans that hold the best one with 80% probability, likeliest first."""
    careful_choice: str | None
    """Plan with the least `maximum_regret_per_year` (minimax regret); None where draws have one replicate each."""
    not_told_apart: tuple[str, ...]
    """Plans whose difference from the winner has an interval with 0 in it."""
    plans: tuple[PlanResult, ...]
    """The reference first, then the winner, then the others."""
    criteria: Mapping[str, str]
    """What the front weighs: name to `more` or `less`, whichever is better."""
    contrasts: tuple[Contrast, ...]
    information: Information | None
    """None where draws have one replicate each."""
    break_even: tuple[BreakEven, ...]
    effort: Effort
    problem: Mapping[str, Any]
    """The problem file, defaults filled in."""
    starts: str
    ends: str
    hypotheses: Mapping[str, float]
    """Weights; they add up to 1."""
    parameters: Mapping[str, str]
    """Where each hypothesis' draws come from."""
    hashes: Mapping[str, str]
    """SHA-256 (hex) of the `city` and of the `parameters` that the runs were made with, and of the `prices`."""
    version: str
    command: tuple[str, ...] = ()
    """The command line as it was given; empty where none was, and in older files."""
    acceptability: tuple[Acceptable, ...] = ()
    """Empty where draws have one replicate each, and in older files."""

    @property
    def nothing_more_leads(self) -> bool:
        """Whether the reference scores more than the winner is expected to: by what is weighed nothing more is best."""
        reference, winner = self.plans[0].expected_regret_per_year, self.plan(self.winner).expected_regret_per_year
        return reference is not None and winner is not None and reference < winner

    @property
    def is_advice(self) -> bool:
        """Whether the winner is shown to score more than the reference: its interval lies above 0."""
        low = self.plan(self.winner).score_per_year.low
        return low is not None and low > 0.0 and not self.nothing_more_leads

    @property
    def choices(self) -> int:
        """How many may be chosen, doing nothing more among them."""
        return sum(plan.probability_best is not None for plan in self.plans)

    def plan(self, name: str) -> PlanResult:
        """The plan of that name."""
        return next(plan for plan in self.plans if plan.name == name)
