"""From a scenario file, joined with those it extends, to a resolved one: names looked up, dates and limits checked."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cms_sim.data.parameters import Parameter, Prior, load_parameters, prior_of
from cms_sim.errors import InputError, nearest
from cms_sim.scenario.frame import frame_of, tables_of
from cms_sim.scenario.resolved import Frame, Patrol, Scenario, Site, Surge, sorted_shift
from cms_sim.scenario.schema import (
    LONGEST_SHIFT_HOURS,
    SHARED_SHIFTS,
    WORKING_DAYS,
    Addition,
    PatrolEntry,
    PrecinctChoice,
    ScenarioFile,
    Shift,
    SiteEntry,
    SurgeEntry,
    Uncertainties,
)
from cms_sim.scenario.source import Source, Step, where
from cms_sim.scenario.terms import check_precinct, site_terms

if TYPE_CHECKING:
    from cms_sim.data.city_tables import CityTables


@dataclass(frozen=True)
class Context:
    """What names are looked up in, and where messages point."""

    chain: Sequence[Source]
    precincts: frozenset[int]
    sets: Mapping[str, tuple[int, ...]]
    shifts: Mapping[str, Shift]

    def fail(self, message: str, remedy: str, *steps: Step) -> InputError:
        """An error at the place in the file that the steps lead to."""
        return InputError(message, where=where(self.chain, *steps), remedy=remedy)

    def choose(self, choice: PrecinctChoice, *steps: Step) -> tuple[int, ...]:
        """The precincts that a set, a number or a list stands for, ascending."""
        if isinstance(choice, str):
            if choice not in self.sets:
                raise self.fail(f"there is no set of precincts '{choice}'", nearest(choice, self.sets), *steps)
            return tuple(sorted(self.sets[choice]))
        chosen = [choice] if isinstance(choice, int) else choice
        if not chosen:
            raise self.fail("the list of precincts is empty", "Name at least one, or a set.", *steps)
        for precinct in chosen:
            self.check_exists(precinct, *steps)
            if chosen.count(precinct) > 1:
                remedy = "Keep it once, or write the number that was meant."
                raise self.fail(f"precinct {precinct} is there twice", remedy, *steps)
        return tuple(sorted(chosen))

    def check_exists(self, precinct: int, *steps: Step) -> None:
        """Refuse a precinct that the city does not have, and name the two nearest that it has."""
        if precinct not in self.precincts:
            close = sorted(sorted(self.precincts, key=lambda known: (abs(known - precinct), known))[:2])
            remedy = f"The nearest numbers are {' and '.join(map(str, close))}; `cms-sim city` lists all."
            raise self.fail(f"there is no precinct {precinct}", remedy, *steps)

    def check_in_frame(self, precinct: int, frame: Frame, *steps: Step) -> None:
        """Refuse a precinct that is not in play."""
        self.check_exists(precinct, *steps)
        if precinct not in frame.precincts:
            remedy = "Add it to constants.precincts, or take the entry out."
            raise self.fail(f"precinct {precinct} is not among the precincts in play", remedy, *steps)

    def check_shift(self, name: str, *steps: Step) -> None:
        """Refuse the name of a shift that nobody defined."""
        if name not in self.shifts:
            raise self.fail(f"there is no shift '{name}'", nearest(name, self.shifts), *steps)

    def check_team_shift(self, name: str, *steps: Step) -> None:
        """Refuse, for a site's team, a shift that nobody defined or that begins on more than five days a week."""
        self.check_shift(name, *steps)
        days = len(set(self.shifts[name].weekdays))
        if days > WORKING_DAYS:
            remedy = f"A team works {WORKING_DAYS} days a week: open a second site for the others, or name fewer days."
            raise self.fail(f"shift '{name}' begins on {days} days a week", remedy, *steps)


