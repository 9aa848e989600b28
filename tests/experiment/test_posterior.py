"""Posterior files: written whole, read back as they were, refused when they do not belong to today's rules."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from cms_sim.data.city_tables import load_city_tables
from cms_sim.data.hypotheses import hypothesis, load_hypotheses
from cms_sim.data.parameters import Prior
from cms_sim.errors import InputError
from cms_sim.experiment import posterior as module
from cms_sim.experiment.compare import Request, plans_of, question_of
from cms_sim.experiment.draws import uncertain_parameters
from cms_sim.experiment.fitted_with import fitted_with
from cms_sim.experiment.posterior import (
    DRAWS,
    FOLDER,
    Posterior,
    draw_from_posterior,
    posterior_file,
    read_posterior,
    sample_of,
    shipped_posterior,
    variant_of,
    write_posterior,
)

TODAY = fitted_with(hypothesis("city"), load_city_tables(), ("share_statistic",))


@pytest.fixture
def posterior() -> Posterior:
    names = tuple(sorted(uncertain_parameters(hypothesis("city"))))
    priors = uncertain_parameters(hypothesis("city"))
    rows = tuple(tuple(priors[name].quantile(u) for name in names) for u in (0.2, 0.5, 0.7))
    return Posterior("city", names, rows, ("detection",), ("share_statistic",), 1000, 1, TODAY)


def test_a_posterior_is_read_back_to_seven_digits(posterior: Posterior, tmp_path: Path) -> None:
    file = posterior_file("city", variant_of(("effect",)), tmp_path)
    assert file.name == "city-without_effect.json"
    write_posterior(posterior, file)
    found = read_posterior(file)
    assert replace(found, values=()) == replace(posterior, values=())
    assert np.allclose(found.values, posterior.values, rtol=1e-6)
    write_posterior(found, tmp_path / "again.json")
    assert file.read_bytes() == (tmp_path / "again.json").read_bytes()


def test_one_of_other_rules_is_refused_with_the_remedy(posterior: Posterior, tmp_path: Path) -> None:
    file = tmp_path / "city.json"
    write_posterior(replace(posterior, fitted_with={**TODAY, "rules": "0" * 64}), file)
    with pytest.raises(InputError, match="other rules or parameters") as refused:
        read_posterior(file)
    assert "cms-sim calibrate" in str(refused.value)
    with pytest.raises(InputError, match="other rules"):
        question_of(Request(parameters=str(file)), plans_of(Request()))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda told: told.pop("names"), "is not a posterior"),
        (lambda told: told["values"].append([1.0]), "rows do not fit"),
        (lambda told: told.update(names=["detectoin", *told["names"][1:]]), "unknown parameter 'detectoin'"),
        (lambda told: told.update(values=[]), "rows do not fit"),
        (lambda told: told.update(more=1), "is not a posterior"),
        (lambda told: told.update(hypothesis="chigaco"), "unknown hypothesis 'chigaco'"),
        (lambda told: told.update(hypothesis=["city"]), "its hypothesis is a name"),
        (lambda told: told.update(fitted_with=None), "fitted_with an object"),
        (lambda told: told.update(targets=[["share_statistic"]]), "targets is a list of names"),
        (lambda told: told["values"][0].__setitem__(0, 10**400), "is not a posterior"),
        (lambda told: told.update(names=told["names"][:1] * len(told["names"])), "one name"),
        (lambda told: told.update(names=[], values=[[]]), "one name"),
    ],
)
def test_a_broken_file_gets_a_message(posterior: Posterior, tmp_path: Path, change, words: str) -> None:
    file = tmp_path / "city.json"
    write_posterior(posterior, file)
    told = json.loads(file.read_text())
    change(told)
    file.write_text(json.dumps(told))
    with pytest.raises(InputError, match=words):
        read_posterior(file)


def test_text_that_is_no_json_and_no_file_at_all(tmp_path: Path) -> None:
    (tmp_path / "city.json").write_text("{")
    with pytest.raises(InputError, match="is not a posterior"):
        read_posterior(tmp_path / "city.json")
    with pytest.raises(InputError, match="no such posterior"):
        read_posterior(tmp_path / "none.json")


def test_a_file_that_is_nested_without_end_gets_a_message(tmp_path: Path) -> None:
    (tmp_path / "deep.json").write_text("[" * 100_000)
    with pytest.raises(InputError, match="is not a posterior"):
        read_posterior(tmp_path / "deep.json")


@pytest.mark.parametrize(
    ("put", "into", "words"),
    [
        ("chicago", ("city", ""), "is the posterior of 'chicago'"),
        ("city-without_effect", ("city", ""), "was not fitted to all targets"),
        ("city", ("city", "without_effect"), "was fitted to what its name says it was not"),
    ],
)
def test_one_in_the_place_of_another_is_refused(
    put: str, into: tuple[str, str], words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "posterior_file", lambda *_: tmp_path / "one.json")
    (tmp_path / "one.json").write_bytes((FOLDER / f"{put}.json").read_bytes())
    with pytest.raises(InputError, match=words):
        shipped_posterior.__wrapped__(*into)


def test_overrides_take_the_place_of_their_own_column_only(posterior: Posterior) -> None:
    reading = hypothesis("city")
    draws = draw_from_posterior(
        posterior, 5, 1, reading, {"backfire": 0.05, "detection": Prior("uniform", {"low": 0.03, "high": 0.04})}
    )
    rows = [draws.of(n) for n in range(5)]
    whole = sample_of(posterior)
    assert all(row["backfire"] == 0.05 for row in rows)
    assert all(0.03 <= row["detection"] <= 0.04 for row in rows)
    assert [row["norm_slope"] for row in rows] == [whole.of(n)["norm_slope"] for n in range(5)]  # 3 draws, then again


def test_a_comparison_takes_a_file_of_its_own_hypothesis(posterior: Posterior, tmp_path: Path) -> None:
    file = tmp_path / "mine.json"
    write_posterior(posterior, file)
    question = question_of(Request(parameters=str(file), replicates=3), plans_of(Request()))
    assert question.draws.source.startswith("posterior")
    assert question.draws.of(1)["detection"] == read_posterior(file).values[1][posterior.names.index("detection")]
    with pytest.raises(InputError, match="fitted under 'city'"):
        question_of(Request(parameters=str(file), hypothesis="chicago"), plans_of(Request()))
    with pytest.raises(InputError, match="Did you mean 'prior'"):
        question_of(Request(parameters="priors"), plans_of(Request()))


def test_every_shipped_posterior_belongs_to_these_rules() -> None:
    shipped = {file.name for file in FOLDER.glob("*.json")}
    variants = {f"{name}{suffix}.json" for name in load_hypotheses() for suffix in ("", "-without_effect")}
    assert shipped == variants
    for file in FOLDER.glob("*.json"):
        assert len(read_posterior(file).values) == DRAWS


@pytest.mark.parametrize("name", ["city", "chicago"])
def test_shipped_posteriors_stay_in_their_priors_and_say_what_they_were_fitted_to(name: str) -> None:
    for variant in ("", "without_effect"):
        posterior = shipped_posterior(name, variant)
        priors = uncertain_parameters(hypothesis(name))
        for place, parameter in enumerate(posterior.names):
            low, high = priors[parameter].bounds
            values = np.array(posterior.values)[:, place]
            assert values.min() >= low * (1.0 - 1e-6) and values.max() <= high * (1.0 + 1e-6), parameter
        assert ("raw_change" in posterior.targets) == (variant == "")
        assert set(posterior.checks) == set(posterior.calibrated)
        assert all(0.8 <= each["coverage_90"] <= 0.98 for each in posterior.checks.values())
