"""What a run found, in lines for a terminal and in sentences for a room."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from cms_sim.evaluation.power.detectable import FEWEST, WANTED_POWER, power_at
from cms_sim.evaluation.power.reported import BY_WINDOWS
from cms_sim.evaluation.power.study import Study
from cms_sim.evaluation.power.tasks import PLANTED, PROGRAMME
from cms_sim.evaluation.power.windows import RAW

if TYPE_CHECKING:
    import pandas as pd

    from cms_sim.evaluation.power.summary import Found

HEAD: Final = (
    "estimator", "histories", "reports without an effect", "(middle 95%)", "cries wolf", "(95%)", "error should be",
    "finds 8 in 10 from", "at a true 5%", "(95%)",
)  # fmt: skip
BIASED_POINTS: Final = 3.0
"""From so many points on, advice names a study's bias."""


def head_estimator(study: Study) -> str:
    """The estimator that stands for a study where one has to: against its first controls, or the raw change."""
    return BY_WINDOWS + (study.controls[0] if study.controls else RAW)


def which(found: Found, studies: Sequence[Study], fall: float) -> Iterator[str]:
    """Which studies would find a fall of so many percent 8 times in 10, at a true 5% of false alarms."""
    table = pick(found, studies, fall)
    sure = [line for line in table if line["finds"] >= WANTED_POWER]
    yield f"A true fall of {fall:g}% in people shot is found 8 times in 10, by studies of whom only 5 in 100 cry wolf:"
    for line in sure:
        bias = line["bias_points"]
        known = f", if it is known that it reports {percent(bias)} of nothing" if abs(bias) >= BIASED_POINTS else ""
        yield f"- by {line['study']} ({100 * line['finds']:.0f} of 100){known}"
    others = [line for line in table if line["finds"] < WANTED_POWER]
    best = max(others, key=lambda line: float(line["finds"]), default=None)
    if not sure:
        yield "- by none of these studies."
    if best is not None:
        left = "not by the others, of which" if sure else "Of them"
        yield f"- {left} the best is {best['study']} ({100 * best['finds']:.0f} of 100)."


def pick(found: Found, studies: Sequence[Study], fall: float) -> list[dict[str, Any]]:
    """A line for each study whose sites alone feel the effect: what stands of it in `smallest`, and `finds`, the share
    that would see this fall (NaN beyond the sizes planted or with too few histories). The fewest sites and months
    first."""
    lines = []
    for study in sorted(studies, key=lambda each: (each.number, each.before + each.after)):
        if study.spillover_share:
            continue
        estimator = head_estimator(study)
        rows = _of(found.power, study.name)
        rows = rows[(rows["estimator"] == estimator) & (rows["kind"] == PLANTED)]
        finds = power_at(-rows["effect_percent"].to_numpy(), rows["calibrated_fall"].to_numpy(), fall)
        one = _of(found.smallest, study.name)
        lines += [{**line, "finds": finds} for line in one[one["estimator"] == estimator].to_dict("records")]
    return [{str(name): value for name, value in line.items()} for line in lines]


OVERVIEW: Final = (
    "study, by its first controls",
    "without an effect",
    "cries wolf",
    "error should be",
    "finds 8 in 10 from",
    "(95%)",
)


def overview_lines(found: Found, studies: Sequence[Study], fall: float) -> Iterator[str]:
    """A line for each study, as `overview` has them."""
    yield from _lines(overview(found, studies, fall))


def overview(found: Found, studies: Sequence[Study], fall: float) -> list[tuple[str, ...]]:
    """A head, then for each study: what it reports where nothing happened, how often it cries wolf, what its error
    lacks, the smallest fall that it finds at a true 5% of false alarms, and how often it finds this one."""
    rows: list[tuple[str, ...]] = [(*OVERVIEW, f"finds {fall:g}%")]
    for line in pick(found, studies, fall):
        finds = smallest(line["smallest_found_calibrated_percent"])
        own = (
            percent(line["bias_points"]),
            share(line["false_alarm"]),
            times(line["error_times"]),
            finds,
            smallest_range(line),
        )
        rows.append((line["study"], *own, share(line["finds"])))
    return rows


def table_lines(found: Found, months: NDArray[np.datetime64], studies: Sequence[Study]) -> Iterator[str]:
    """For each study, a line for each estimator."""
    for study in studies:
        yield f"{study.name}: {place(study, months)}"
        yield from _lines(detail(found, study))
        yield ""


def detail(found: Found, study: Study) -> list[tuple[str, ...]]:
    """A head, then a row for each estimator of a study."""
    return [HEAD, *(_cells(line) for line in _of(found.smallest, study.name).to_dict("records"))]


def _lines(rows: Sequence[tuple[str, ...]]) -> Iterator[str]:
    """Rows as columns of a terminal."""
    widths = [max(map(len, column)) + 2 for column in zip(*rows, strict=True)]
    for name, *others in rows:
        yield f"  {name:<{widths[0]}}" + "".join(f"{c:>{w}}" for c, w in zip(others, widths[1:], strict=True))


