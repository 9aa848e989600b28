"""Maps and exports of a comparison that is finished, from the tables in its folder."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from cms_sim.data.city_tables import CityTables
from cms_sim.errors import InputError
from cms_sim.report.maps.boundaries import Boundaries, load_boundaries
from cms_sim.report.maps.exports import export_table, write_exports

if TYPE_CHECKING:
    import pandas as pd


def map_finished(folder: Path, boundaries_file: Path, out: Path, city: CityTables) -> list[Path]:
    """Draw a map of every plan of the comparison in `folder`, and write the exports; what was written, in order.

    Raises InputError for a folder without the tables of a comparison, and for boundaries that cannot be used.
    """
    by_precinct, summary = (_table(folder, name) for name in ("by_precinct", "summary"))
    titles = dict(zip(summary["plan"], summary["title"], strict=True))
    table = export_table(by_precinct, titles)
    reference = summary.loc[summary["role"] == "reference", "plan"].tolist()
    plans = [plan for plan in titles if plan not in reference]
    if not plans or not reference:
        raise InputError("holds no plan beside the reference", where=str(folder), remedy="Compare a plan first.")
    boundaries = load_boundaries(boundaries_file, city, sorted(set(table["precinct"])))
    written = write_exports(table, boundaries, out, plans)
    for plan in plans:
        written += _draw(table[table["plan"] == plan], boundaries, out / f"{plan}.png", titles, reference[0])
    return written


def _draw(
    rows: pd.DataFrame, boundaries: Boundaries, file: Path, titles: Mapping[str, str], reference: str
) -> list[Path]:
    from cms_sim.report.maps.outline_map import Gains, alt_of, draw_gains
    from cms_sim.report.style import Picture, drawn

    mean, low, high = (rows[name].to_numpy(float) for name in ("averted", "averted_low", "averted_high"))
    new = tuple(rows.loc[rows["new_site"], "precinct"])
    gains = Gains(tuple(int(each) for each in rows["precinct"]), mean, low, high, new)
    fewer, more = (int((rows["told"] == word).sum()) for word in ("fewer", "more"))
    clear = f"clearly fewer people shot in {fewer}, clearly more in {more} of {len(rows)} precincts"
    finding = f"“{titles[file.stem]}”: {clear if gains.has_interval else 'too few runs to say where a change is clear'}"
    figure = drawn(draw_gains)(boundaries, gains, finding, f"People not shot a year, against “{titles[reference]}”")
    picture = Picture(file.stem, figure, "", alt_of(gains))
    file.write_bytes(picture.png())
    file.with_suffix(".svg").write_bytes(picture.svg())
    return [file, file.with_suffix(".svg")]


def _table(folder: Path, name: str) -> pd.DataFrame:
    import pandas as pd

    file = folder / f"{name}.csv"
    remedy = "Give the folder of a finished comparison, such as results/default."
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
