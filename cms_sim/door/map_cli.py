"""`cms-sim map`: a finished comparison on the city's own boundaries, and its results for mapping programs."""

from __future__ import annotations

from pathlib import Path

import click

_FILE = click.Path(path_type=Path)


@click.command("map")
@click.argument("folder", type=_FILE)
@click.option("--boundaries", type=_FILE, required=True, help="Precincts as GeoJSON or shapefile (plain or zipped).")
@click.option("--city", type=_FILE, default=None, help="Folder of another city's tables.")
@click.option("--out", type=_FILE, default=None, help="Where maps and exports go (default FOLDER/maps).")
def map_results(folder: Path, boundaries: Path, city: Path | None, out: Path | None) -> None:
    """Draw a finished comparison (FOLDER) on boundaries; export it as GeoPackage, GeoJSON and CSV (docs/maps.md)."""
    from cms_sim.data.city_tables import load_city_tables
    from cms_sim.report.maps.finished import map_finished
    from cms_sim.report.write import check_writable

    target = out or folder / "maps"
    if folder.is_dir():
        check_writable(target)
    for file in map_finished(folder, boundaries, target, load_city_tables(city)):
        click.echo(f"Wrote {file}")
