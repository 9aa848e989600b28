"""What the parameter table says of identification, held against recovery."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner

from cms_sim.data.hypotheses import load_hypotheses
from cms_sim.data.parameters import load_parameters
from cms_sim.data.targets import groups, load_targets
from cms_sim.door.identify_cli import identify
from cms_sim.errors import InputError
from cms_sim.evaluation import identified as module
from cms_sim.evaluation.calibration.bank import LIVED, Bank, BankPlan, places
from cms_sim.evaluation.calibration.recovery import NOT_IDENTIFIED
from cms_sim.evaluation.identified import (
    ALL,
    Identified,
    finished_bank,
    identified,
    identified_markdown,
    learned_from,
    read_learned,
    unbacked,
    write_learned,
)
from cms_sim.experiment.draws import draw_from_priors, uncertain_parameters
from tests.pages import DOCS, text_of

TABLE = load_parameters()
CITY = load_hypotheses()["city"]
NAMES = (ALL, *groups())


def one(name: str, **contraction: float) -> Identified:
    """A parameter of which recovery found this; groups that are not named say nothing."""
    learned = {group: {name: contraction.get(group, 0.0)} for group in NAMES}
    (found,) = [each for each in identified({"city": learned}) if each.name == name]
    return found


def test_every_drawn_parameter_is_there_in_the_order_of_the_table() -> None:
    found = [each.name for each in identified({"city": {}})]
    assert found == [name for name in TABLE if name in uncertain_parameters(CITY)]


def test_the_words_of_the_table_are_understood() -> None:
    """A claim whose words name no group could never be found wrong."""
    claims = {name: each.identified_by for name, each in TABLE.items() if each.prior}
    for name, claim in claims.items():
        assert bool(one(name).claimed) == (claim != "prior only"), claim
    assert one("shooting_chance").claimed == ("activity", "effect")
    assert one("branching_contagion").claimed == ("dispersion",)


def test_a_claim_is_backed_by_what_is_learned_from_its_own_statistics() -> None:
    assert one("detection", all=0.3, activity=0.25).verdict == "learned"
    from_others = one("detection", all=0.3, survey=0.25)
    assert from_others.verdict == "learned, but not from activity" and unbacked([from_others]) == [from_others]
    half = one("shooting_chance", all=0.3, activity=0.25)
    assert half.verdict == "learned, but not from effect" and not half.is_backed


@pytest.mark.parametrize("learned", [-0.05, 0.0, NOT_IDENTIFIED - 1e-6])
def test_a_claim_of_which_nothing_is_learned_is_found_out(learned: float) -> None:
    found = one("detection", all=learned, activity=0.3)
    assert found.prior_only and not found.is_backed
    (line,) = [line for line in identified_markdown([found]) if line.startswith("| `detection`")]
    assert "**prior only, whatever is said**" in line
    assert "Known by the prior only: `detection`. What is said" in identified_markdown([found])[0]


def test_who_claims_nothing_is_not_wrong() -> None:
    assert one("backfire").verdict == "prior only" and one("backfire").is_backed
    assert TABLE["crew_route"].prior is None
    only_there = Identified("crew_route", "chicago", TABLE["crew_route"].identified_by, {ALL: 0.03})
    assert (
        only_there.verdict == "prior only"
        and only_there.is_backed
        and "fixed" not in identified_markdown([only_there])[-1]
    )


def test_without_recovery_what_is_said_is_called_untested() -> None:
    lines = identified_markdown(identified({}))
    assert "said and not tested" in lines[0]
    assert f"| `detection` | {TABLE['detection'].identified_by} |" in lines


def made_bank(draws: int = 400) -> Bank:
    """Statistics that follow two parameters: the share statistic one of them, the survey another; the rest is noise."""
    plan = BankPlan.now("city", draws, seed=3)
    sampled = draw_from_priors(draws, 3, CITY)
    bank = Bank(plan, pd.DataFrame(sampled.values, columns=list(sampled.names)), pd.DataFrame())
    rng, place = np.random.default_rng(1), dict(zip(sampled.names, places(bank).T, strict=True))
    noise: Mapping[str, np.ndarray] = {target.name: 1.0 + rng.random(draws) for target in load_targets()}
    seen = {
        "share_statistic": 1.0 + place["yearly_precinct_spread"] + 0.1 * rng.random(draws),
        "survey_programme": -place["education_norm_per_day"] + 0.1 * rng.random(draws),
    }
    return Bank(plan, bank.values, pd.DataFrame({**noise, **seen, LIVED: np.ones(draws)}))


def test_recovery_by_group_finds_which_statistics_speak() -> None:
    learned = learned_from(made_bank())
    assert tuple(learned) == NAMES
    spread, education = "yearly_precinct_spread", "education_norm_per_day"
    assert learned[ALL][spread] > 0.5 and learned["dispersion"][spread] > 0.5 > 0.2 > learned["survey"][spread]
    assert learned[ALL][education] > 0.5 and learned["survey"][education] > 0.5 > 0.2 > learned["effect"][education]
    assert learned[ALL]["residual_good"] < NOT_IDENTIFIED
    by_name = {each.name: each for each in identified({"city": learned})}
    assert by_name[spread].verdict == "learned" and by_name["residual_good"].verdict == "prior only, whatever is said"


def test_it_is_kept_with_the_rules_and_not_read_under_others(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "identified.json"
    assert read_learned(file) == {}
    write_learned({"city": {ALL: {"detection": 0.2}}}, file)
    assert read_learned(file) == {"city": {ALL: {"detection": 0.2}}}
    monkeypatch.setattr(module, "fitted_with", lambda *what: {"rules": "of tomorrow"})
    assert read_learned(file) == {}


@pytest.mark.parametrize("content", [None, "{", '{"draws": 1}', "rules"])
def test_a_folder_without_a_bank_of_today_is_refused(content: str | None, tmp_path: Path) -> None:
    if content is not None:
        (tmp_path / "bank").mkdir()
        plan = asdict(BankPlan.now("city", 400, 3))
        plan["counted_with"]["rules"] = "of yesterday"
        (tmp_path / "bank" / "bank.json").write_text(json.dumps(plan) if content == "rules" else content)
    with pytest.raises(InputError, match="other rules" if content == "rules" else "no finished bank"):
        finished_bank(tmp_path)


def test_a_bank_of_a_hypothesis_that_is_not_there_is_named(tmp_path: Path) -> None:
    (tmp_path / "bank").mkdir()
    plan = {**asdict(BankPlan.now("city", 400, 3)), "hypothesis": "citty"}
    (tmp_path / "bank" / "bank.json").write_text(json.dumps(plan))
    with pytest.raises(InputError, match="is of “citty”, which is no hypothesis") as refused:
        finished_bank(tmp_path)
    assert str(tmp_path) in refused.value.where


def test_the_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "finished_bank", lambda folder: made_bank(240))
    monkeypatch.setattr(module, "learned_from", lambda bank: {name: {"detection": 0.2} for name in NAMES})
    written: list[object] = []
    monkeypatch.setattr(module, "write_learned", written.append)
    assert "| `detection` |" in CliRunner().invoke(identify, [str(tmp_path)]).output and not written
    told = CliRunner().invoke(identify, [str(tmp_path), "--ship", "--json"])
    assert json.loads(told.output) == {"city": {name: {"detection": 0.2} for name in NAMES}} == written[0]


def test_what_ships_is_of_today() -> None:
    assert set(read_learned()) == set(load_hypotheses())


def test_what_reports_call_known_by_the_prior_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """As recovery found it; without recovery, as the table says."""
    learned = {"city": {ALL: {"detection": 0.01, "catchment_share": 0.5}}}
    monkeypatch.setattr(module, "read_learned", lambda: learned)
    found = module.by_prior_only("city")
    assert "detection" in found and "catchment_share" not in found and "backfire" in found
    monkeypatch.setattr(module, "read_learned", dict)
    found = module.by_prior_only("city")
    assert "detection" not in found and "backfire" in found


def test_the_page_names_every_parameter_that_is_known_by_its_prior_only() -> None:
    found = identified(read_learned())
    assert {each.hypothesis for each in found} == set(load_hypotheses())
    page = text_of(DOCS / "PARAMETERS.md").partition("### What identifies")[2]
    rows = [line for line in page.splitlines() if line.startswith("| `")]
    for each in found:
        (row,) = [row for row in rows if row.startswith(f"| `{each.name}` ") and f"| {each.hypothesis} |" in row]
        assert ("prior only" in row.split("|")[-2]) == each.prior_only
    for name in {each.name for each in unbacked(found)}:
        assert f"`{name}`" in page.partition("not borne out")[2].splitlines()[0]
