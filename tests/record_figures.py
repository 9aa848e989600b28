"""The figures of docs/RECORD.md, computed from the packaged tables and written as the page writes them."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from cms_sim.data.city_tables import CityTables
from cms_sim.engine.rules import profiles
from cms_sim.evaluation.record import CONTROLS, record_design, record_event_study, record_study
from cms_sim.evaluation.studies import EVENT_YEARS, before_after

Figures = list[tuple[str, ...]]
"""The rows of a table, cell by cell."""

FIRST_YEAR, YEARS = 2006, 14
MOVED = (22, 120, 121, 122)
ADDED = (43, 69, 70, 71, 103)
CITIES = 40
DAYS_A_YEAR = 365.25
LAG_DAYS = 125.0


def by_year(counts: NDArray[np.integer]) -> NDArray[np.int64]:
    """[precincts, years]."""
    return np.asarray(counts.reshape(len(counts), -1, 12).sum(axis=2), dtype=np.int64)


def since(year: int) -> slice:
    return slice(year - FIRST_YEAR, None)


def counts(tables: CityTables) -> Figures:
    rows = {"incidents": tables.incidents, "victims": tables.victims, "fatal incidents": tables.fatal_incidents}
    return [(name, *(str(n) for n in by_year(table).sum(axis=0))) for name, table in rows.items()]


def where(tables: CityTables) -> Figures:
    victims = by_year(tables.victims)
    city = victims.sum(axis=0)
    most = np.sort(victims[:, -1])[::-1].cumsum() / city[-1]
    ginis = [_gini(victims[:, year]) for year in range(YEARS)]
    concentration = f"{min(ginis):.2f} to {max(ginis):.2f}"
    recent = victims[:, since(2015)].sum(axis=1)
    covered = tables.sets["covered_2020"]
    inside = recent[[tables.row(number) for number in covered]].sum()
    added = victims[[tables.row(number) for number in ADDED]].sum(axis=0)[-3:]
    residents = np.array([precinct.population for precinct in tables.precincts])
    rate = np.where(np.array(tables.numbers) == 22, 0.0, recent / residents)
    early, late = victims[:, :4].sum(axis=1), victims[:, -4:].sum(axis=1)
    return _single(
        {
            "Victims in the 10, 15, 20 and 40 precincts (of 77) with most, 2019": percents(
                [most[n - 1] for n in (10, 15, 20, 40)]
            ),
            "Gini coefficient of victims over precincts, lowest and highest year": concentration,
            "Correlation of precincts' victims, 2006-2009 with 2016-2019": f"{np.corrcoef(early, late)[0, 1]:.2f}",
            "Victims in the 26 precincts covered in 2020, of the city's, 2015-2019": (
                f"{inside:,} of {recent.sum():,} ({100 * inside / recent.sum():.0f}%)"
            ),
            "Victims in the five precincts added in 2020 (43, 69, 70, 71, 103), 2017, 2018, 2019": listed(added, "d"),
            "The same, of the city's": percents(added / city[-3:], ".1f"),
            "Of the 20 precincts with most victims 2015-2019, covered in 2020": _among(tables, recent, covered),
            "Of the 20 with most victims per resident (2010) 2015-2019, covered in 2020": _among(tables, rate, covered),
        }
    )


def when_and_whom(tables: CityTables) -> Figures:
    weekday, season, _ = profiles(tables)
    hours = tables.weekday_hour.sum(axis=0)
    by_victims = tables.victims_per_incident / tables.victims_per_incident.sum()
    incidents, victims = (by_year(table)[:, since(2009)].sum() for table in (tables.incidents, tables.victims))
    fatal = by_year(tables.fatal_incidents)[:, since(2009)].sum()
    people = tables.victim_age_sex
    everyone = sum(shot for shot, _ in people.values())
    men = sum(shot for (_, sex), (shot, _) in people.items() if sex == "M")
    bands = [("<18",), ("18-24",), ("25-44",), ("45-64", "65+")]
    aged = [sum(shot for (band, _), (shot, _) in people.items() if band in group) for group in bands]
    months = "Incidents a day by month, January to December, over the mean month's"
    return _single(
        {
            "Incidents from 20:00 to 04:00, 2009-2019": percents([(hours[20:].sum() + hours[:4].sum()) / hours.sum()]),
            "Incidents by weekday, Monday to Sunday, over the mean day's, 2009-2019": listed(weekday, ".2f"),
            months: listed(season, ".2f"),
            "Incidents with one, two, three, four and five victims, 2009-2019": percents(by_victims[:5], ".1f"),
            "Victims per incident": f"{tables.victims.sum() / tables.incidents.sum():.2f}",
            "Fatal incidents per incident, 2009-2019": percents([fatal / incidents], ".1f"),
            "Fatal incidents per victim, 2009-2019": percents([fatal / victims], ".1f"),
            "Victims who are men, 2014-2019": percents([men / everyone]),
            "Victims under 18, 18 to 24, 25 to 44, 45 and over, 2014-2019": percents([n / everyone for n in aged]),
        }
    )


def dispersion(tables: CityTables) -> Figures:
    yearly = by_year(tables.incidents)
    return _single(
        {
            "Monthly dispersion, the 20 precincts with most victims, 2014-2019": f"{_monthly_dispersion(tables):.2f}",
            "Share statistic, 73 precincts, 2006-2019": f"{share_statistic(_kept(tables, yearly)):.2f}",
            "Share statistic, 73 precincts, 2014-2019": f"{share_statistic(_kept(tables, yearly[:, since(2014)])):.2f}",
        }
    )


def programme(tables: CityTables) -> Figures:
    study = record_study(tables)
    raw = {
        "Victims before and after": f"{int(study.before):,} to {int(study.after):,}",
        "Raw change": f"{100 * float(study.raw_change):.1f}%",
    }
    return _single(raw)


def controls(tables: CityTables) -> Figures:
    studies = {name: record_study(tables, name) for name in CONTROLS}
    return [
        (name, f"{100 * float(s.control_change):.1f}%", f"{100 * float(s.relative_change):.1f}%")
        for name, s in studies.items()
    ]


def event_study(tables: CityTables) -> Figures:
    found = record_event_study(tables)
    return [("observed over expected", *(f"{found[year]:.2f}" for year in EVENT_YEARS))]


def random_starts(tables: CityTables, draws: int = 400) -> tuple[float, float]:
    """Mean and standard deviation of the relative change with the study's start months at random precincts."""
    months = list(record_design(tables).starts.values())
    busiest = np.argsort(-tables.victims.sum(axis=1), kind="stable")[:30]
    rng = np.random.default_rng(1)
    found = []
    for _ in range(draws):
        rows = rng.choice(busiest, len(months), replace=False)
        starts = dict(zip(rows.tolist(), rng.permutation(months).tolist(), strict=True))
        others = np.arange(len(tables.numbers)) != rows[:, None]
        found.append(float(before_after(tables.victims, starts, others).relative_change))
    return float(np.mean(found)), float(np.std(found))


