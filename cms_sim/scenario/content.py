"""A resolved scenario as one file would say it, whole and extending nothing: for workbooks and new files."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Any

from cms_sim.data.parameters import Prior
from cms_sim.errors import InputError
from cms_sim.scenario.files import find_scenario, shipped_folder
from cms_sim.scenario.resolved import Patrol, Scenario, Site, SiteTerm, Surge
from cms_sim.scenario.schema import SHARED_SHIFTS

Content = dict[str, Any]


def content_of(scenario: Scenario, file: Path) -> Content:
    """What `file` must say to resolve to `scenario` (same hash), as parsed TOML.

    Paths in it are relative to `file`; a plan that is its own reference stays so under the new name. Whether it is part
    of the default set is not said: a copy is not.
    """
    content: Content = {"title": scenario.title}
    if scenario.summary:
        content["summary"] = scenario.summary
    content |= {"reference": _reference(scenario, file), "order": scenario.order}
    if scenario.budget:
        content["budget"] = scenario.budget.model_dump()
    own = {name: s.model_dump() for name, s in sorted(scenario.shifts.items()) if SHARED_SHIFTS.get(name) != s}
    parts = {
        "constants": _constants(scenario, file),
        "shifts": own,
        "levers": {"sites": [_site(s) for s in scenario.sites], "patrol": [_patrol(p) for p in scenario.patrols]},
        "uncertainties": {
            **{name: _parameter(value) for name, value in scenario.parameters.items()},
            "surge": [_surge(surge) for surge in scenario.surges],
        },
    }
    return content | {name: _filled(part) for name, part in parts.items() if _filled(part)}


def scenario_text(content: Content) -> str:
    """The content of a scenario file as TOML that a person can read and edit."""
    plain = {name: value for name, value in content.items() if not isinstance(value, dict)}
    lines = [f"{name} = {_toml(value)}" for name, value in plain.items()]
    for name, table in content.items():
        if isinstance(table, dict):
            lines += _table(name, table)
    return "\n".join(lines) + "\n"


def _filled(part: Mapping[str, Any]) -> Content:
    return {name: value for name, value in part.items() if value not in ([], {}, None)}


def _reference(scenario: Scenario, file: Path) -> str:
    """How `file` names the reference: itself, a name beside it or shipped, or a path."""
    if scenario.reference == scenario.name:
        return file.stem
    try:
        found = find_scenario(scenario.reference, beside=scenario.folder)
    except InputError:
        return scenario.reference
    if found.parent.resolve() in {file.parent.resolve(), (shipped_folder() or Path()).resolve()} and (
        found.suffix == ".toml" and found.stem != file.stem
    ):
        return found.stem
    return _relative(found, file.parent)


def _relative(path: Path, folder: Path) -> str:
    """`path` as seen from `folder`; with a folder in it, so that it is no name. On another drive, the whole path."""
    try:
        seen = Path(os.path.relpath(path.resolve(), folder.resolve())).as_posix()
    except ValueError:
        return path.resolve().as_posix()
    return seen if "/" in seen else f"../{folder.resolve().name}/{seen}"


def _constants(scenario: Scenario, file: Path) -> Content:
    frame = scenario.frame
    return {
        "precincts": list(frame.precincts),
        "starts": frame.starts,
        "ends": frame.ends,
        "past_months": frame.past_months,
        "city": None if frame.city_folder is None else _relative(frame.city_folder, file.parent),
    }


def _site(site: Site) -> Content:
    first = site.terms[0]
    entry: Content = {
        "precinct": site.precinct,
        "site_id": site.site_id,
        "provider": site.provider or None,
        "opens": site.opens,
        "closes": site.closes,
        "catchment_share": site.catchment_share,
        "shift": first.shift,
        "payment_delay_days": first.payment_delay_days or None,
        "staff": _amounts(first.staff.model_dump()),
        "services": _amounts(first.services.model_dump()),
        "changes": [_change(before, after) for before, after in pairwise(site.terms)],
    }
    return _filled(entry)


def _amounts(given: Mapping[str, int]) -> Content:
    return {name: amount for name, amount in given.items() if amount}


def _change(before: SiteTerm, after: SiteTerm) -> Content:
    """What is not as before. An empty step is impossible: neighbouring terms differ."""
    change: Content = {"from": after.from_date}
    for part in ("staff", "services"):
        old, new = (getattr(term, part).model_dump() for term in (before, after))
        if differing := {name: amount for name, amount in new.items() if amount != old[name]}:
            change[part] = differing
    for name in ("shift", "payment_delay_days"):
        if getattr(after, name) != getattr(before, name):
            change[name] = getattr(after, name)
    return change


def _patrol(patrol: Patrol) -> Content:
    return _filled(
        {
            "precincts": patrol.precinct,
            "from": patrol.from_date,
            "until": patrol.until_date,
            "officers": patrol.officers,
            "share_of_precinct": patrol.share_of_precinct,
            "shift": patrol.shift,
        }
    )


def _surge(surge: Surge) -> Content:
    where = None if surge.precincts is None else list(surge.precincts)
    return _filled({"from": surge.from_date, "until": surge.until_date, "factor": surge.factor, "precincts": where})


def _parameter(value: float | Prior) -> float | Content:
    return {"law": value.law, **value.arguments} if isinstance(value, Prior) else value


def _table(name: str, table: Content) -> Iterator[str]:
    lists = {key: value for key, value in table.items() if _is_list_of_tables(value)}
    tables = {key: value for key, value in table.items() if isinstance(value, dict) and name == "shifts"}
    if plain := {key: value for key, value in table.items() if key not in {*lists, *tables}}:
        yield from ("", f"[{name}]", *_pairs(plain))
    for key, value in tables.items():
        yield from ("", f"[{name}.{_key(key)}]", *_pairs(value))
    for key, entries in lists.items():
        for entry in entries:
            yield from _entry(f"{name}.{key}", entry)


def _entry(name: str, entry: Content) -> Iterator[str]:
    lists = {key: value for key, value in entry.items() if _is_list_of_tables(value)}
    yield from ("", f"[[{name}]]", *_pairs({key: value for key, value in entry.items() if key not in lists}))
    for key, entries in lists.items():
        for each in entries:
            yield from _entry(f"{name}.{key}", each)


def _is_list_of_tables(value: object) -> bool:
    return isinstance(value, list) and bool(value) and isinstance(value[0], dict)


def _pairs(table: Content) -> Iterator[str]:
    for name, value in table.items():
        yield f"{_key(name)} = {_toml(value)}"


def _key(name: str) -> str:
    bare = name.isascii() and name.replace("_", "").replace("-", "").isalnum()
    return name if bare else _toml(name)


def _toml(value: object) -> str:
    """A value as TOML; texts as JSON writes them, which TOML reads the same but for the sign DEL."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, dict):
        return f"{{ {', '.join(_pairs(value))} }}"
    if isinstance(value, list):
        return f"[{', '.join(_toml(each) for each in value)}]"
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    return repr(value)
