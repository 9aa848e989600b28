"""Rows about what sites do and what young men say; and what the model gives no value for."""

from __future__ import annotations

from typing import Final

from cms_sim.evaluation.validation.row import Group, Row, Silent

_MEDIATIONS: Final = "mediations_per_site_month"
_PARTICIPANTS: Final = "participants_per_site"
_ONE: Final = "One of the model's sites, picked by chance in each history."
_RECRUITS: Final = (
    "How many come and how many take part at a time go together in the model; and recruits_per_day is assumed with "
    "this source in view."
)
_STAY: Final = (
    "In the model a site fills its places within months and then takes on as many a year as it has at a time, since "
    "people stay a year in the mean. Crown Heights took on 3.3 a month and kept people about a year (T5-085), which "
    "comes to some 40 at a time; how fast it filled up is not told."
)
_PLACES: Final = "All of the model's sites have three outreach workers with fifteen places each: room for 45."

_WORK: Final = (
    Row("mediations_range", "Conflicts mediated per site-month: range of other cities' sites",
        _MEDIATIONS, ("T5-093", "T5-094", "T5-095", "T5-096", "T5-101"), None, 1.2, 6.6, is_bound=True, times=1.0,
        note="Madison-Eastend has the 1.2 (T5-095), Chicago's mean is the 6.6 (T5-101). Baltimore's later counts and "
             "Harlem's lie beyond the range and are rows of their own.",
        why="The fit takes the reports to differ by much (0.6 in the logarithm, assumed), which leaves the low end "
            "room below the lowest of them."),
    Row("mediations_mean", "Conflicts mediated per site-month: geometric mean of seven reports", _MEDIATIONS,
        ("T5-087", "T5-093", "T5-094", "T5-095", "T5-096", "T5-100", "T5-101"), 2.9, times=1.0),
    Row("mediations_chicago", "Conflicts mediated per site-month: Chicago's sites", _MEDIATIONS, ("T5-101",), 6.6,
        times=1.0,
        why="Chicago's count is the highest of the seven reports that the model is fitted to by their geometric mean, "
            "2.9."),
    Row("mediations_baltimore_2024", "Conflicts mediated per site-month: Baltimore in 2024 (1,283 a year, ten sites)",
        _MEDIATIONS, ("T5-099",),
        10.7, times=1.0, like=_MEDIATIONS,
        why="Four sites of Baltimore had 1.2 to 4.0 a month in 2007-2010 (T5-093 to T5-096), which the model is fitted "
            "to among others. Why the city counted more in 2024 is not told."),
    Row("mediations_harlem", "Conflicts mediated a month at one site: Harlem, about its first year",
        "site_mediations_per_month", ("T5-081",), 16.7, times=1.0, like=_MEDIATIONS,
        note=f"Of the source's note: more than 200 in roughly a year. {_ONE}",
        why="More than any other site or city reports; how they were counted is not told."),
    Row("mediations_crown_heights", "Conflicts mediated a month at one site: Crown Heights",
        "site_mediations_per_month", ("T5-087",), 3.7, times=1.0, like=_MEDIATIONS, note=_ONE),
    Row("mediations_madison", "Conflicts mediated a month at one site: Madison-Eastend, Baltimore, the lowest",
        "site_mediations_per_month", ("T5-095",), 1.2, times=1.0, like=_MEDIATIONS, note=_ONE),
    Row("mediations_mcelderry",
        "Conflicts mediated a month at one site: McElderry Park, the highest of Baltimore's four",
        "site_mediations_per_month", ("T5-093",), 4.0, times=1.0, like=_MEDIATIONS, note=_ONE,
        why="Single sites of the model differ less than the reports do, probably since all have the same team."),
    Row("participants_range", "Participants of one site at a time: range of reports", "site_participants",
        ("T5-083", "T5-093", "T5-094", "T5-095", "T5-096", "T5-102"), None, 20.0, 90.0, is_bound=True, times=1.0,
        like=_PARTICIPANTS,
        note="Chicago's 15 sites had 20 to 83 (T5-102), Baltimore's four 37.8 to 53.3 (notes of T5-093 to T5-096), "
             "Harlem 90 (T5-083). Counts over a span are left out: 96 (T5-085), 118 (T5-100), 100 a year (T5-084). "
             f"{_ONE}",
        why=_PLACES),
    Row("participants_range_mixed", "Participants of a site, mean of the sites: the range that was asked for",
        _PARTICIPANTS,
        ("T5-085", "T5-095"), None, 38.0, 96.0, is_bound=True, times=1.0,
        note="It mixes two kinds: 38 is the least of four sites at a time (37.8, note of T5-095), 96 all that Crown "
             "Heights took on in 29 months (T5-085). Chicago's sites began at 20 (T5-102).",
        why=f"{_PLACES} Some posts are empty, and not all places are taken."),
    Row("participants_chicago", "Participants of a site, mean of the sites: Chicago's 15", _PARTICIPANTS, ("T5-102",),
        44.0, times=1.0,
        note="Single sites had 20 to 83.", why=f"{_PLACES} Some posts are empty, and not all places are taken."),
    Row("participants_harlem", "Participants of one site at a time: Harlem", "site_participants", ("T5-083",), 90.0,
        times=1.0, like=_PARTICIPANTS, note=_ONE,
        why=f"{_PLACES} Harlem had four in 2015 (T5-076); how many served these 90 in 2012 is not told."),
    Row("participants_mcelderry", "Participants of one site at a time: McElderry Park, Baltimore", "site_participants",
        ("T5-093",), 48.7, times=1.0, like=_PARTICIPANTS, note=f"Of the source's note. {_ONE}", why=_PLACES),
    Row("caseload", "Participants per outreach worker: Crown Heights, range", "participants_per_outreach_worker",
        ("T5-085",), None, 5.0, 15.0, is_bound=True, times=1.0, input_by="caseload_limit"),
    Row("recruited_crown_heights", "Participants taken on in a site's first 29 months: Crown Heights",
        "site_recruited_first", ("T5-085",), 96.0, times=1.0, like=_PARTICIPANTS, note=f"{_RECRUITS} {_ONE}",
        why=_STAY),
    Row("recruits_crown_heights", "New participants per site-month: Crown Heights", "new_participants_per_site_month",
        ("T5-085",), 3.3, times=1.0, like=_PARTICIPANTS, note=_RECRUITS, why=_STAY),
)  # fmt: skip