def _cells(line: Mapping[Any, Any]) -> tuple[str, ...]:
    known = line["histories"] - line["unknown"]
    return (
        str(line["estimator"]),
        f"{known}",
        percent(line["bias_points"]),
        _range(line),
        share(line["false_alarm"]),
        _shares(line),
        times(line["error_times"]),
        smallest(line["smallest_found_percent"]) if known >= FEWEST else "too few",
        smallest(line["smallest_found_calibrated_percent"]) if known >= FEWEST else "too few",
        smallest_range(line),
    )


def answer(found: Found, study: Study, months: NDArray[np.datetime64]) -> Iterator[str]:
    """A study in plain words: the raw one, and the one against its first control group."""
    lines = {line["estimator"]: line for line in _of(found.smallest, study.name).to_dict("records")}
    raw = lines[BY_WINDOWS + RAW]
    yield f"{study.name}: {place(study, months)}."
    yield (
        f"- A plain before/after count reports {percent(raw['bias_points'])} on average where nothing happened, and "
        f"{100 * raw['false_alarm']:.0f} of 100 such studies ({_hundredths(raw)}) would call that a change."
    )
    if not study.controls:
        return
    name = BY_WINDOWS + study.controls[0]
    line, against = lines[name], study.controls[0].replace("_", " ")
    yield (
        f"- Set against {against}, it reports {percent(line['bias_points'])} on average where nothing happened, and "
        f"{_range(line).strip('()')} in 95 of 100 cases. {100 * line['false_alarm']:.0f} of 100 such studies "
        f"({_hundredths(line)}) cry wolf; 5 should."
        + ("" if np.isnan(line["error_times"]) else f" Its error should be {times(line['error_times'])} as large.")
    )
    own, calibrated = line["smallest_found_percent"], line["smallest_found_calibrated_percent"]
    yield (
        f"- To be seen 8 times in 10, people shot there must truly change by {_must(own)}; by {_must(calibrated)} "
        f"if only 5 of 100 studies may cry wolf ({smallest_range(line).strip('()') or 'more than any size tried'})."
    )
    power = _of(found.power, study.name)
    programme = power[(power["kind"] == PROGRAMME) & (power["estimator"] == name)].to_dict("records")
    for each in programme:
        yield (
            f"- The model's own programme changes the count there by {percent(each['true_percent'])} on average: "
            f"{_seen(each['fall'])} such studies would show a fall."
        )


def place(study: Study, months: NDArray[np.datetime64]) -> str:
    """Sites, months and starts."""
    first, last = months[min(study.starts)], months[max(study.starts)]
    when = f"from {first}" if first == last else f"from {first} to {last}"
    sites = "1 site" if study.number == 1 else f"{study.number} sites"
    span = f"{study.before} months before and after" if study.before == study.after else (
        f"{study.before} months before and {study.after} after"
    )  # fmt: skip
    return f"{sites} {when}, {span}"


def percent(value: float) -> str:
    """A change in percent with its sign."""
    return "unknown" if np.isnan(value) else f"{value:+.1f}%"


def share(value: float) -> str:
    """A share in percent."""
    return "no test" if np.isnan(value) else f"{100.0 * value:.0f}%"


def times(value: float) -> str:
    """How many times as large."""
    return "unknown" if np.isnan(value) else f"{value:.1f} times"


def smallest(value: float) -> str:
    """The smallest fall that is found."""
    return "beyond" if np.isnan(value) else "cries wolf" if value == 0.0 else f"{value:.0f}%"


def smallest_range(line: Mapping[Any, Any]) -> str:
    """Its 95% range."""
    low, high = (line[f"smallest_found_calibrated_{end}_percent"] for end in ("low", "high"))
    if np.isnan(low):
        return ""
    return f"({low:.0f}% to " + ("beyond)" if np.isnan(high) else f"{high:.0f}%)")


def _of(table: pd.DataFrame, study: str) -> pd.DataFrame:
    return table[table["study"] == study]


def _range(line: Mapping[Any, Any]) -> str:
    low, high = line["critical_low_percent"], line["critical_high_percent"]
    return "(too few)" if np.isnan(low) else f"({low:+.0f}% to {high:+.0f}%)"


def _shares(line: Mapping[Any, Any]) -> str:
    low, high = line["false_alarm_low"], line["false_alarm_high"]
    return "" if np.isnan(low) else f"({100 * low:.0f} to {100 * high:.0f}%)"


def _hundredths(line: Mapping[Any, Any]) -> str:
    return f"{100 * line['false_alarm_low']:.0f} to {100 * line['false_alarm_high']:.0f}"


def _must(value: float) -> str:
    if np.isnan(value):
        return "more than any size tried"
    return f"{value:.0f}%" if value else "nothing at all (it cries wolf so often)"


def _seen(value: float) -> str:
    return "an unknown number of" if np.isnan(value) else f"{100 * value:.0f} of 100"
