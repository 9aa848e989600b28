"""Sites, their posts, and the messengers who hold them: staff, detection, mediation, canvassing, caseload."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import mesa

from cms_sim.engine import decisions as of
from tests.reference.keys import below, from_table, lineage, uniform

if TYPE_CHECKING:
    from tests.reference.conflicts import Conflict
    from tests.reference.model import CityModel
    from tests.reference.people import Precinct, Resident

SERVICES = ("employment", "mental_health", "trauma_counselling", "school_mediation", "legal_aid")


class Site:
    """A site of the programme."""

    def __init__(self, model: CityModel, precinct: Precinct, record: dict[str, Any]) -> None:
        self.model = model
        self.precinct = precinct
        self.key = record["key"]
        self.opens = record["opens"]
        self.places = range(record["place_from"], record["place_to"])
        self.terms: list[dict[str, Any]] = []
        self.open = False
        self.opened: int | None = None
        self.fidelity = 0.0
        self.payment_delay_days = 0.0
        self.shift: dict[str, Any] = {}
        self.slots = [0] * len(SERVICES)
        self.in_use = [0] * len(SERVICES)
        self.recruited = 0
        self.supervised = False

    def morning(self) -> None:
        """What the plan says of the site from today on."""
        day, rules = self.model.day, self.model.rules
        if any(term["until_day"] == day for term in self.terms):
            self.open = False
            self.slots = [0] * len(SERVICES)
        for term in self.terms:
            if term["from_day"] == day:
                self.open = True
                self.shift = term["shift"]
                self.payment_delay_days = term["delay"]
                self.slots = list(term["slots"])
                if self.opened is None:
                    self.opened = self.opens
                    u = uniform(lineage(self.model.key, of.SITE, self.key), of.FIDELITY)
                    self.fidelity = rules.fidelity_low + (rules.fidelity_high - rules.fidelity_low) * u

    def covers(self, place: int) -> bool:
        return self.open and place in self.places


class Post:
    """A post of a site, held by one messenger after another."""

    def __init__(self, model: CityModel, site: Site, record: dict[str, Any]) -> None:
        self.model = model
        self.site = site
        self.key = record["key"]
        self.role = record["role"]
        self.from_day = record["from_day"]
        self.until_day = record["until_day"]
        self.messenger: Messenger | None = None
        self.caseload: list[tuple[Resident, int]] = []  # participant, and the day on which the time is over
        self.tenure = 0
        self.back_on: int | None = None

    def morning(self) -> None:
        """The post begins or ends; the messenger stays or leaves; a vacancy is filled."""
        day, rules = self.model.day, self.model.rules
        if self.messenger is not None:
            self.messenger.mediations_today = 0
        if day == self.from_day:
            self._hire()
        elif day == self.until_day:
            if self.messenger is not None:
                self._lose()
            self._end_caseload()
            self.back_on = None
        elif self.messenger is not None:
            late = self.site.payment_delay_days * 0.01 * rules.late_payment_turnover
            self.messenger.strain += rules.turnover_per_year / 365.25 * (1.0 + late)
            if self.messenger.strain >= self.messenger.patience:
                self.back_on = day + 1 + from_table(rules.vacancy, self.messenger.key, of.VACANCY)
                self._lose()
        elif day == self.back_on:
            self._hire()

    def _hire(self) -> None:
        self.tenure += 1
        self.back_on = None
        self.messenger = Messenger(self.model, self)
        self.messenger.arrive()

    def _lose(self) -> None:
        assert self.messenger is not None
        self.messenger.depart()
        self.messenger = None

    def _end_caseload(self) -> None:
        for who, _ in self.caseload:
            who.worker = None
        self.caseload.clear()


class Messenger(mesa.Agent):  # type: ignore[misc]
    """A credible messenger, from the first day in the post to the last."""

    def __init__(self, model: CityModel, post: Post) -> None:
        super().__init__(model)
        rules = model.rules
        self.post = post
        self.site = post.site
        self.key = lineage(model.key, of.POST, post.key, of.TENURE, post.tenure)
        self.tenure = post.tenure
        self.hired = model.day
        self.strain = 0.0
        self.patience = from_table(rules.exponential, self.key, of.STAY)
        span = rules.credibility_high - rules.credibility_low
        self.credibility = rules.credibility_low + span * uniform(self.key, of.CREDIBILITY)
        self.visits_from = below(self.key, of.VISIT_DAY, 7)
        self.acquaintances: list[Resident] = []
        self.mediations_today = 0
        self.weight = 0.0

    def arrive(self) -> None:
        """Some people of the precinct are known from the first day."""
        for j in range(int(self.model.rules.first_acquaintances)):
            key = lineage(self.key, of.FIRST_KNOWN, j)
            who = self.site.precinct.street_member(key, of.FIRST_KNOWN, of.FIRST_KNOWN_ALIAS)
            if who is not None and not who.dead:
                self.meet(who)

    def depart(self) -> None:
        """Acquaintances are lost to the site; participants wait for who comes next."""
        for who in self.acquaintances:
            who.known_to.discard(self.post)
        self.remove()

    def meet(self, who: Resident) -> None:
        """Come to know somebody, while there is room in the circle."""
        if len(self.acquaintances) < self.model.rules.circle_limit and self.post not in who.known_to:
            self.acquaintances.append(who)
            who.known_to.add(self.post)
            who.take()

    def weigh(self) -> None:
        """How much this messenger's word counts today."""
        rules, day = self.model.rules, self.model.day
        assert self.site.opened is not None
        practice = min(1.0, (day - self.hired) / rules.experience_days)
        opening = min(1.0, (day - self.site.opened + 1) / rules.startup_days)
        ripe = rules.credibility_new + (1.0 - rules.credibility_new) * practice
        self.weight = self.credibility * ripe * self.site.fidelity * opening
        if not self.site.supervised:
            self.weight *= rules.unsupervised

    def on_duty(self, hour: int) -> bool:
        return bool(self.site.shift["duty"][self.model.weekday][hour])

    def parties_known(self, conflict: Conflict) -> int:
        return (self.post in conflict.instigator.known_to) + (self.post in conflict.opponent.known_to)

    def chance_to_hear(self, conflict: Conflict) -> float:
        rules = self.model.rules
        better = (1.0, rules.detection_knows_one, rules.detection_knows_both)[self.parties_known(conflict)]
        return float(rules.detection * self.weight * better)

    def mediate(self, conflict: Conflict) -> str:
        """One attempt; returns what came of it."""
        rules = self.model.rules
        self.mediations_today += 1
        again = conflict.standing == "for now"
        u = uniform(conflict.key_of_day(), of.FOLLOW_UP if again else of.MEDIATE)
        result = "not resolved"
        skill = 1.0 - rules.weight_in_mediation * (1.0 - self.weight)
        if u < rules.settled_for_good * skill:
            result = "for good"
        elif not again and u < (rules.settled_for_good + rules.settled_for_now) * skill:
            result = "for now"
        elif not again and u >= 1.0 - rules.backfire * (1.0 - self.weight):
            result = "inflamed"
        if result != "not resolved":
            conflict.standing = result
        if result == "for now":
            conflict.put_off()
        conflict.site = self.site
        conflict.follow_up_day = self.model.day + int(rules.follow_up_days)
        return result

    def step(self) -> None:
        """A day on the street."""
        if not self.site.shift["begins"][self.model.weekday]:
            return
        rules, key = self.model.rules, lineage(self.key, of.DAILY, self.model.day)
        if uniform(key, of.CONTACT) < rules.contacts_per_day:
            self._make_contact(key)
        if self.post.role == "outreach_workers":
            if uniform(key, of.RECRUIT) < rules.recruits_per_day:
                self._recruit(key)
            if self.model.weekday == self._visiting_weekday():
                self._visit_everyone()

    def _make_contact(self, key: int) -> None:
        """Meet somebody through somebody known: a crew mate, a street tie, or kin."""
        if not 0 < len(self.acquaintances) < self.model.rules.circle_limit:
            return
        through = self.acquaintances[below(key, of.CONTACT_OF, len(self.acquaintances))]
        rules = self.model.rules
        by_crew = uniform(key, of.CONTACT) < rules.contacts_through_crew * rules.contacts_per_day
        if through.dead:
            return
        if through.crew is not None and by_crew:
            who: Resident | None = through.crew.member(key, of.CONTACT_TIE)
        else:
            who = through.companion(key, of.CONTACT_TIE)
        if who is not None and who.precinct is self.site.precinct and not who.dead:
            self.meet(who)

    def _recruit(self, key: int) -> None:
        """Offer a place in the caseload to somebody known, of the ages served and with street ties."""
        rules = self.model.rules
        if not self.acquaintances or len(self.post.caseload) >= rules.caseload_limit:
            return
        who = self.acquaintances[below(key, of.RECRUIT_PICK, len(self.acquaintances))]
        if who.dead or who.worker is not None or who.street_ties is None:
            return
        if rules.client_age_from <= who.age <= rules.client_age_to:
            who.worker = self.post
            self.post.caseload.append((who, self.model.day + from_table(rules.client_stay, key, of.RECRUIT_STAY)))
            self.site.recruited += 1

    def _visiting_weekday(self) -> int:
        """The first weekday, from the messenger's own on, on which the shift begins."""
        week = [(self.visits_from + step) % 7 for step in range(7)]
        return next(weekday for weekday in week if self.site.shift["begins"][weekday])

    def _visit_everyone(self) -> None:
        """The week's visits; who died or whose time is over leaves, and the last of the list takes the place."""
        j, caseload = 0, self.post.caseload
        while j < len(caseload):
            who, until = caseload[j]
            if who.dead or until <= self.model.day:
                who.worker = None
                caseload[j] = caseload[-1]
                caseload.pop()
            else:
                self._visit(who)
                j += 1

    def _visit(self, who: Resident) -> None:
        """Norm and trust move, every fourth week the norm of the street ties too; then referral to services."""
        rules = self.model.rules
        self.meet(who)
        step = int(rules.client_norm_per_week * self.weight)
        who.take(norm=-step, trust=int(rules.client_trust_per_week * self.weight))
        if self.model.day // 7 % 4 == 0:
            for tie in who.street_ties or []:
                if tie is not None:
                    tie.take(norm=-int(4 * step * rules.peer_share))
        key = lineage(self.model.key, of.CLIENT, who.precinct.number, who.local, of.DAILY, self.model.day)
        for kind, service in enumerate(SERVICES):
            if self.site.in_use[kind] >= self.site.slots[kind] or kind in who.services:
                continue
            if service == "school_mediation" and who.age > rules.school_age_to:
                continue
            if uniform(key, of.REFER + kind) < rules.referral_per_week:
                self.model.enrol(self.site, kind, who)
