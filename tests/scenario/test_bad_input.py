"""Whatever is wrong with a file: one message that names file, line or key, and the remedy."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from cms_sim.data.unit_costs import load_unit_costs
from cms_sim.errors import InputError
from cms_sim.scenario.check import check_file
from cms_sim.scenario.cost import check_budget
from cms_sim.scenario.files import load_reference, load_scenario
from cms_sim.scenario.new import new_scenario_text
from cms_sim.scenario.source import key_lines

Write = Callable[..., Path]

SITE = """
[[levers.sites]]
precinct = 73
site_id = 1
opens = 2020-07-01
"""

CASES = {
    # name: (text after the frame, what the place must hold, what the message must hold, what the remedy must hold)
    "unknown key": (
        "[[levers.sites]]\nprecint = 73\nsite_id = 1",
        "line 9: levers.sites.precint",
        "unknown key",
        "'precinct'",
    ),
    "wrong unit": (
        SITE + "payment_delay_months = 8",
        "line 13",
        "'payment_delay_months'",
        "'payment_delay_days' (in days)",
    ),
    "unknown table": ("[lever]\nx = 1", "line 8: lever", "unknown key", "'levers'"),
    "wrong type": (
        SITE + 'staff = { supervisors = "one" }',
        "line 13: levers.sites.staff.supervisors",
        "whole number",
        "post",
    ),
    "half a post": (SITE + "staff = { supervisors = 1.5 }", "line 13", "1.5 is not a whole number", "full-time posts"),
    "date in quotes": (SITE + 'closes = "2021-07-01"', "line 13", "date without quotes", "closed"),
    "negative": (SITE + "payment_delay_days = -1", "line 13", "-1 must not be negative", "days"),
    "missing key": (
        "[[levers.sites]]\nprecinct = 73",
        "line 8: levers.sites",
        "'site_id' is missing",
        "Number of the site",
    ),
    "no opening day": ("[[levers.sites]]\nprecinct = 73\nsite_id = 1", "line 8", "no opening date", "Add opens"),
    "closes too early": (SITE + "closes = 2020-01-01", "line 13", "is not after opens", "dates in order"),
    "step before opening": (
        SITE + "[[levers.sites.changes]]\nfrom = 2020-01-01\nshift = 'evenings'",
        "line 14: levers.sites.changes.from",
        "outside the site's life",
        "dates in order",
    ),
    "two steps on a day": (
        SITE + "[[levers.sites.changes]]\nfrom = 2021-01-01\n[[levers.sites.changes]]\nfrom = 2021-01-01",
        "line 14",
        "two steps of the same site on 2021-01-01",
        "one entry",
    ),
    "unknown precinct": (SITE.replace("73", "74"), "line 10: levers.sites.precinct", "no precinct 74", "73 and 75"),
    "precinct not in play": (SITE.replace("73", "81"), "line 10", "81 is not among", "constants.precincts"),
    "same key twice": (SITE + SITE, "line 14", "two sites with site_id 1", "another site_id"),
    "catchments overlap": (
        SITE + "catchment_share = 0.7" + SITE.replace("site_id = 1", "site_id = 2") + "catchment_share = 0.4",
        "line 18: levers.sites.catchment_share",
        "cover 1.1 of it on 2020-07-01",
        "at most 1",
    ),
    "too many posts": (
        SITE + "staff = { outreach_workers = 40 }\n[[levers.add]]\nprecincts = 73\nfrom = 2021-01-01\n"
        "staff = { violence_interrupters = 30 }",
        "line 13: levers.sites.staff",
        "70 posts on 2021-01-01",
        "move 6 posts",
    ),
    "unknown shift": (SITE + "shift = 'evening'", "line 13", "no shift 'evening'", "'evenings'"),
    "unknown shift in a step": (
        SITE + "[[levers.sites.changes]]\nfrom = 2021-01-01\nshift = 'nights'",
        "line 15: levers.sites.changes.shift",
        "no shift 'nights'",
        "nights_weekends",
    ),
    "shift too long": (
        "[shifts.long]\nweekdays = ['Mon']\nfrom_hour = 8\nto_hour = 23",
        "line 8",
        "15 hours",
        "At most 12",
    ),
    "no such weekday": ("[shifts.x]\nweekdays = ['Monday']\nfrom_hour = 8\nto_hour = 9", "line 9", "'Monday'", "'Mon'"),
    "no such hour": ("[shifts.x]\nweekdays = ['Mon']\nfrom_hour = 24\nto_hour = 9", "line 10", "at most 23", "hour"),
    "unknown set": (
        "[[levers.add]]\nprecincts = 'covered_2021'\nfrom = 2020-07-01",
        "line 9",
        "'covered_2021'",
        "'covered_2020'",
    ),
    "not precincts": ("[[levers.add]]\nprecincts = 7.5\nfrom = 2020-07-01", "line 9", "7.5 does not name", "a list"),
    "a precinct twice": (
        "[[levers.add]]\nprecincts = [75, 75]\nfrom = 2020-07-01",
        "line 9",
        "precinct 75 is there twice",
        "the number that was meant",
    ),
    "empty list": ("[[levers.add]]\nprecincts = []\nfrom = 2020-07-01", "line 9", "is empty", "at least one"),
    "nothing to add to": (
        "[[levers.add]]\nprecincts = [75]\nfrom = 2020-07-01",
        "line 9",
        "75 has no site",
        "[[levers.sites]]",
    ),
    "until before from": (
        SITE + "[[levers.add]]\nprecincts = 73\nfrom = 2021-07-01\nuntil = 2021-07-01",
        "line 16: levers.add.until",
        "is not after",
        "dates in order",
    ),
    "additions disagree": (
        SITE + "[[levers.add]]\nprecincts = 73\nfrom = 2021-07-01\nshift = 'evenings'\n"
        "[[levers.add]]\nprecincts = 73\nfrom = 2021-07-01\nshift = 'office_hours'",
        "line 9: levers.sites",
        "evenings and office_hours",
        "Keep one",
    ),
    "two patrols at once": (
        "[[levers.patrol]]\nprecincts = [73, 75]\nfrom = 2020-07-01\nofficers = 2\nshare_of_precinct = 0.2\n"
        "[[levers.patrol]]\nprecincts = 75\nfrom = 2021-07-01\nofficers = 2\nshare_of_precinct = 0.2",
        "line 15: levers.patrol.from",
        "two patrols on 2021-07-01",
        "until",
    ),
    "share above one": (
        "[[levers.patrol]]\nprecincts = 75\nfrom = 2021-07-01\nofficers = 2\nshare_of_precinct = 20",
        "line 12",
        "20 must be at most 1",
        "0 to 1",
    ),
    "surge of nothing": (
        "[[uncertainties.surge]]\nfrom = 2021-07-01\nuntil = 2022-07-01\nfactor = 0",
        "line 11",
        "0 must be greater than 0",
        "background level",
    ),
    "unknown parameter": (
        "[uncertainties]\ncatchment_shares = 0.4",
        "line 9",
        "'catchment_shares'",
        "'catchment_share'",
    ),
    "unknown law": ("[uncertainties]\ncatchment_share = { law = 'normal' }", "line 9", "'normal'", "'uniform', 'beta'"),
    "law without arguments": (
        "[uncertainties]\ncatchment_share = { law = 'uniform', low = 0.2 }",
        "line 9",
        "takes low, high",
        "each",
    ),
    "misspelt argument": (
        "[uncertainties.catchment_share]\nlaw = 'uniform'\nlow = 0.2\nhihg = 0.4",
        "line 11: uncertainties.catchment_share.hihg",
        "unknown key 'hihg'",
        "'high'",
    ),
}


def refusal(path: str | Path) -> InputError:
    with pytest.raises(InputError) as caught:
        load_scenario(path, parameter_names={"catchment_share", "fidelity"})
    assert caught.value.exit_code == 2
    return caught.value


@pytest.mark.parametrize("case", CASES)
def test_message_place_and_remedy(case: str, write: Write) -> None:
    text, place, message, remedy = CASES[case]
    file = write(text)
    error = refusal(file)
    assert error.where.startswith(str(file)) and place in error.where, error
    assert message in error.message, error
    assert remedy in error.remedy, error


def test_no_such_file_names_the_nearest() -> None:
    assert "'expansion_2020'" in refusal("expansion_2002").remedy
    assert "'expansion_2020'" in refusal("nowhere/expansion_202.toml").remedy


def test_a_file_that_is_not_toml(write: Write) -> None:
    error = refusal(write('title = "x"\nsummary = "y\n', frame=False))
    assert ", line 2" in error.where and "not valid TOML" in error.message and "Mend that line" in error.remedy


def test_a_file_that_is_not_text_or_not_a_file(tmp_path: Path) -> None:
    (tmp_path / "binary.toml").write_bytes(b"\xff\xfe\x00")
    assert "not UTF-8" in refusal(tmp_path / "binary.toml").message


def test_a_frame_is_needed(write: Write) -> None:
    error = refusal(write('title = "x"', frame=False))
    assert "constants.precincts is missing" in error.message and "sites_june_2020" in error.remedy


def test_a_frame_has_its_dates_in_order(write: Write) -> None:
    text = 'title = "x"\n[constants]\nprecincts = 73\nstarts = 2021-01-01\nends = 2020-01-01'
    error = refusal(write(text, frame=False))
    assert "line 5: constants.ends" in error.where and "before the first day" in error.message


def test_extends_in_a_circle(write: Write) -> None:
    write('title = "a"\nextends = "b"', "a", frame=False)
    error = refusal(write('title = "b"\nextends = "a"', "b", frame=False))
    assert "b -> a -> b" in error.message and "a.toml, line 2: extends" in error.where


def test_extends_what_is_not_there(write: Write) -> None:
    error = refusal(write('title = "a"\nextends = "by_ned"', frame=False))
    assert "line 2: extends" in error.where and "'by_need'" in error.remedy


def test_a_fault_of_the_parent_is_placed_in_the_parent(write: Write) -> None:
    parent = write(SITE + "shift = 'evening'", "parent")
    child = write('title = "child"\nextends = "parent"\n' + SITE, "child", frame=False)
    assert refusal(child).where == f"{parent}, line 13: levers.sites.shift"


def test_several_problems_are_counted_and_the_first_line_is_named(write: Write) -> None:
    error = refusal(write(SITE + "colour = 1\nsize = 2"))
    assert "line 13: levers.sites.colour" in error.where and "1 more" in error.message


def test_an_overspent_budget_says_by_how_much_and_what_it_takes(write: Write) -> None:
    write("", "reference")
    text = SITE + "staff = { outreach_workers = 9 }\n[budget]\nusd_per_year = 900_000\n"
    scenario = load_scenario(write(text)).model_copy(update={"reference": "reference"})
    with pytest.raises(InputError) as caught:
        check_budget(scenario, load_reference(scenario), load_unit_costs())
    # nine posts, running cost and start-up: 918,000 + 36,000 + 46,000
    assert "overspent by $100,000 in fiscal year 2021" in caught.value.message
    assert "line 15: budget.usd_per_year" in caught.value.where
    assert "grant $1,000,000" in caught.value.remedy and "1.0 posts" in caught.value.remedy


def test_wraparound_money_buys_no_staff(write: Write) -> None:
    write("", "reference")
    text = (
        SITE + "staff = { outreach_workers = 9 }\n[budget]\nusd_per_year = 900_000\nwraparound_usd_per_year = 500_000"
    )
    file = write(text)
    file.write_text(file.read_text().replace('reference = "test"', 'reference = "reference"'))
    with pytest.raises(InputError, match="overspent by"):
        check_file(file)


def test_a_starter_file_is_valid_and_refuses_bad_names(write: Write) -> None:
    file = write(new_scenario_text("my_plan", "expansion_2020"), "my_plan", frame=False)
    assert any(line.startswith("Unspent") for line in check_file(file))
    for name, extends in (("my plan", "expansion_2020"), ("fine", "no_programme"), ("fine", "nowhere")):
        with pytest.raises(InputError):
            new_scenario_text(name, extends)


@pytest.mark.parametrize("extends", ["sites_june_2020", "expansion_2020", "by_need"])
def test_the_example_site_of_a_starter_file_is_valid_when_uncommented(write: Write, extends: str) -> None:
    """In a precinct without a site or, where all have one, as a second site."""
    head, site = new_scenario_text("my_plan", extends).split("# [[levers.sites]]")
    example, rest = site.split("\n\n", 1)
    before = load_scenario(write(head + rest, "my_plan", frame=False))
    uncommented = "\n".join(
        line.removeprefix("# ").removeprefix("#") for line in f"# [[levers.sites]]{example}".splitlines()
    )
    file = write(f"{head}{uncommented}\n\n{rest}", "my_plan", frame=False)
    assert len(load_scenario(file).sites) == len(before.sites) + 1
    assert any(line.startswith("Unspent") for line in check_file(file))


def test_a_starter_file_names_the_path_it_is_written_to(tmp_path: Path) -> None:
    assert "cms-sim check scenarios/my_plan.toml\n" in new_scenario_text("my_plan")
    assert f"cms-sim check {tmp_path / 'x.toml'}\n" in new_scenario_text("my_plan", file=tmp_path / "x.toml")


def test_only_scenarios_are_named_as_valid(write: Write, tmp_path: Path) -> None:
    for name in ("pyproject.toml", "broken.toml"):
        (tmp_path / name).write_text("[project]\nname = 'x'\n" if name == "pyproject.toml" else "= [")
    write("", "mine")
    with pytest.raises(InputError, match=r"Valid: .*mine\.toml") as found:
        load_scenario(tmp_path / "nowhere.toml")
    assert "pyproject" not in str(found.value) and "broken" not in str(found.value)


def test_lines_of_keys() -> None:
    text = '[a]\nb = 1 # c = 2\n[[a.d]]\ne = { f = 1, g = "h = 3" }\n[[a.d]]\n[a.d.i]\nj = [\n  { k = 1 },\n]\n'
    lines = key_lines(text)
    assert lines["a", "b"] == 2 and lines["a", "d", 0, "e", "f"] == 4 and lines["a", "d", 0, "e", "g"] == 4
    assert lines["a", "d", 1] == 5 and lines["a", "d", 1, "i", "j"] == 7
    assert not any("h" in path or "c" in path for path in lines)


def test_a_team_that_never_rests_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "tireless.toml"
    file.write_text(
        'title = "T"\nsummary = "S"\nextends = "sites_june_2020"\n'
        "[[levers.sites]]\nprecinct = 43\nsite_id = 1\nprovider = 'P'\nopens = 2020-07-01\n"
        'shift = "every_night"\nstaff = { violence_interrupters = 2 }\n'
    )
    with pytest.raises(InputError, match=r"line 9.*7 days a week\n.*5 days a week"):
        load_scenario(file)
