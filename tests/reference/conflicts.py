"""A conflict, from the day it opens to the hour at which it comes to a head."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cms_sim.engine import decisions as of
from tests.reference.keys import from_table, lineage
from tests.reference.messengers import SERVICES

if TYPE_CHECKING:
    from tests.reference.messengers import Site
    from tests.reference.model import CityModel
    from tests.reference.people import Resident

COUNSELLING = SERVICES.index("trauma_counselling")


class Conflict:
    """Two people who have fallen out."""

    def __init__(
        self,
        model: CityModel,
        key: int,
        parties: tuple[Resident, Resident],
        relation: str,
        cause: str,
        parent: Conflict | None,
        opens: int,
        head: int,
    ) -> None:
        self.model = model
        self.key = key
        self.instigator, self.opponent = parties
        self.relation = relation
        self.cause = cause
        self.parent = parent
        self.open_day = opens
        self.head_day = head
        self.head_hour = model.hour_of(key, head, of.HEAD_HOUR)
        self.precinct = self.instigator.precinct  # it happens where the instigator is
        self.place = self.instigator.place
        self.outcome = "open"
        self.standing = "none"
        self.detected = False
        self.follow_up_day = 0
        self.site: Site | None = None
        self.hospital_response = False
        self.shooting_response = False
        self.victims: list[Resident] = []
        self.killed: list[Resident] = []

    def key_of_day(self) -> int:
        return lineage(self.key, of.DAILY, self.model.day)

    @property
    def over_without_head(self) -> bool:
        """Whether one of the two has died."""
        return self.instigator.dead or self.opponent.dead

    @property
    def urgency(self) -> float:
        """How dangerous it looks to somebody who cannot see the future."""
        rules = self.model.rules
        points = {"retaliation": rules.urgency_retaliation, "contagion": rules.urgency_contagion}.get(self.cause, 0.0)
        points += rules.urgency_unsettled if self.standing == "none" else 0.0
        return float(points + (rules.urgency_rival if self.relation == "rival crew" else 0.0))

    def put_off(self) -> None:
        """Settled for now: it comes to a head some weeks later."""
        self.head_day += from_table(self.model.rules.respite, self.key_of_day(), of.RESPITE)

    def chance_of_shooting(self) -> float:
        """The probability that it becomes a shooting now."""
        rules, who = self.model.rules, self.instigator
        chance: float = rules.shooting_chance
        if self.cause == "retaliation":
            chance *= rules.retaliation_heat
        elif self.relation == "rival crew":
            chance *= rules.rival_heat
        chance *= 1.0 + rules.norm_slope * (who.norm_today - rules.norm_reference)
        weight_of_trauma = 1.0 - rules.service_effect[COUNSELLING] if COUNSELLING in who.services else 1.0
        chance *= 1.0 + rules.trauma_slope * who.trauma_today * weight_of_trauma
        chance *= self._participation()
        chance *= self._deterrence()
        return chance * self._after_mediation()

    def _participation(self) -> float:
        """What a place in a caseload, and services other than counselling, leave of the chance."""
        rules, left = self.model.rules, 1.0
        if self.instigator.worker is not None:
            left *= 1.0 - rules.client_effect
        for kind in sorted(self.instigator.services - {COUNSELLING}):
            left *= 1.0 - rules.service_effect[kind]
        return left

    def _deterrence(self) -> float:
        """What directed patrol leaves of it at that place and hour."""
        rules, left, day = self.model.rules, 1.0, self.model.day
        for patrol in self.precinct.patrols:
            there = patrol["from_day"] <= day < patrol["until_day"] and self.place < patrol["place_to"]
            if there and patrol["shift"]["duty"][self.model.weekday][self.head_hour]:
                left *= 1.0 - rules.patrol_effect * min(1.0, patrol["officers"] / rules.patrol_officers)
        return left

    def _after_mediation(self) -> float:
        rules = self.model.rules
        left = {"for good": rules.residual_good, "for now": rules.residual_now, "inflamed": rules.inflamed_heat}
        return float(left.get(self.standing, 1.0))