def first_of_2019(tables: CityTables, count: int) -> set[int]:
    """The precincts with most victims in 2019."""
    first = np.argsort(-by_year(tables.victims)[:, -1], kind="stable")[:count]
    return {tables.numbers[row] for row in first}


def share_statistic(incidents: NDArray[np.integer]) -> float:
    """Chi-square of [precincts, years] against rows x columns, over its degrees of freedom."""
    expected = incidents.sum(axis=1, keepdims=True) * incidents.sum(axis=0) / incidents.sum()
    known = expected > 0
    chi_square = (np.square(incidents - expected)[known] / expected[known]).sum()
    return float(chi_square / ((len(incidents) - 1) * (incidents.shape[1] - 1)))


def simulated_share_statistic(tables: CityTables, children: float, elsewhere: float) -> float:
    """Mean over made-up cities with the record's shares and yearly totals, and so many children per shooting."""
    record = _kept(tables, by_year(tables.incidents))
    return float(np.mean([share_statistic(_made_up(record, children, elsewhere, seed)) for seed in range(CITIES)]))


def _made_up(record: NDArray[np.integer], children: float, elsewhere: float, seed: int) -> NDArray[np.int64]:
    """[precincts, years] of a branching process, after four years at the first year's level."""
    rng, before = np.random.default_rng(seed), 4
    share, totals = record.sum(axis=1) / record.sum(), record.sum(axis=0)
    own = rng.poisson((1 - children) * np.concatenate([np.repeat(totals[0], before), totals]))
    year = np.repeat(np.arange(len(own)), own) + rng.random(own.sum())
    place = rng.choice(len(share), size=len(year), p=share)
    found = np.zeros((len(share), before + len(totals)), dtype=np.int64)
    while len(year):
        np.add.at(found, (place, year.astype(np.int64)), 1)
        born = rng.poisson(children, len(year))
        year = np.repeat(year, born) + rng.exponential(LAG_DAYS / DAYS_A_YEAR, born.sum())
        place = np.repeat(place, born)
        away = rng.random(len(place)) < elsewhere
        place = np.where(away, rng.choice(len(share), size=len(place), p=share), place)
        place, year = place[year < len(own)], year[year < len(own)]
    return found[:, before:]


def _monthly_dispersion(tables: CityTables) -> float:
    last_years = slice(-72, None)
    busiest = np.argsort(-tables.victims[:, last_years].sum(axis=1), kind="stable")[:20]
    seen = tables.incidents[busiest, last_years].reshape(20, 6, 12)
    city = tables.incidents[:, last_years].sum(axis=0).reshape(6, 12).sum(axis=0)
    expected = seen.sum(axis=2, keepdims=True) * city / city.sum()
    return float((np.square(seen - expected) / expected).sum() / (20 * 6 * 11))


def _kept(tables: CityTables, yearly: NDArray[np.int64]) -> NDArray[np.int64]:
    return yearly[[number not in MOVED for number in tables.numbers]]


def _gini(values: NDArray[np.int64]) -> float:
    ordered, n = np.sort(values), len(values)
    return float((2 * np.arange(1, n + 1) - n - 1) @ ordered / (n * ordered.sum()))


def _among(tables: CityTables, values: NDArray[np.number], covered: Iterable[int]) -> str:
    first = np.argsort(-values, kind="stable")[:20]
    return str(len({tables.numbers[row] for row in first} & set(covered)))


def listed(values: Iterable[float], form: str) -> str:
    return ", ".join(format(value, form) for value in values)


def percents(shares: Iterable[float], form: str = ".0f") -> str:
    return f"{listed((100 * float(share) for share in shares), form)}%"


def _single(rows: dict[str, str]) -> Figures:
    return list(rows.items())