_SETTLED: Final = "settled_for_good, settled_for_now, weight_in_mediation"
_TEAM: Final = (
    "The two chances are set so that a team as it is settles as many as Crown Heights' staff judged (55 conflicts); "
    "how far it comes out otherwise hangs on who is hired and what they know."
)
_WORDS: Final = (
    Row("resolved_for_good", "Mediations settled for good (Crown Heights, likely shootings)", "resolved_for_good",
        ("T5-089",), 60.0, input_by=_SETTLED, why=_TEAM),
    Row("resolved_for_now", "Mediations settled for now (Crown Heights, likely shootings)", "resolved_for_now",
        ("T5-090",), 30.0, input_by=_SETTLED, why=_TEAM),
    Row("resolved_baltimore", "Mediations with no violence at once (Baltimore)", "resolved_for_good", ("T5-097",),
        65.0, input_by=_SETTLED,
        why="The chances are set for Crown Heights' 60% settled for good (T5-089). Baltimore's share is another count: "
            "no violence at once, with 23% more settled for a time (T5-097)."),
    Row("survey_programme", "Announced in 2020: less reliance on violence. Willingness to use it, programme areas, "
        "2014 to 2016", "survey_programme", ("T2-001",), -14.0,
        why="The fit takes it to be known to within 4 points (assumed), so that it may miss the bare figure."),
    Row("trust_programme", "Announced in 2020: more trust. Confidence in police, programme areas (recalled)",
        "survey_trust_programme", ("T2-006",), 22.0, input_by="education_trust_per_day",
        why="The rise was set for about a tenth: what programme areas gained beyond comparison areas (+22% against "
            "+14%). What rose everywhere is not in the model."),
    Row("trust_comparison", "Confidence in police, comparison areas (recalled)", "survey_trust_comparison", ("T2-006",),
        14.0, input_by="education_trust_per_day", note="Of the source's note.",
        why="Nothing in the model moves trust where there is no programme and no patrol."),
    Row("would_not_call", "Young people at high risk, reached by programmes, who would not call the police if "
        "threatened with a gun (more than 90%)", "would_not_call_police", ("T2-018",), None, 90.0, 100.0,
        is_bound=True, input_by="trust_street, which is set at 15%",
        note="The model does not ask participants: it asks men aged 18 to 30 with street ties where a site is open, "
             "and reads their trust as the chance of calling (assumed).",
        why="Their trust begins at 15%, so that 85% would not call even without a programme, and rises with it. The "
            "two published findings pull apart: the model follows the first one."),
)  # fmt: skip

