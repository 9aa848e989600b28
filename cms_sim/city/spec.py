"""What a city is built from besides the tables: one value of each parameter of the theme `network`, and a seed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from typing import TYPE_CHECKING

from cms_sim.data.parameters import load_parameters
from cms_sim.errors import InputError, nearest

if TYPE_CHECKING:
    from cms_sim.data.city_records import CityTables

DEFAULT_CITY_SEED = 2006


@dataclass(frozen=True)
class NetworkSpec:
    """The parameters of theme `network` by name (meanings, units and sources: `parameters/network.toml`).

    `NetworkSpec.default()` takes every value from the parameter table, `NetworkSpec.default(street_share=0.04)` all
    but one.
    """

    street_share: float
    street_cross_share: float
    near_pair_km: float
    group_weight_2: float
    group_weight_3: float
    group_weight_4: float
    group_weight_5: float
    activity_sigma: float
    crew_group_share: float
    crews_per_100k_residents: float
    crew_size_mean: float
    crew_size_sigma: float
    crew_propensity_factor: float
    rivals_per_crew: float
    rivals_cross_share: float
    share_15_17_of_under_18: float
    share_18_24_of_18_34: float
    share_35_44_of_35_over: float
    share_45_64_of_35_over: float
    street_youngest_years: float
    norm_young_street_men: float
    norm_street: float
    norm_others: float
    norm_spread: float
    trust_street: float
    trust_others: float
    trust_spread: float
    city_seed: int = DEFAULT_CITY_SEED

    @classmethod
    def default(cls, *, city_seed: int = DEFAULT_CITY_SEED, **overrides: float) -> NetworkSpec:
        """The defaults of the parameter table, with `overrides` by name; InputError for an unknown name."""
        table = load_parameters()
        names = [field.name for field in fields(cls) if field.name != "city_seed"]
        for name in overrides:
            if name not in names:
                raise InputError(f"unknown network parameter '{name}'", where="network", remedy=nearest(name, names))
        values = {name: float(overrides.get(name, table[name].default)) for name in names}
        return cls(**values, city_seed=city_seed)

    @classmethod
    def of(cls, values: Mapping[str, float]) -> NetworkSpec:
        """The defaults of the parameter table, but for `values` (a hypothesis' network, say)."""
        return cls.default(**values)  # type: ignore[arg-type]

    def __post_init__(self) -> None:
        """Refuse values outside their unit's range."""
        table = load_parameters()
        for name, value in asdict(self).items():
            top = 1.0 if name in table and table[name].unit == "share" else float("inf")
            if not 0 <= value <= top:
                limits = "a share between 0 and 1" if top == 1.0 else "0 or more"
                raise InputError(f"{value:g} is out of range", where=f"network: {name}", remedy=f"Give {limits}.")
        self._refuse(
            self.share_35_44_of_35_over + self.share_45_64_of_35_over > 1, "share_45_64_of_35_over", "sum to 1"
        )
        self._refuse(sum(self.group_weights) <= 0, "group_weight_2", "weights, one of them above 0")
        self._refuse(self.crew_size_mean < 3, "crew_size_mean", "a mean of 3 or more")
        self._refuse(self.street_youngest_years > 17, "street_youngest_years", "an age of 17 or less")
        self._refuse(self.crew_propensity_factor <= 0, "crew_propensity_factor", "a ratio above 0")

    @staticmethod
    def _refuse(bad: bool, name: str, remedy: str) -> None:
        if bad:
            raise InputError("is out of range", where=f"network: {name}", remedy=f"Needed: {remedy}.")

    @property
    def group_weights(self) -> tuple[float, float, float, float]:
        """Relative frequency of co-offending groups of 2, 3, 4 and 5 members."""
        return (self.group_weight_2, self.group_weight_3, self.group_weight_4, self.group_weight_5)

    def content_hash(self, tables: CityTables, numbers: Sequence[int]) -> str:
        """A hash (hex) of everything that a city's arrays depend on, except the code that builds them."""
        content = {"spec": asdict(self), "tables": tables.content_hash, "precincts": sorted(numbers)}
        return hashlib.sha256(json.dumps(content).encode()).hexdigest()
