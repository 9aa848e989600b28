"""Studies side by side, as rows of words for a terminal and a page."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, Final

from cms_sim.evaluation.power.detectable import FEWEST, at
from cms_sim.evaluation.power.reported import BY_WINDOWS, UNCOMPARED
from cms_sim.evaluation.power.said import (
    Line,
    detectable_range,
    middle,
    of_hundred,
    percent,
    share,
    smallest,
    times,
)
from cms_sim.evaluation.power.study import Study
from cms_sim.evaluation.power.tasks import PLANTED
from cms_sim.evaluation.power.windows import RAW

if TYPE_CHECKING:
    import pandas as pd

    from cms_sim.evaluation.power.summary import Found

MARK: Final = " †"
"""After a number of an estimator that compares with nobody (`words.uncompared`)."""
Rows = list[tuple[str, ...]]


def head_estimator(study: Study) -> str:
    """The estimator that stands for a study where one has to: against its first controls, or the raw change."""
    return BY_WINDOWS + (study.controls[0] if study.controls else RAW)


def pick(found: Found, studies: Sequence[Study], fall: float) -> list[dict[str, Any]]:
    """A line for each study whose sites alone feel the effect: what stands of it in `smallest`; `detects`, the share
    that would detect this fall, with its Wilson interval, and `reports_percent`, what they report of it on average (NaN
    beyond the sizes planted or with too few histories). The fewest sites and months first; those that compare with
    nobody last."""
    lines = []
    for study in sorted(studies, key=lambda each: (not each.controls, each.number, each.before + each.after)):
        if study.spillover_share:
            continue
        of_study = of(found.smallest, study.name)
        for line in of_study[of_study["estimator"] == head_estimator(study)].to_dict("records"):
            told = {str(name): value for name, value in line.items()}
            lines.append({**told, **_of_fall(found, line, fall)})
    return lines


def _of_fall(found: Found, line: Line, fall: float) -> dict[str, float]:
    """What one study's estimator makes of a fall."""
    rows = _planted(found, line)
    sizes = -rows["effect_percent"].to_numpy()
    columns = {
        "detects": "calibrated_fall",
        "detects_low": "calibrated_fall_low",
        "detects_high": "calibrated_fall_high",
        "reports_percent": "estimate_percent",
    }
    return {name: at(sizes, rows[column].to_numpy(), fall) for name, column in columns.items()}


def overview(found: Found, studies: Sequence[Study], fall: float) -> Rows:
    """A head, then for each study: what it reports where nothing happened and where people shot fell by `fall` percent,
    how often it cries wolf, what its error lacks, the smallest fall that it detects, and how often it detects this."""
    head = (
        "study, against its first controls", "reports of nothing", f"of a true -{fall:g}%", "cries wolf (95%)",
        "error should be", "smallest detectable fall (95%)", f"detects a fall of {fall:g}% (95%)",
    )  # fmt: skip
    rows: Rows = [head]
    for line in pick(found, studies, fall):
        mark = MARK if line["estimator"] in UNCOMPARED else ""
        rows.append((
            line["study"],
            percent(line["bias_points"]),
            percent(line["reports_percent"]),
            share(line, "false_alarm", "no test"),
            times(line["error_times"]),
            _detectable(line) + mark,
            share(line, "detects", "not planted") + mark,
        ))  # fmt: skip
    return rows


def detail(found: Found, study: Study, fall: float) -> Rows:
    """A head, then a row for each estimator of a study."""
    head = (
        "estimator", "histories", "reports of nothing (middle 95%)", f"of a true -{fall:g}%", "cries wolf (95%)",
        "error should be", "own interval shows a fall from", "smallest detectable fall (95%)",
        "planted beside it, and detected by",
    )  # fmt: skip
    return [head, *(_cells(found, line, fall) for line in of(found.smallest, study.name).to_dict("records"))]


def _cells(found: Found, line: Line, fall: float) -> tuple[str, ...]:
    known = line["histories"] - line["unknown"]
    enough = known >= FEWEST
    return (
        str(line["estimator"]),
        f"{known}",
        f"{percent(line['bias_points'])} {middle(line)}",
        percent(_of_fall(found, line, fall)["reports_percent"]),
        share(line, "false_alarm", "no test"),
        times(line["error_times"]),
        smallest(line, "shown") if enough else "too few",
        (_detectable(line) if enough else "too few") + (MARK if line["estimator"] in UNCOMPARED else ""),
        "; ".join(_planted_around(found, line)),
    )


def _detectable(line: Line) -> str:
    return f"{smallest(line, 'detectable')} {detectable_range(line)}".strip()


def _planted_around(found: Found, line: Line) -> Iterator[str]:
    """The planted falls between which the smallest detectable one lies, and how many detect them."""
    rows = _planted(found, line)
    for side in ("missed", "found"):
        for row in rows[rows["true_percent"] == line[f"detectable_{side}_percent"]].to_dict("records"):
            if row["true_percent"]:
                yield f"{-row['true_percent']:.3g}%: {of_hundred(row, 'calibrated_fall')}"


def _planted(found: Found, line: Line) -> pd.DataFrame:
    """What one study's estimator makes of each effect that was planted."""
    rows, estimator = of(found.power, line["study"]), str(line["estimator"])
    return rows[(rows["estimator"] == estimator) & (rows["kind"] == PLANTED)]


def lines(rows: Rows) -> Iterator[str]:
    """Rows as columns of a terminal."""
    widths = [max(map(len, column)) + 2 for column in zip(*rows, strict=True)]
    for name, *others in rows:
        yield f"  {name:<{widths[0]}}" + "".join(f"{c:>{w}}" for c, w in zip(others, widths[1:], strict=True))


def of(table: pd.DataFrame, study: str) -> pd.DataFrame:
    """The rows of a study."""
    return table[table["study"] == study]
