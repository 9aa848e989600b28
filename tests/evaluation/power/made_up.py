"""Histories whose truth is known without a simulation: Poisson counts, written where simulated ones are kept."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from cms_sim.data.city_tables import load_city_tables
from cms_sim.evaluation.power.histories import Arm, part_file, parts
from cms_sim.evaluation.power.planted import Shootings
from cms_sim.evaluation.power.study import Study
from cms_sim.evaluation.power.windows import Setting


def setting(
    histories: int, precincts: int, sites: list[int], starts: tuple[int, ...], before: int = 24, after: int = 24
) -> Setting:
    """The same sites in every history; each precinct touches the next one."""
    row = np.arange(precincts)
    beside = np.abs(row[:, None] - row) == 1
    return Setting(np.tile(sites, (histories, 1)), starts, before, after, beside, tuple(range(precincts)))


def made(name: str, controls: tuple[str, ...] = ("not_yet_covered",)) -> Study:
    """A study of five sites, for what only its name and controls matter to."""
    return Study(name, "listed", tuple(range(5)), (24,) * 5, 24, 24, controls, (), (), 0.0, False)


def shootings(histories: int, precincts: int, months: int, each: int, seed: int = 1) -> Shootings:
    """`each` shootings of one person in every history, precinct and month."""
    place = np.indices((histories, precincts, months, each)).reshape(4, -1)
    draw = np.random.default_rng(seed).random(place.shape[1])
    return Shootings(histories, precincts, months, place[0], place[1], place[2], np.ones_like(place[0]), draw)


def keep_histories(folder: Path, histories: int, seed: int = 2020) -> None:
    """Poisson histories at the record's mean of each precinct, as if they had been lived with no programme."""
    tables, arm = load_city_tables(), Arm("city", seed)
    mean = np.repeat(tables.incidents.mean(axis=1)[:, None], len(tables.months), axis=1)
    for part in parts(histories):
        file, frames = part_file(folder, arm, part), []
        for history in part:
            rng = np.random.default_rng([seed, history])
            count = rng.poisson(mean)
            slot, month = (np.repeat(each.ravel(), count.ravel()) for each in np.indices(count.shape))
            columns = {
                "history": np.full(len(slot), history, dtype=np.int32),
                "slot": slot.astype(np.uint8),
                "month": month.astype(np.int16),
                "victims": np.ones(len(slot), dtype=np.uint8),
                "draw": rng.integers(0, 2**32, len(slot), dtype=np.uint32),
            }
            frames.append(pd.DataFrame(columns))
        file.parent.mkdir(parents=True, exist_ok=True)
        pd.concat(frames).to_parquet(file, index=False)
