"""Maps and exports of a comparison or an optimisation that is finished, from what is in its folder."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from cms_sim.data.city_tables import CityTables
from cms_sim.errors import InputError
from cms_sim.evaluation.decision.decision import DECISION
from cms_sim.evaluation.decision.decision_file import read_decision
from cms_sim.report.maps.boundaries import Boundaries, load_boundaries
from cms_sim.report.maps.decided import decision_table
from cms_sim.report.maps.exports import export_table, put, write_exports

if TYPE_CHECKING:
    import pandas as pd

    from cms_sim.report.style import Picture

LEAST_PEOPLE: Final = 0.05
"""A year: less prints as 0.0."""
LITTLE_PEOPLE: Final = 0.5


def map_finished(folder: Path, boundaries_file: Path, out: Path, city: CityTables) -> list[Path]:
    """Draw a map of every plan of the comparison or optimisation in `folder`, and write the exports; what was written,
    in order.

    Raises InputError for a folder that holds neither, and for boundaries that cannot be used.
    """
    from cms_sim.report.write import check_writable

    told = _decided(folder, city) if (folder / DECISION).is_file() else _compared(folder)
    boundaries = load_boundaries(boundaries_file, city, sorted(set(told.table["precinct"])))
    check_writable(out)  # it makes the folder, so that nothing stays of what is refused before
    written = write_exports(told.table, boundaries, out, list(told.plans))
    for plan, title in told.plans.items():
        rows = told.table[told.table["plan"] == plan]
        picture = gains_picture(plan, rows, boundaries, title, told.reference)
        written += [put(out / f"{plan}.png", picture.png()), put(out / f"{plan}.svg", picture.svg())]
    return written


@dataclass(frozen=True)
class _Told:
    """What a folder tells: the export table, titles of its plans by name, and of what they are held against."""

    table: pd.DataFrame
    plans: dict[str, str]
    reference: str


def _compared(folder: Path) -> _Told:
    by_precinct, summary = (_table(folder, name) for name in ("by_precinct", "summary"))
    titles = {str(plan): str(title) for plan, title in zip(summary["plan"], summary["title"], strict=True)}
    table = export_table(by_precinct, titles)
    reference = summary.loc[summary["role"] == "reference", "plan"].tolist()
    plans = {plan: title for plan, title in titles.items() if plan not in reference}
    if not plans or not reference:
        raise InputError("holds no plan beside the reference", where=str(folder), remedy="Compare a plan first.")
    return _Told(table, plans, titles[reference[0]])


def _decided(folder: Path, city: CityTables) -> _Told:
    decision = read_decision(folder)
    reference, *plans = decision.plans
    return _Told(decision_table(decision, city), {plan.name: plan.title for plan in plans}, reference.title)


def gains_picture(
    name: str, rows: pd.DataFrame, boundaries: Boundaries, title: str, reference: str, caption: str = ""
) -> Picture:
    """A plan's gains by precinct on the city's own shapes, from its `rows` of an export table."""
    from cms_sim.report.maps.outline_map import Gains, alt_of, draw_gains
    from cms_sim.report.style import Picture, drawn

    mean, low, high = (rows[column].to_numpy(float) for column in ("averted", "averted_low", "averted_high"))
    new = tuple(rows.loc[rows["new_site"], "precinct"])
    gains = Gains(tuple(int(each) for each in rows["precinct"]), mean, low, high, new)
    told = clear_changes(rows) if gains.has_interval else "too few runs to say where a change is clear"
    finding = f"“{title}”: {told}"
    figure = drawn(draw_gains)(boundaries, gains, finding, f"People not shot a year, against “{reference}”")
    return Picture(
        name, figure, caption, f"{title}, people not shot a year. {alt_of(gains)}" if caption else alt_of(gains)
    )


def clear_changes(rows: pd.DataFrame) -> str:
    """In how many precincts a change is clear and reads as one: what is clear but prints as 0.0 is not counted, and
    how many are small is said."""
    size = rows["averted"].abs()
    seen = size >= LEAST_PEOPLE
    fewer, more = (seen & (rows["told"] == word) for word in ("fewer", "more"))
    little = int((fewer & (size < LITTLE_PEOPLE)).sum())
    by_little = f" ({little} of them by less than {LITTLE_PEOPLE} a year)" if little else ""
    where = f"{int(fewer.sum())}{by_little}, clearly more in {int(more.sum())} of {len(rows)} precincts"
    return f"clearly fewer people shot in {where}"


def _table(folder: Path, name: str) -> pd.DataFrame:
    import pandas as pd

    file = folder / f"{name}.csv"
    remedy = "Give the folder of a finished comparison or optimisation, such as results/default."
    if not file.is_file():
        raise InputError(f"has no {name}.csv", where=str(folder), remedy=remedy)
    try:
        table = pd.read_csv(file)
    except (ValueError, OSError) as error:
        raise InputError(f"cannot be read: {error}", where=str(file), remedy=remedy) from None
    needed = {"plan", "title", "role"} if name == "summary" else {"plan", "precinct", "new_site"}
    if not needed <= set(table.columns):
        raise InputError("is not a table of a comparison", where=str(file), remedy=remedy)
    return table
