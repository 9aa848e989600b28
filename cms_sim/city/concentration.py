"""How concentrated violence can be in a city: what `cms-sim city` prints about its network before any run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from cms_sim.city.alias import alias_probability
from cms_sim.city.arrays import ABSENT, MALE, City
from cms_sim.data.parameters import load_parameters

if TYPE_CHECKING:
    from cms_sim.data.city_records import CityTables

Numbers = NDArray[np.float64]
_SAMPLE = 2000
"""Residents over whom clustering is averaged, evenly spaced over the street rows."""


@dataclass(frozen=True)
class Concentration:
    """A city's network in figures. Shares are 0 to 1; ties are street ties, those to people out of play included."""

    precincts: int
    residents: int
    street: int
    crews: int
    crew_members: int
    victims_in_network: float
    """Expected share of the people fallen out with (the first victims) who have street ties, at default parameters and
    fixed propensity (T3-008: 70%)."""
    started_by_crews: float
    """Share of street members' conflicts that crew members start (T3-031 to T3-033: 40 to 50% of shootings)."""
    started_by_top_tenth: float
    """Share of street members' conflicts that their most active tenth start."""
    propensity_gini: float
    """Gini coefficient of propensity over the residents with street ties."""
    ties_mean: float
    ties_90th: float
    ties_most: int
    clustering: float
    """Mean share of pairs among a person's street ties who are tied themselves (sampled)."""
    ties_across_precincts: float
    largest_component: float
    """Share of the residents with street ties who are in the largest connected part."""
    rivals_per_crew: float

    def lines(self) -> list[str]:
        """Sentences for printing."""
        return [
            f"{self.residents:,} residents in {self.precincts} precincts (census of 2010)",
            f"{self.street:,} with street ties ({self.street / self.residents:.1%}), "
            f"{self.crew_members:,} of them in {self.crews} crews with {self.rivals_per_crew:.1f} rival crews each",
            f"expected share of victims with street ties: {self.victims_in_network:.0%} (before any run, at fixed "
            f"propensity)",
            f"of street members' conflicts crews start {self.started_by_crews:.0%}, the most active tenth "
            f"{self.started_by_top_tenth:.0%}; Gini of propensity {self.propensity_gini:.2f}",
            f"street ties: mean {self.ties_mean:.1f}, 90th percentile {self.ties_90th:.0f}, most {self.ties_most}; "
            f"clustering {self.clustering:.2f}; across precincts {self.ties_across_precincts:.0%}",
            f"largest connected part: {self.largest_component:.0%} of those with street ties",
        ]