GROUPS: Final = (
    Group("work", "What sites do", _WORK, "count", logarithmic=True),
    Group("words", "What is settled, and what young men say", _WORDS, "%"),
)

SILENT: Final = (
    Silent("Other cities' programmes: Chicago, Baltimore, Philadelphia, Phoenix, Pittsburgh, Trinidad",
           ("T1-037", "T1-049", "T1-061", "T1-062", "T1-079", "T1-081", "T1-083", "T1-086", "T1-087"),
           "The model lives New York's precincts. That a mediation inflames is possible in it (backfire, taken from "
           "Phoenix and Pittsburgh as a prior); single sites show how far."),
    Silent("Effects fading after years (McElderry Park: -62% at three years, -24% at seven)",
           ("T1-076", "T1-077", "T1-078"),
           "The publication is of homicides in one area of Baltimore. The years around the start show what the model "
           "says of New York."),
    Silent("Single areas of John Jay's studies (gun injuries, victimisations, tracts)",
           ("T1-026", "T1-028", "T1-030", "T1-033"),
           "Areas are smaller than precincts and their boundaries were not found; precincts are the smallest place "
           "that is counted."),
    Silent("Four precincts without spillover: -34%; gains when a neighbour starts as well",
           ("T1-016", "T1-019", "T1-020"),
           "Which four precincts, and how the regressions on neighbours are built, was not found in enough detail to "
           "be repeated."),
    Silent("Shootings avoided in 2023, and changes after 2019", ("T1-022", "T1-025", "T1-089", "T1-090"),
           "The years lie after the record that the model lives, wholly or in part, or are not told."),
    Silent("Willingness to use violence in comparison areas: no significant change", ("T2-002",),
           "Its size is not published: there is no figure to hold the model against, in which next to nothing changes "
           "there, since nothing reaches people."),
    Silent("Serious and petty disputes apart: -33% and -20%", ("T2-004", "T2-005"),
           "The model has one scale of willingness to use violence, not one for each kind of dispute."),
    Silent("Who knows of the campaign, feels safe, has been stopped", ("T2-011", "T2-012", "T2-013", "T2-016"),
           "The model has no awareness, fear or street stops."),
    Silent("Near repeats: pairs within 400 m and 14 days, gunfire within 126 m",
           ("T3-016", "T3-024", "T3-025", "T3-026", "T3-029"),
           "A place in the model is a number inside a precinct, not a point on a map; the row on next week next door "
           "asks the nearest thing."),
    Silent("Rates inside and outside the network (741 and 62 per 100,000)", ("T3-009",),
           "Chicago's level is not New York's; what share of victims have ties is a row."),
    Silent("Participants and their peers: -3.2 and -1.5 points", ("T3-012", "T3-013"),
           "Who took part is not kept in a history; the ratio of the two is a parameter (peer_share)."),
    Silent("Motives: disputes, drugs, gangs as motive", ("T3-034", "T3-035"),
           "A conflict has parties and a parent, not a motive."),
    Silent("Trials of services: jobs, therapy, hospital programmes", ("T6-001", "T6-002", "T6-005", "T6-007", "T6-017"),
           "They are priors of parameters. In the record's years services are small and reach participants only, so "
           "that nothing in these histories tests them."),
    Silent("Policing: hot spots, focused deterrence, takedowns", ("T9-001", "T9-002", "T9-004", "T9-010"),
           "No patrol is in the record's years of the model; its effect is a prior."),
    Silent("Costs and benefits", ("T7-001", "T7-003", "T7-005", "T7-016"),
           "Money follows from what is averted and from unit costs: it is told by comparisons, not by histories."),
    Silent("The surge of 2020", ("T9-012",), "It lies after the record; it is a scenario, not a result."),
)  # fmt: skip
