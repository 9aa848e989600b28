"""The formulas of the sheet Costs, worked out by a spreadsheet program, give what the program itself works out."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from cms_sim.data.unit_costs import load_unit_costs
from cms_sim.scenario.cost import PlanCost, amounts_of, check_budget, cost_of, incremental
from cms_sim.scenario.files import load_reference, load_scenario
from cms_sim.scenario.resolved import Scenario, resolved_hash
from tests.scenario.workbook.parts import write_workbook

PROGRAM = shutil.which("soffice")
UNIT_COSTS = load_unit_costs()


def test_amounts_times_prices_are_the_cost(small: Scenario) -> None:
    cost = cost_of(small, UNIT_COSTS)
    by_hand = {key: amount * UNIT_COSTS[key[2]].usd for key, amount in amounts_of(small).items()}
    assert cost.total_usd == pytest.approx(sum(by_hand.values()))
    assert amounts_of(small)[2021, 75, "site.start_up"] == 1.0


def test_every_formula_is_a_formula_and_no_text_is(written: Path) -> None:
    from openpyxl import load_workbook

    book = load_workbook(written)
    for sheet in book.worksheets:
        has = any(cell.data_type == "f" for row in sheet.iter_rows() for cell in row)
        assert has == (sheet.title in ("Costs", "Workings")), sheet.title
        assert sheet.title in ("About",) or sheet.freeze_panes
    listed = book["Sites"].data_validations.dataValidation
    assert {each.type for each in listed} == {"list", "whole", "date", "decimal"}


@pytest.mark.slow
@pytest.mark.skipif(PROGRAM is None, reason="needs LibreOffice (soffice)")
def test_a_spreadsheet_program_comes_to_the_same(small: Scenario, tmp_path: Path) -> None:
    from openpyxl import load_workbook

    plans = {"small": small, "opening_late": load_scenario("opening_late")}
    for name, plan in plans.items():
        write_workbook(plan, tmp_path / f"{name}.xlsx", UNIT_COSTS)
    profile = f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"
    files = [str(tmp_path / f"{name}.xlsx") for name in plans]
    command = [str(PROGRAM), "--headless", profile, "--convert-to", "xlsx", "--outdir", str(tmp_path / "out"), *files]
    subprocess.run(command, check=True, capture_output=True, timeout=180)
    for name, plan in plans.items():
        file = tmp_path / "out" / f"{name}.xlsx"
        sheet = load_workbook(file, data_only=True)["Costs"]
        found = {row[0].value: [cell.value for cell in row[3:]] for row in sheet.iter_rows() if row[0].value}
        cost, reference = cost_of(plan, UNIT_COSTS), load_reference(plan)
        assert totals(cost) == found["Plan: in all"][: len(totals(cost))]
        assert totals(cost.of_fund("core")) == found["Plan: core"][: len(totals(cost))]
        beyond = incremental(cost, cost_of(reference, UNIT_COSTS))
        if beyond.lines:
            assert totals(beyond) == found["Beyond it: in all"][: len(totals(beyond))]
        left = list(check_budget(plan, reference, UNIT_COSTS).values())
        assert pytest.approx(left) == found["Left: in all (negative: overspent)"][: len(left)]
        assert {p: pytest.approx(usd) for p, usd in cost.by_precinct().items()} == {
            p: found[p][0] for p in cost.by_precinct()
        }
        assert resolved_hash(load_scenario(file)) == resolved_hash(plan)


def totals(cost: PlanCost) -> list[object]:
    """By fiscal year and in all."""
    return [*(pytest.approx(usd) for usd in cost.by_fiscal_year().values()), pytest.approx(cost.total_usd)]