def resolve(
    file: ScenarioFile,
    path: Path,
    chain: Sequence[Source],
    city: CityTables | None,
    parameter_names: Collection[str] | None,
) -> Scenario:
    """The scenario of a joined file; `chain` are the files it came from, child first. Raises InputError."""
    folder = Path(file.constants.city) if file.constants.city else None
    tables = city or tables_of(folder, chain)
    numbers = frozenset(precinct.number for precinct in tables.precincts)
    context = Context(chain, numbers, tables.sets, SHARED_SHIFTS | _own_shifts(file, chain))
    frame = frame_of(file.constants, folder, tables.content_hash, context)
    sites = _sites(file, frame, context)
    patrols = _patrols(file.levers.patrol, frame, context)
    used = {term.shift for site in sites for term in site.terms} | {patrol.shift for patrol in patrols}
    return Scenario(
        name=path.stem,
        folder=path.parent,
        ending=path.suffix,
        **{key: getattr(file, key) for key in ("title", "summary", "default_set", "order", "reference", "budget")},
        frame=frame,
        sites=sites,
        patrols=patrols,
        shifts={name: sorted_shift(context.shifts[name]) for name in sorted(used)},
        surges=_surges(file.uncertainties.surge, context),
        parameters=_parameters(file.uncertainties, parameter_names, context),
    )


def _own_shifts(file: ScenarioFile, chain: Sequence[Source]) -> dict[str, Shift]:
    for name, shift in file.shifts.items():
        if shift.hours > LONGEST_SHIFT_HOURS:
            raise InputError(
                f"a shift of {shift.hours} hours",
                where=where(chain, "shifts", name),
                remedy=f"At most {LONGEST_SHIFT_HOURS} hours; to cover more of the day, give sites different shifts.",
            )
    return file.shifts


def _sites(file: ScenarioFile, frame: Frame, context: Context) -> tuple[Site, ...]:
    entries = sorted(file.levers.sites, key=lambda entry: (entry.precinct, entry.site_id))
    additions = _additions(file.levers.add, entries, frame, context)
    sites = []
    for entry in entries:
        at: tuple[Step, ...] = ("levers", "sites", {"precinct": entry.precinct, "site_id": entry.site_id})
        context.check_in_frame(entry.precinct, frame, *at, "precinct")
        context.check_team_shift(entry.shift, *at, "shift")
        for change in entry.changes:
            context.check_team_shift(change.shift or entry.shift, *at, "changes", {"from": change.from_date}, "shift")
        own = [add for add in additions[entry.precinct] if add.site_id in (None, entry.site_id)]
        sites.append(
            Site(
                precinct=entry.precinct,
                site_id=entry.site_id,
                provider=entry.provider,
                catchment_share=entry.catchment_share,
                terms=site_terms(
                    entry, own, lambda message, remedy, *steps, at=at: context.fail(message, remedy, *at, *steps)
                ),
            )
        )
    for precinct in {site.precinct for site in sites}:
        check_precinct(precinct, [site for site in sites if site.precinct == precinct], context.fail)
    return tuple(sites)


def _additions(
    entries: Iterable[Addition], sites: Sequence[SiteEntry], frame: Frame, context: Context
) -> Mapping[int, list[Addition]]:
    """Additions by precinct; each must meet a site."""
    by_precinct: dict[int, list[Addition]] = {
        precinct: [] for precinct in {*frame.precincts, *(s.precinct for s in sites)}
    }
    keys = {(site.precinct, number) for site in sites for number in (None, site.site_id)}
    for entry in entries:
        at: tuple[Step, ...] = ("levers", "add", _clue(entry))
        _check_span(entry, context, *at)
        if entry.shift is not None:
            context.check_team_shift(entry.shift, *at, "shift")
        for precinct in context.choose(entry.precincts, *at, "precincts"):
            context.check_in_frame(precinct, frame, *at, "precincts")
            if (precinct, entry.site_id) not in keys:
                number = f" with site_id {entry.site_id}" if entry.site_id else ""
                remedy = "Name only precincts that have one, or add the site under [[levers.sites]]."
                raise context.fail(f"precinct {precinct} has no site{number} to add to", remedy, *at, "precincts")
            by_precinct[precinct].append(entry)
    return by_precinct


