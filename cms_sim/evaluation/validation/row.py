"""A row of the validation table: one published figure, and what of a history is held against it.

**The rule**, the same for every row: a figure is *covered* when it lies inside the middle 90% of the model's predictive
distribution, which has parameters and chance in it. Where a publication gives a bound or a range instead of a figure,
the whole of that middle 90% must lie within it. A publication's sampling error is added to the draws where it is
published and the draws have none of that chance in them: other people in another place, or an estimate that the model's
truth is held against. A figure of this city's record is one history, whose chance the draws have in them already, also
where it is of some years more. An error that nobody published is never added.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from cms_sim.data.targets import EFFECT, load_targets

Kind = Literal["fitted", "predicted", "input"]
Unit = Literal["%", "ratio", "days", "count"]
LEVEL: Final = 0.9
RECORD: Final = "record"
WITHOUT_EFFECT: Final = "without_effect"
"""The posterior whose statistics leave out what sites changed."""
CONFIDENCE_HALF: Final = 1.959964


@dataclass(frozen=True)
class Row:
    """One figure. Values, bounds and errors are in `unit`, as the publication has them."""

    name: str
    words: str
    """What it is, for a reader who knows none of the names."""
    statistic: str
    """As in the statistics of a history (`histories.statistics_of`)."""
    sources: tuple[str, ...]
    """Evidence ids; `record`: the packaged record or docs/RECORD.md."""
    published: float | None = None
    """None: the record's own, computed by the same code."""
    low: float | None = None
    high: float | None = None
    """The publication's 95% interval; of a bound (`is_bound`) its ends."""
    is_bound: bool = False
    adds_error: bool = False
    """Whether the interval is of chance that histories have none of (other people in another place, an estimate against
    the model's truth): it is then added."""
    times: float = 100.0
    """From the statistic to `unit`."""
    about_sites: bool = False
    """About what sites changed: the posterior without these statistics is used, so that it is a prediction."""
    placebo: bool = False
    """Whether it looks before the start, or at start months moved or drawn by chance, where sites change next to
    nothing.
    """
    like: str = ""
    """The target that it is the same as, or nearly so: what was fitted to that was fitted to this."""
    input_by: str = ""
    """What puts it into the model: then it is an input."""
    seen: str = ""
    """Of a prediction that was in view when a parameter was set: what was taken from it, and what was not."""
    note: str = ""
    why: str = ""
    """Where it is not covered: the reason, in plain words."""

    def __post_init__(self) -> None:
        """Refuse a row that would be read as more exact than its source: raises ValueError."""
        ends = (self.low is not None) + (self.high is not None)
        if ends == 1 or (self.is_bound and (ends == 0 or self.published is not None)):
            raise ValueError(f"{self.name}: an interval has two ends, and a bound has them instead of a figure")
        if self.adds_error and (self.is_bound or ends == 0):
            raise ValueError(f"{self.name}: the error of a figure is that of its published interval")

    @property
    def kind(self) -> Kind:
        """Fitted: among the targets of the posterior that is used. Input: put into the model. Otherwise predicted."""
        if self.input_by:
            return "input"
        return "fitted" if self._is_among(fitted_statistics(self.about_sites)) else "predicted"

    @property
    def fitted_in_full(self) -> bool:
        """Whether it is predicted by the posterior that it is held against, but the full one was fitted to it."""
        return self.kind == "predicted" and self._is_among(fitted_statistics(False))

    def _is_among(self, statistics: frozenset[str]) -> bool:
        return bool(statistics & {self.statistic, self.like})

    @property
    def variant(self) -> str:
        """Of the posterior that it is held against."""
        return WITHOUT_EFFECT if self.about_sites else ""

    @property
    def added_error(self) -> float:
        """Standard deviation of the error that is added to each draw."""
        if not self.adds_error:
            return 0.0
        assert self.low is not None and self.high is not None
        return (self.high - self.low) / (2.0 * CONFIDENCE_HALF)


@dataclass(frozen=True)
class Group:
    """Rows that are shown together, in one picture."""

    name: str
    title: str
    rows: tuple[Row, ...]
    unit: Unit
    logarithmic: bool = False


@dataclass(frozen=True)
class Silent:
    """Published figures that the model gives no value for, and why."""

    words: str
    sources: tuple[str, ...]
    why: str


def fitted_statistics(about_sites: bool) -> frozenset[str]:
    """Those that the posterior in use was fitted to."""
    return frozenset(target.name for target in load_targets() if not (about_sites and target.group == EFFECT))
