"""Where people stand on the page: computed once from the network, cheaply, the same every time.

Crews are discs on an ellipse around the site; people with street ties but no crew stand between them, near those they
know; everyone else fills the ground. Units: thousandths of the picture's height; x runs to `WIDTH`.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from cms_sim.city.arrays import ABSENT, City
from cms_sim.door.demo.neighbourhood import load_neighbourhood

WIDTH: Final = 1420
HEIGHT: Final = 1000
_GOLDEN: Final = np.pi * (3.0 - np.sqrt(5.0))
_GAP: Final = 25.0
"""Between two people of a crew, or with street ties."""


@lru_cache(maxsize=4)
def places_of(residents: int) -> NDArray[np.int16]:
    """[residents, 2] x and y of everyone in the neighbourhood of that size."""
    city = load_neighbourhood(residents).city
    street = int(city.precinct["street"][0])
    place = np.zeros((len(city.resident), 2))
    taken = _crews(city, place)
    _street(city, place, taken, street)
    place[street:] = _ground(len(place) - street, place[:street])
    return np.clip(np.rint(place), 8, [WIDTH - 8, HEIGHT - 8]).astype(np.int16)


def ties_of(city: City) -> NDArray[np.int32]:
    """[ties, 2] street ties, each once."""
    start = city.street_start
    row = np.repeat(np.arange(len(start) - 1), np.diff(start))
    first = city.precinct["first"][0] + row  # one precinct: street rows are its first residents
    pairs = np.stack([first, city.street_tie], axis=1)
    once: NDArray[np.int32] = pairs[(pairs[:, 1] != ABSENT) & (pairs[:, 0] < pairs[:, 1])].astype(np.int32)
    return once


def _disc(count: int, gap: float) -> NDArray[np.float64]:
    """[count, 2] places of an even spiral around 0."""
    n = np.arange(count) + 0.5
    radius, angle = gap * 0.95 * np.sqrt(n), n * _GOLDEN
    return np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=1)


def _crews(city: City, place: NDArray[np.float64]) -> int:
    """Crews on an ellipse, with room for each by its size; how many people that were."""
    sizes = city.crew["size"].astype(np.float64)
    if not sizes.size:
        return 0
    share = np.sqrt(sizes) / np.sqrt(sizes).sum()
    angle = 2.0 * np.pi * (np.cumsum(share) - share / 2.0) - np.pi / 2.0
    for crew, turn in zip(city.crew, angle, strict=True):
        centre = (WIDTH / 2 + 480.0 * np.cos(turn), HEIGHT / 2 + 315.0 * np.sin(turn))
        place[crew["first"] : crew["first"] + crew["size"]] = centre + _disc(int(crew["size"]), _GAP)
    return int(sizes.sum())


def _street(city: City, place: NDArray[np.float64], crewed: int, street: int) -> None:
    """Each next to the middle of those known (or of the ground), on the nearest free cell of a grid."""
    step = 1.45 * _GAP
    columns, rows = int((WIDTH - 120) / step), int((HEIGHT - 120) / step)
    cells = np.stack(np.meshgrid(60 + step * np.arange(columns), 60 + step * np.arange(rows)), axis=-1).reshape(-1, 2)
    middle = np.array([WIDTH / 2, HEIGHT / 2])
    free = np.hypot(*(cells - middle).T) > 120.0
    if crewed:
        free &= _nearest(cells, place[:crewed]) > 1.5 * _GAP
    for person in range(crewed, street):
        ties = city.street_tie[city.street_start[person] : city.street_start[person + 1]]
        known = ties[(ties != ABSENT) & (ties < person)]
        turn = person * _GOLDEN
        around = np.array([np.cos(turn), np.sin(turn)])
        wanted = place[known].mean(axis=0) if known.size else middle + around * [580.0, 400.0]
        wanted = wanted + 60.0 * around
        chosen = int(np.argmin(np.where(free, np.hypot(*(cells - wanted).T), np.inf)))
        place[person], free[chosen] = cells[chosen], False


def _ground(count: int, street: NDArray[np.float64]) -> NDArray[np.float64]:
    """The others: an even grid over the whole picture, without the places of those with street ties and the site."""
    size = count
    middle = np.array([WIDTH / 2, HEIGHT / 2])
    while True:
        step = np.sqrt((WIDTH - 20) * (HEIGHT - 20) / size)
        columns, rows = int((WIDTH - 20) / step), int((HEIGHT - 20) / step)
        x, y = np.meshgrid(10 + step * (np.arange(columns) + 0.5), 10 + step * (np.arange(rows) + 0.5))
        x[1::2] += step / 2.0
        cells = np.stack([x, y], axis=-1).reshape(-1, 2)
        free = np.hypot(*(cells - middle).T) > 105.0
        if len(street):
            free &= _nearest(cells, street) > 0.75 * _GAP
        if free.sum() >= count:
            chosen: NDArray[np.float64] = cells[free][np.linspace(0, free.sum() - 1, count).astype(np.int64)]
            return chosen
        size = int(size * 1.05) + 1


def _nearest(cells: NDArray[np.float64], others: NDArray[np.float64]) -> NDArray[np.float64]:
    """[cells] distance to the nearest of the others; one after the other, since all at once takes 13 MB."""
    least = np.full(len(cells), np.inf)
    for other in others:
        np.minimum(least, np.hypot(*(cells - other).T), out=least)
    return least
