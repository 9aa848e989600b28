"""`cms-sim map`: finished results on the city's own boundaries, and for mapping programs."""

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
    """Draw a finished comparison or optimisation (FOLDER) on boundaries; export it as GeoPackage, GeoJSON and CSV
    (docs/maps.md)."""
    from cms_sim.data.city_tables import load_city_tables
    from cms_sim.experiment.whole_files import words_for_the_disk
    from cms_sim.report.maps.finished import map_finished

    target = out or folder / "maps"
    with words_for_the_disk(target):
        written = map_finished(folder, boundaries, target, load_city_tables(city))
    for file in written:
        click.echo(f"Wrote {file}")
