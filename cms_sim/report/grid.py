"""Where the tile map draws each precinct."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from cms_sim.data.city_tables import CityTables


@dataclass(frozen=True)
class CityGrid:
    """A city's grid of tiles with the precincts in play."""

    city: CityTables
    precincts: tuple[int, ...]

    @cached_property
    def tiles(self) -> dict[int, tuple[int, int]]:
        """Row and column of every precinct; those that the grid does not know stand below it, ten a row."""
        known = dict(self.city.tiles)
        below = 1 + max((row for row, _ in known.values()), default=-1)
        missing = [number for number in self.precincts if number not in known]
        return known | {number: (below + k // 10, k % 10) for k, number in enumerate(missing)}

    @cached_property
    def boroughs(self) -> dict[str, list[tuple[int, int]]]:
        """Name of each borough to the places of its precincts."""
        places: dict[str, list[tuple[int, int]]] = {}
        for precinct in self.city.precincts:
            places.setdefault(precinct.borough, []).append(self.tiles[precinct.number])
        return places

    @property
    def frame(self) -> tuple[int, int, int, int]:
        """First and last row and column that hold a precinct in play."""
        places = [self.tiles[number] for number in self.precincts]
        rows, columns = [row for row, _ in places], [column for _, column in places]
        return min(rows), max(rows), min(columns), max(columns)

    @property
    def extent(self) -> tuple[int, int]:
        """Number of rows and columns of it."""
        top, bottom, left, right = self.frame
        return bottom - top + 1, right - left + 1
