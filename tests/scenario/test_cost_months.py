"""Months add up to the fiscal years, and late money is late by as many days."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from cms_sim.data.unit_costs import load_unit_costs
from cms_sim.scenario.cost import cost_of
from cms_sim.scenario.cost_months import carrying_cost_usd, months_of
from cms_sim.scenario.files import load_scenario

Write = Callable[..., Path]
UNIT_COSTS = load_unit_costs()


@pytest.mark.parametrize("name", ["expansion_2020", "opening_late", "late_payment", "hot_spot_patrol", "no_programme"])
def test_months_add_up_to_fiscal_years(name: str) -> None:
    scenario = load_scenario(name)
    months, cost = months_of(scenario, UNIT_COSTS), cost_of(scenario, UNIT_COSTS)
    assert len(months) == 48 and months[0].month == date(2020, 7, 1)
    for year, usd in cost.by_fiscal_year().items():
        assert sum(month.spent_usd for month in months if month.fiscal_year == year) == pytest.approx(usd)
    opening = sum(month.start_up_usd for month in months)
    assert opening == pytest.approx(cost.by_kind().get("site.start_up", 0.0))


def test_money_in_time_is_never_owed() -> None:
    months = months_of(load_scenario("expansion_2020"), UNIT_COSTS)
    assert all(abs(month.owed_usd) < 1e-3 for month in months)
    assert carrying_cost_usd(months, 0.06) == pytest.approx(0.0, abs=1e-3)


def test_by_hand(write: Write) -> None:
    """A site of one supervisor, 138,000 a year, opens on 1 September 2020; its money comes 61 days later."""
    text = (
        "[[levers.sites]]\nprecinct = 73\nsite_id = 1\nopens = 2020-09-01\npayment_delay_days = 61\n"
        "staff = { supervisors = 1 }\n"
    )
    months = {month.month: month for month in months_of(load_scenario(write(text)), UNIT_COSTS)}
    day = 138_000 / 365
    assert months[date(2020, 8, 1)].spent_usd == 0.0
    september, october, november = (months[date(2020, number, 1)] for number in (9, 10, 11))
    assert september.start_up_usd == 46_000 and september.running_usd == pytest.approx(30 * day)
    assert september.paid_usd == october.paid_usd == 0.0
    assert october.owed_usd == pytest.approx(46_000 + 61 * day)
    assert november.paid_usd == pytest.approx(46_000 + 30 * day)  # what was spent in September
    assert november.owed_usd == pytest.approx(61 * day)
    last = months[date(2022, 6, 1)]
    assert last.owed_usd == pytest.approx(61 * day)
    assert sum(month.paid_usd for month in months.values()) == pytest.approx(
        sum(month.spent_usd for month in months.values()) - 61 * day
    )


def test_to_carry_what_is_owed_costs_its_interest() -> None:
    months = months_of(load_scenario("late_payment"), UNIT_COSTS)
    owed = sum(month.owed_usd for month in months)
    assert carrying_cost_usd(months, 0.12) == pytest.approx(0.01 * owed) and owed > 0.0


def test_the_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    from cms_sim.door.cli import main

    monkeypatch.chdir(tmp_path)
    for arguments, code, words in (
        (["late_payment", "--out", "months.csv"], 0, "Most is owed at the end of"),
        (["expansion_2020"], 0, "FY2024"),
        (["late_payment", "--interest", "6"], 2, "6.0 is no rate"),
        (["late_paymen"], 2, "'late_payment'"),
        (["late_payment", "--unit-costs", "nowhere.toml"], 2, "cannot be read"),
    ):
        with pytest.raises(SystemExit) as ended:
            main(["money", *arguments])
        said = capsys.readouterr()
        assert ended.value.code == code and words in said.out + said.err, said
    lines = (tmp_path / "months.csv").read_text(encoding="utf-8").splitlines()
    assert len(lines) == 49 and lines[1].startswith("2020-07-01,2021,")
