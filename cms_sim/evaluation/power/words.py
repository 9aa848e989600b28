"""What a run found, in lines for a terminal and in sentences for a room."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from cms_sim.evaluation.power.reported import BY_WINDOWS
from cms_sim.evaluation.power.study import Study
from cms_sim.evaluation.power.tasks import PROGRAMME
from cms_sim.evaluation.power.windows import RAW

if TYPE_CHECKING:
    import pandas as pd

    from cms_sim.evaluation.power.summary import Found

HEAD: Final = (
    "estimator", "histories", "reports without an effect", "(middle 95%)", "cries wolf", "(95%)",
    "finds 8 in 10 from", "at a true 5%",
)  # fmt: skip
CAUTION: Final = 0.10
"""Share of false alarms above which a study's own finding says little."""


def table_lines(found: Found, months: NDArray[np.datetime64], studies: list[Study]) -> Iterator[str]:
    """For each study, a line for each estimator."""
    width = max(len(name) for name in found.smallest["estimator"]) + 2
    for study in studies:
        yield f"{study.name}: {place(study, months)}"
        yield f"  {HEAD[0]:<{width}}{HEAD[1]:>9}  {HEAD[2]:>25} {HEAD[3]:<18}{HEAD[4]:>10} {HEAD[5]:<12}" + (
            f"{HEAD[6]:>19}{HEAD[7]:>14}"
        )
        for line in _of(found.smallest, study.name).to_dict("records"):
            yield f"  {line['estimator']:<{width}}{line['histories'] - line['unknown']:>9}  " + (
                f"{percent(line['bias_points']):>25} {_range(line):<18}"
                f"{share(line['false_alarm']):>10} {_shares(line):<12}"
                f"{_smallest(line['smallest_found_percent']):>19}"
                f"{_smallest(line['smallest_found_calibrated_percent']):>14}"
            )
        yield ""


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
    )
    own, calibrated = line["smallest_found_percent"], line["smallest_found_calibrated_percent"]
    yield (
        f"- To be seen 8 times in 10, people shot there must truly change by {_must(own)}; by {_must(calibrated)} "
        + ("if only 5 of 100 studies may cry wolf.")
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


def _smallest(value: float) -> str:
    return "none" if np.isnan(value) else "cries wolf" if value == 0.0 else f"{value:.0f}%"


def _must(value: float) -> str:
    return "more than any size tried" if np.isnan(value) else f"{value:.0f}%"


def _seen(value: float) -> str:
    return "an unknown number of" if np.isnan(value) else f"{100 * value:.0f} of 100"