def concentration(city: City, tables: CityTables) -> Concentration:
    """The figures of a city; its precincts count by their victims in the record."""
    starts = _expected_starts(city, tables)
    ties = np.diff(city.street_start)
    row_slot = np.repeat(np.arange(city.precinct.size), city.precinct["street"])
    resident = _street_residents(city)
    tied = city.street_tie != ABSENT
    far = ~tied
    far[tied] = city.resident["slot"][city.street_tie[tied]] != np.repeat(row_slot, ties)[tied]
    in_order = np.sort(starts)
    rank = np.arange(1, starts.size + 1)
    return Concentration(
        precincts=city.precinct.size,
        residents=city.resident.size,
        street=starts.size,
        crews=city.crew.size,
        crew_members=int(city.crew["size"].sum()),
        victims_in_network=_victims_in_network(city, starts, resident, row_slot),
        started_by_crews=float(starts[city.resident["crew"][resident] != ABSENT].sum()),
        started_by_top_tenth=float(in_order[-max(starts.size // 10, 1) :].sum()),
        propensity_gini=float((2 * rank - starts.size - 1) @ in_order / starts.size),
        ties_mean=float(ties.mean()),
        ties_90th=float(np.quantile(ties, 0.9)),
        ties_most=int(ties.max()),
        clustering=_clustering(city, resident),
        ties_across_precincts=float(far.mean()) if far.size else 0.0,
        largest_component=_largest_component(city, resident),
        rivals_per_crew=city.rival.size / max(city.crew.size, 1),
    )


def _street_residents(city: City) -> NDArray[np.int64]:
    """[S] the resident of each street row."""
    residents: NDArray[np.int64] = np.concatenate(
        [np.arange(r["first"], r["first"] + r["street"], dtype=np.int64) for r in city.precinct]
    )
    return residents


def _expected_starts(city: City, tables: CityTables) -> Numbers:
    """[S] share of all street members' conflicts that each starts: the precinct's share of victims times propensity."""
    victims = np.array([tables.victims[tables.row(n)].sum() for n in city.precinct["number"].tolist()], dtype=float)
    share = victims / victims.sum() if victims.sum() > 0 else np.full(victims.size, 1 / victims.size)
    parts = []
    for record, weight in zip(city.precinct, share, strict=True):
        rows = slice(record["street_first"], record["street_first"] + record["street"])
        parts.append(weight * alias_probability(city.propensity[rows]))
    return np.concatenate(parts)


def _victims_in_network(city: City, starts: Numbers, resident: NDArray[np.int64], row_slot: NDArray[np.int64]) -> float:
    """Over whom people fall out, by the shares of theme `conflict`: a rival crew, a street tie, kin, or a stranger.

    Who has no rival falls back on a street tie; who has no such tie in play, or draws a woman of the kin who is not
    kept, on a stranger.
    """
    table = load_parameters()
    by_street, rival, tie, kin, kin_off_street, woman_kept, stranger = (
        table[name].default
        for name in (
            "street_instigator_share",
            "rival_share",
            "street_tie_share",
            "kin_share",
            "kin_share_off_street",
            "kin_woman_kept",
            "street_stranger_share",
        )
    )
    crew = city.resident["crew"][resident]
    rivals = np.append(np.diff(city.rival_start), 0)  # the last stands for no crew
    with_rival = np.where(rivals[crew] > 0, rival, 0.0)
    ties = np.diff(city.street_start)
    outside = np.add.reduceat(np.append(city.street_tie == ABSENT, 0), city.street_start[:-1]) * (ties > 0)
    with_tie = (rival + tie - with_rival) * np.divide(ties - outside, ties, out=np.zeros(ties.size), where=ties > 0)
    kept = np.where(city.resident["sex"] == MALE, 1.0, woman_kept)
    there = _kin_on_street(city, resident)
    kin_on_street, kin_left_out = (
        (there * kept[city.kin[resident]]).mean(axis=1),
        (1.0 - kept[city.kin[resident]]).mean(axis=1),
    )
    with_stranger = 1.0 - with_rival - with_tie - kin * (1.0 - kin_left_out)
    from_street = with_rival + with_tie + kin * kin_on_street + with_stranger * stranger
    weight = np.bincount(row_slot, starts, minlength=city.precinct.size)
    others = np.maximum(city.precinct["residents"] - city.precinct["street"], 1)
    # Ties of kin are symmetric: what leaves the residents with street ties arrives at the others.
    arrives = kept[resident] * (1.0 - there.mean(axis=1))
    kin_of_others = np.bincount(row_slot, arrives, minlength=city.precinct.size) / others
    with_stranger_off = 1.0 - kin_off_street * kept.mean()
    from_others = kin_off_street * kin_of_others + with_stranger_off * stranger
    return float(by_street * (starts @ from_street) + (1.0 - by_street) * (weight @ from_others))


def _kin_on_street(city: City, resident: NDArray[np.int64]) -> NDArray[np.bool_]:
    """[S, KIN_TIES] whether each of the residents' kin has street ties."""
    kin = city.kin[resident]
    record = city.precinct[city.resident["slot"][kin]]
    return np.asarray((kin - record["first"] < record["street"]) & (kin != ABSENT))


def _clustering(city: City, resident: NDArray[np.int64]) -> float:
    shares = []
    for row in np.unique(np.linspace(0, resident.size - 1, _SAMPLE).astype(int)):
        own = _tied(city, row)
        if own.size >= 2:
            rows = np.searchsorted(resident, own).tolist()
            closed = sum(np.isin(_tied(city, other), own, assume_unique=True).sum() for other in rows)
            shares.append(closed / (own.size * (own.size - 1)))
    return float(np.mean(shares)) if shares else 0.0


def _tied(city: City, row: int) -> NDArray[np.int32]:
    ties = city.street_tie[city.street_start[row] : city.street_start[row + 1]]
    kept: NDArray[np.int32] = ties[ties != ABSENT]
    return kept


def _largest_component(city: City, resident: NDArray[np.int64]) -> float:
    from scipy import sparse
    from scipy.sparse import csgraph

    kept = city.street_tie != ABSENT
    row = np.repeat(np.arange(resident.size), np.diff(city.street_start))[kept]
    to = np.searchsorted(resident, city.street_tie[kept])
    graph = sparse.coo_array((np.ones(row.size, np.int8), (row, to)), shape=(resident.size, resident.size))
    _, part = csgraph.connected_components(graph, directed=False)
    return float(np.bincount(part).max() / resident.size)
