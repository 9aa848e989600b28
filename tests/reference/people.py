"""Residents and where they live: who is near whom, what they carry, and who falls out with whom."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import mesa

from cms_sim.city.arrays import MALE
from cms_sim.engine import decisions as of
from tests.reference.keys import below, count_from, uniform

if TYPE_CHECKING:
    from tests.reference.messengers import Post, Site
    from tests.reference.model import CityModel

UNIT = 1_000_000
"""Trauma, norm and trust are whole millionths."""


class Crew:
    """A group of about 35, with rivals."""

    def __init__(self) -> None:
        self.members: list[Resident] = []
        self.rivals: list[Crew] = []

    def member(self, key: int, pick: int) -> Resident:
        return self.members[below(key, pick, len(self.members))]


class Precinct:
    """A precinct, its residents, and what everyone there has in common."""

    def __init__(self, model: CityModel, number: int) -> None:
        self.model = model
        self.number = number
        self.residents: list[Resident] = []
        self.on_street = 0  # how many have street ties; they come first
        self.keep_chance: list[float] = []  # propensity, as Walker's alias table
        self.otherwise: list[int] = []
        self.class_start: list[int] = []  # where each sex and age band begins among the others
        self.class_weight: list[float] = []
        self.norm_shift = 0
        self.trust_shift = 0
        self.sites: list[Site] = []
        self.posts: list[Post] = []
        self.patrols: list[dict[str, Any]] = []

    def street_member(self, key: int, pick: int, alias: int) -> Resident | None:
        """Somebody with street ties, by propensity."""
        if self.on_street == 0:
            return None
        local = below(key, pick, self.on_street)
        if uniform(key, alias) >= self.keep_chance[local]:
            local = self.otherwise[local]
        return self.residents[local]

    def other_resident(self, key: int, layer: int, pick: int) -> Resident | None:
        """Somebody without street ties, by sex and age."""
        chosen = count_from(self.class_weight, uniform(key, layer))
        if chosen >= len(self.class_weight):
            return None
        start, end = self.class_start[chosen], self.class_start[chosen + 1]
        return self.residents[start + below(key, pick, end - start)] if end > start else None

    def instigator(self, key: int) -> Resident | None:
        """Who starts a background conflict."""
        if uniform(key, of.INSTIGATOR_LAYER) < self.model.rules.street_instigator_share:
            return self.street_member(key, of.INSTIGATOR_PICK, of.INSTIGATOR_ALIAS)
        return self.other_resident(key, of.INSTIGATOR_ALIAS, of.INSTIGATOR_PICK)

    def stranger(self, key: int) -> Resident | None:
        """Anybody of the precinct."""
        if uniform(key, of.STRANGER_LAYER) < self.model.rules.street_stranger_share:
            return self.street_member(key, of.STRANGER_PICK, of.STRANGER_ALIAS)
        return self.other_resident(key, of.STRANGER_ALIAS, of.STRANGER_PICK)


class Resident(mesa.Agent):  # type: ignore[misc]
    """A resident of the city."""

    def __init__(self, model: CityModel, precinct: Precinct, local: int, record: dict[str, int]) -> None:
        super().__init__(model)
        self.precinct = precinct
        self.local = local
        self.age = record["age"]
        self.man = record["sex"] == MALE
        self.place = record["place"]
        self.baseline_norm = record["norm"]  # basis points
        self.crew: Crew | None = None
        self.kin: list[Resident | None] = []
        self.street_ties: list[Resident | None] | None = None  # None among the ties: somebody out of play
        self.trauma = 0
        self.norm = 0
        self.trust = 0
        self.days_carried = 0
        self.touched = False
        self.dead = False
        self.injuries = 0
        self.known_to: set[Post] = set()
        self.worker: Post | None = None
        self.services: set[int] = set()

    def step(self) -> None:
        """A day passes, and what this person carries is a day older."""
        self.days_carried += 1

    def take(self, trauma: int = 0, norm: int = 0, trust: int = 0) -> None:
        """Something happens to this person: what was carried fades to today, then the new is added."""
        if self.days_carried > 0:
            rules = self.model.rules
            self.trauma = int(self.trauma * rules.fade_trauma[self.days_carried])
            self.norm = int(self.norm * rules.fade_norm[self.days_carried])
            self.trust = int(self.trust * rules.fade_trust[self.days_carried])
            self.days_carried = 0
        self.touched = True
        self.trauma += trauma
        self.norm += norm
        self.trust += trust

    def make_way(self) -> None:
        """Somebody else takes up the place of this person, who has died."""
        self.trauma = self.norm = self.trust = self.days_carried = self.injuries = 0
        self.dead = False

    @property
    def trauma_today(self) -> float:
        """From 0 to 1."""
        left: float = self.model.rules.fade_trauma[self.days_carried]
        return min(1.0, self.trauma * left / UNIT)

    @property
    def norm_today(self) -> float:
        """Willingness to use violence, from 0 to 1: one's own, and what holds in the precinct."""
        left: float = self.model.rules.fade_norm[self.days_carried]
        shift = self.precinct.norm_shift + self.norm * left
        return min(1.0, max(0.0, self.baseline_norm * 1e-4 + shift / UNIT))

    def street_tie(self, key: int, pick: int) -> Resident | None:
        if not self.street_ties:
            return None
        return self.street_ties[below(key, pick, len(self.street_ties))]

    def kin_tie(self, key: int, pick: int) -> Resident | None:
        return self.kin[below(key, pick, len(self.kin))]

    def kin_in_harm(self, key: int, pick: int) -> tuple[Resident | None, str]:
        """Kin or a friend who may be shot: women seldom are; otherwise a stranger."""
        who = self.kin_tie(key, pick)
        if who is not None and (who.man or uniform(key, of.KIN_KEPT) < self.model.rules.kin_woman_kept):
            return who, "kin or friend"
        return self.precinct.stranger(key), "stranger"

    def somebody_close(self, key: int) -> Resident | None:
        """A crew mate or a street tie for those with street ties, kin or a friend for the others."""
        if self.street_ties is None:
            return self.kin_tie(key, of.TIE)
        if self.crew is not None and uniform(key, of.ROUTE) < self.model.rules.crew_route:
            return self.crew.member(key, of.TIE)
        return self.street_tie(key, of.TIE)

    def companion(self, key: int, pick: int) -> Resident | None:
        """Somebody who may be around: a street tie for those who have any, kin or a friend for the others."""
        return self.kin_tie(key, pick) if self.street_ties is None else self.street_tie(key, pick)

    def opponent(self, key: int) -> tuple[Resident | None, str]:
        """Over whom this person falls out, and what the two are to each other."""
        rules = self.model.rules
        u = uniform(key, of.RELATION)
        if self.street_ties is None:
            if u < rules.kin_share_off_street:
                return self.kin_in_harm(key, of.OPPONENT_PICK)
            return self.precinct.stranger(key), "stranger"
        if u < rules.rival_share and self.crew is not None and self.crew.rivals:
            rival = self.crew.rivals[below(key, of.RIVAL_CREW, len(self.crew.rivals))]
            return rival.member(key, of.OPPONENT_PICK), "rival crew"
        if u < rules.rival_share + rules.street_tie_share:
            tie = self.street_tie(key, of.OPPONENT_PICK)
            if tie is not None:
                return tie, "street tie"
            return self.precinct.stranger(key), "stranger"
        if u < rules.rival_share + rules.street_tie_share + rules.kin_share:
            return self.kin_in_harm(key, of.OPPONENT_PICK)
        return self.precinct.stranger(key), "stranger"
