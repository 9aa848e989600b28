"""Estimators that cheat, and what the tables say of them: made in the same histories as honest ones."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from cms_sim.data.city_tables import load_city_tables
from cms_sim.evaluation.estimators.estimate import Estimate
from cms_sim.evaluation.estimators.panel import Panel
from cms_sim.evaluation.power import reported
from cms_sim.evaluation.power.design import Design, built_in
from cms_sim.evaluation.power.run import Folders, run_studies
from cms_sim.evaluation.power.study import Study, studies_of
from cms_sim.evaluation.power.summary import Found, summarised
from cms_sim.evaluation.power.words import which
from tests.evaluation.power.made_up import keep_histories

HISTORIES = 60
SITES = 17


def best_site(panel: Panel) -> Estimate:
    """Shows the site that fell most, with the error that it would have had if nobody had chosen it."""
    found = []
    for number, start in panel.openings.items():
        row = panel.precincts.index(number)
        before, after = (int(panel.counts[row, a : a + 24].sum()) for a in (start - 24, start))
        found.append((np.log(max(after, 0.5) / max(before, 0.5)), np.sqrt(1 / max(before, 0.5) + 1 / max(after, 0.5))))
    change, error = min(found)
    value, low, high = (100 * np.expm1(change + z * error) for z in (0.0, -1.96, 1.96))
    return Estimate("best_site", float(value), float(low), float(high), 1, "sites")


def knows_already(panel: Panel) -> Estimate:
    """Says what was hoped for, whatever the counts."""
    return Estimate("knows_already", -28.0, -33.0, -23.0, len(panel.sites), "sites")


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> tuple[Found, Study]:
    kept = tmp_path_factory.mktemp("cheats")
    keep_histories(kept, HISTORIES)
    content = {
        "histories": HISTORIES,
        "estimator_histories": HISTORIES,
        "effects_percent": [0, -10, -20, -30, -40],
        "study": [
            {
                "name": "17",
                "sites": "record",
                "estimators": ["best_site", "knows_already"],
                "estimator_effects_percent": [0, -10, -20, -30, -40],
            }
        ],
    }
    with pytest.MonkeyPatch.context() as patch:
        cheats = {"best_site": best_site, "knows_already": knows_already}
        for cheat, function in cheats.items():
            patch.setitem(reported.ESTIMATORS, cheat, function)  # type: ignore[arg-type]
        _, source = built_in()
        design = Design.model_validate(content)
        (study,) = studies_of(design, source, load_city_tables())
        reports = run_studies(design, [study], Folders(kept, kept / "reports"), workers=1)
    return summarised(reports), study


def line(found: Found, estimator: str) -> pd.Series:
    rows = found.smallest.set_index("estimator")
    return rows.loc[estimator]


def test_the_best_of_17_sites_falls_where_nothing_happened(found: tuple[Found, Study]) -> None:
    cheat, honest = line(found[0], "best_site"), line(found[0], "windows_rest_of_city")
    # One of 17 tests of 2.5% each: 1 - 0.975^17. Chance makes the least of 17 some 1.8 standard deviations low.
    assert cheat["false_alarm"] == pytest.approx(1 - 0.975**SITES, abs=4 * np.sqrt(0.35 * 0.65 / HISTORIES))
    assert cheat["false_alarm_low"] > 0.05 > honest["false_alarm_low"]
    assert cheat["bias_points"] < -25.0 and abs(honest["bias_points"]) < 4 * 8.0 / np.sqrt(HISTORIES)
    # Held to 5 in 100, it finds less than an honest study of the same counts.
    assert honest["detectable_found_percent"] >= -20.0
    assert not cheat["detectable_found_percent"] >= honest["detectable_found_percent"]


def test_who_knows_already_finds_nothing(found: tuple[Found, Study]) -> None:
    cheat = line(found[0], "knows_already")
    assert cheat["false_alarm"] == 1.0 and cheat["shown_found_percent"] == 0.0
    assert cheat["detectable_missed_percent"] == -40.0 and np.isnan(cheat["detectable_found_percent"])
    power = found[0].power
    said = power[(power["estimator"] == "knows_already") & (power["effect_percent"] == 0.0)].iloc[0]
    assert said["coverage"] == 0.0 and said["calibrated_fall"] == 0.0 and said["bias_points"] == -28.0


def test_what_is_advised_is_the_honest_one(found: tuple[Found, Study]) -> None:
    lines = list(which(found[0], [found[1]], 30.0))
    assert lines[1].startswith("- 17: ") and not any("best_site" in said for said in lines)
