"""The text of a starter file: short, commented, valid as it stands."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from pathlib import Path

from cms_sim.errors import InputError
from cms_sim.scenario.files import load_scenario
from cms_sim.scenario.resolved import Scenario
from cms_sim.scenario.schema import DEFAULT_REFERENCE, SHARED_SHIFTS, Budget, Services, Staff

_TEMPLATE = """\
# {name}: what this plan changes, and why.
#
# Everything that is not said here is as in "{extends}". Check the file with: cms-sim check {file}
# For completion in an editor: cms-sim schema > scenario.schema.json, then here on top: #:schema ./scenario.schema.json

title = {title}
summary = "One sentence for a reader of the report."
extends = "{extends}"
reference = "{reference}"  # averted victims and cost are counted from here

# Money beyond the reference, per fiscal year (July to June). A plan that spends more is refused.
[budget]
usd_per_year = {usd_per_year:_.0f}
wraparound_usd_per_year = {wraparound_usd_per_year:_.0f}  # a fund on top, only for services and hospital responders
recurring = true  # false: granted once, for the whole frame

# [levers]: what a planner decides. Dates stand without quotes; every amount has its unit in its name.
#
# The same addition to every site of a set of precincts, or of a list such as [73, 75]:
[[levers.add]]
precincts = [{precinct}]
from = {starts}
staff = {{ violence_interrupters = 1 }}  # also: {roles}
# services = {{ employment_slots = 5 }}  # also: {services}
# shift = "nights_weekends"            # shared: {shifts}

# A site of its own. precinct and site_id are its key: name those of a site in "{extends}" to change that one.
# [[levers.sites]]
# precinct = {site_precinct}
# site_id = {site_id}
# provider = "Who runs it"
# opens = {starts}
# staff = {{ supervisors = 1, violence_interrupters = 3, outreach_workers = 3 }}
#
# [[levers.sites.changes]]  # from this day on; what is not named stays
# from = {later}
# staff = {{ violence_interrupters = 4 }}

# [uncertainties]: what nobody knows. A number fixes a parameter, a table gives it another prior.
# [uncertainties]
# catchment_share = 0.5
# catchment_share = {{ law = "uniform", low = 0.3, high = 0.8 }}

# [constants]: the frame.
# [constants]
# precincts = "covered_2020"
# starts = 2020-07-01
# ends = 2024-06-30
"""


def new_scenario_text(name: str, extends: str = DEFAULT_REFERENCE, file: Path | None = None) -> str:
    """A commented starter file for a plan `name` that extends the scenario `extends`, to be written to `file`.

    Raises InputError when the name cannot be a file name, or `extends` has no site to add to.
    """
    if not re.fullmatch(r"[A-Za-z0-9_-]+", name):
        remedy = "Use letters, digits, - and _ only: it becomes the name of the file."
        raise InputError(f"'{name}' cannot name a scenario", remedy=remedy)
    parent = load_scenario(extends)
    if not parent.sites:
        raise InputError(f"'{extends}' has no site to start from", remedy=f"Extend '{DEFAULT_REFERENCE}', for example.")
    budget = parent.budget or Budget(usd_per_year=0.0)
    site_precinct, site_id = _free_key(parent)
    return _TEMPLATE.format(
        file=json.dumps(str(file)) if file and " " in str(file) else file or f"scenarios/{name}.toml",
        site_precinct=site_precinct,
        site_id=site_id,
        later=min(parent.frame.starts + timedelta(days=365), parent.frame.ends),
        usd_per_year=budget.usd_per_year + 1_500_000,
        wraparound_usd_per_year=budget.wraparound_usd_per_year,
        name=name,
        title=json.dumps(name.replace("_", " ").capitalize()),
        extends=extends,
        reference=parent.reference,
        precinct=parent.sites[0].precinct,
        starts=parent.frame.starts,
        roles=", ".join(role for role in Staff.model_fields if role != "violence_interrupters"),
        services=", ".join(service for service in Services.model_fields if service != "employment_slots"),
        shifts=", ".join(SHARED_SHIFTS),
    )


def _free_key(parent: Scenario) -> tuple[int, int]:
    """Precinct in play and number of a site that is not there yet: in a precinct without one, if there is any."""
    taken = {site.key for site in parent.sites}
    with_site = {precinct for precinct, _ in taken}
    precinct = next((p for p in parent.frame.precincts if p not in with_site), parent.frame.precincts[0])
    return precinct, 1 + max((number for where, number in taken if where == precinct), default=0)