def _patrols(entries: Iterable[PatrolEntry], frame: Frame, context: Context) -> tuple[Patrol, ...]:
    patrols = []
    for entry in entries:
        at: tuple[Step, ...] = ("levers", "patrol", _clue(entry))
        _check_span(entry, context, *at)
        context.check_shift(entry.shift, *at, "shift")
        for precinct in context.choose(entry.precincts, *at, "precincts"):
            context.check_in_frame(precinct, frame, *at, "precincts")
            patrols.append(
                Patrol(
                    precinct=precinct,
                    **{name: getattr(entry, name) for name in Patrol.model_fields if name != "precinct"},
                )
            )
    patrols.sort(key=lambda patrol: (patrol.precinct, patrol.from_date))
    for first, second in pairwise(patrols):
        if first.precinct == second.precinct and (first.until_date or date.max) > second.from_date:
            message = f"precinct {first.precinct} has two patrols on {second.from_date}"
            remedy = "End the first (until) before the second begins, or make them one entry."
            raise context.fail(message, remedy, "levers", "patrol", {"from": second.from_date}, "from")
    return tuple(patrols)


def _surges(entries: Iterable[SurgeEntry], context: Context) -> tuple[Surge, ...]:
    surges = []
    for entry in entries:
        at: tuple[Step, ...] = ("uncertainties", "surge", _clue(entry))
        _check_span(entry, context, *at)
        places = None if entry.precincts is None else context.choose(entry.precincts, *at, "precincts")
        surges.append(
            Surge(from_date=entry.from_date, until_date=entry.until_date, factor=entry.factor, precincts=places)
        )
    return tuple(sorted(surges, key=lambda s: (s.from_date, s.until_date, s.factor, s.precincts or ())))


def _parameters(
    uncertainties: Uncertainties, parameter_names: Collection[str] | None, context: Context
) -> dict[str, float | Prior]:
    overrides = uncertainties.parameters
    if not overrides:
        return {}
    known = load_parameters() if parameter_names is None else parameter_names
    result: dict[str, float | Prior] = {}
    for name, value in sorted(overrides.items()):
        if name not in known:
            raise context.fail(f"there is no parameter '{name}'", nearest(name, known), "uncertainties", name)
        place = where(context.chain, "uncertainties", name)
        result[name] = value if isinstance(value, float | int) else prior_of(value.model_dump(exclude_none=True), place)
        if parameter := load_parameters().get(name):
            _check_override(parameter, result[name], place)
    return result


def _check_override(parameter: Parameter, value: float | Prior, place: str) -> None:
    """Refuse what lies outside the unit's range, and a prior for the network, which all replicates share."""
    if parameter.theme == "network" and isinstance(value, Prior):
        remedy = f"Fix it by a number, such as {parameter.name} = {parameter.default:g}."
        raise InputError("the network is built once, so its parameters are not drawn", where=place, remedy=remedy)
    (low, high), (least, most) = value.bounds if isinstance(value, Prior) else (value, value), parameter.limits
    if not (least <= low and high <= most):
        limits = f"from {least:g} to {most:g}" if math.isfinite(most) else f"of {least:g} or more"
        remedy = f"Stay in the range of its unit ({parameter.unit}): numbers {limits}."
        raise InputError(f"{low if low < least else high:g} is out of range", where=place, remedy=remedy)


def _check_span(entry: Addition | PatrolEntry | SurgeEntry, context: Context, *at: Step) -> None:
    if entry.until_date is not None and entry.until_date <= entry.from_date:
        message = f"until {entry.until_date} is not after from {entry.from_date}"
        raise context.fail(
            message, "Put the dates in order; until is the first day on which it no longer holds.", *at, "until"
        )


def _clue(entry: Addition | PatrolEntry | SurgeEntry) -> dict[str, Any]:
    """What tells this entry of a list from the others, as it stands in the file."""
    fields = {"from_date", "until_date", "precincts", "shift"}
    return entry.model_dump(by_alias=True, exclude_unset=True, include=fields)
