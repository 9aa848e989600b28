"""Designs: what can be said in one, and what is refused with the place and the remedy."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

from cms_sim.data.parameters import load_parameters
from cms_sim.errors import InputError
from cms_sim.experiment.sweep.design import Design, load_design
from cms_sim.experiment.sweep.levers import later, with_levers
from cms_sim.experiment.sweep.spans import PRIOR_EDGE
from cms_sim.experiment.sweep.study import Study, study_of
from tests import pages

EXAMPLES = Path(__file__).parents[3] / "docs" / "examples" / "designs"
HEAD = 'plans = ["base.toml", "site.toml"]\nreplicates = 2\n'


@pytest.mark.parametrize("file", sorted(EXAMPLES.glob("*.toml")), ids=lambda file: file.stem)
def test_the_examples_are_designs(file: Path) -> None:
    study = study_of(load_design(file))
    points = study.points()
    assert points.shape == (study.n_points, len(study.names)) and study.n_runs > 500
    for column, varied in enumerate(study.varied):
        low, high = varied.bounds
        assert (low <= points[:, column]).all() and (points[:, column] <= high).all()
        assert len(np.unique(points[:, column])) > 1


def test_the_page_on_sweeps_says_it_as_it_is(tmp_path: Path) -> None:
    (text,) = pages.blocks(pages.DOCS / "sweeps.md", "toml")
    (tmp_path / "page.toml").write_text(text, encoding="utf-8")
    assert study_of(load_design(tmp_path / "page.toml")).n_runs == 64 * 16 * 2
    keys = re.findall(r"^(\w+) =", text.partition("[frame]")[0], flags=re.MULTILINE)
    assert set(keys) == set(Design.model_fields) - {"frame", "uncertainties", "levers", "extension", "table"}
    for block in pages.blocks(pages.DOCS / "sweeps.md", "python"):
        compile(block, "sweeps.md", "exec")


def make(world: Path, text: str, name: str = "made") -> Study:
    file = world / f"{name}.toml"
    file.write_text(HEAD + text, encoding="utf-8")
    return study_of(load_design(file))


DETECTION = "[uncertainties.detection]\n"
INTERRUPTERS = "[levers.violence_interrupters]\n"
LHS = 'method = "latin_hypercube"\npoints = 4\n'


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("replicate = 3\n", r"line 3: replicate: unknown key 'replicate'.*Did you mean 'replicates'"),
        ('method = "grids"\n', r"line 3: method: 'grids' is not one of the values.*'grid'"),
        (LHS + "[uncertainties.detecton]\nlow = 0.1\nhigh = 0.2\n", r"no parameter 'detecton'.*'detection'"),
        (LHS + "[levers.interrupters]\nvalues = [1]\n", r"no lever 'interrupters'.*violence_interrupters"),
        (LHS + DETECTION + "low = 0.2\nhigh = 0.1\n", r"line 5: uncertainties.detection: low 0.2 is not below"),
        (LHS + DETECTION + "low = 0.2\nhigh = 0.2\n", r"low 0.2 is not below high 0.2.*value = x"),
        (LHS + DETECTION + "low = 0.2\n", r"has one end only"),
        (LHS + DETECTION, r"says its values nowhere.*low and high"),
        (LHS + DETECTION + "prior = true\nvalue = 0.1\n", r"says its values twice"),
        (LHS + DETECTION + "low = 0.2\nhigh = 1.5\n", r"1.5 is out of range.*0 to 1"),
        (LHS + DETECTION + "values = []\n", r"detection.values"),
        (LHS + DETECTION + "values = [0.1, 0.1]\n", r"names a value twice"),
        (LHS + DETECTION + "low = nan\nhigh = 0.1\n", r"detection.low: nan is not a finite number"),
        (LHS + "[uncertainties.retaliation_heat]\nprior = true\n", r"'retaliation_heat' has no prior"),
        (LHS + "[uncertainties.street_share]\nlow = 0.01\nhigh = 0.1\n", r"the network is built once.*value = 0.055"),
        (LHS + INTERRUPTERS + "low = 1.5\nhigh = 4\n", r"1.5 is not a whole number"),
        (LHS + "[levers.legal_aid_slots]\nof = [33]\nvalues = [1, 2]\n", r"no plan has a site"),
        (LHS, r"varies nothing"),
        ('method = "grid"\n' + DETECTION + "low = 0.1\nhigh = 0.2\n", r"a grid needs the values themselves"),
        ('method = "grid"\npoints = 3\n', r"line 4: points: the method 'grid' has no use for it"),
        ('method = "sobol"\n' + DETECTION + "prior = true\n", r"needs points.*points = 128"),
        ('method = "saltelli"\npoints = 100\n' + DETECTION + "prior = true\n", r"100 is not a power of two.*64 or 128"),
        ('method = "table"\n', r"needs table"),
        ('method = "sobol"\npoints = 20_000_000\n' + DETECTION + "prior = true\n", r"20,000,000 points.*At most"),
        ('hypothesis = "citi"\n' + LHS, r"hypothesis: unknown hypothesis 'citi'.*city"),
        ("time_limit_s = 0\n" + LHS, r"time_limit_s: 0 must be greater than 0"),
        (LHS + "[frame]\nprecincts = [11, 12]\n", r"no precinct 12"),
        (LHS + "[frame]\nends = 2031-01-01\n", r"line 6: frame.ends: 2031-01-01 is outside the calendar"),
        (LHS + "[frame]\nends = 2011-01-01\n", r"frame.ends: the last day 2011-01-01 is before"),
        (LHS + '[extension]\nfile = "nowhere.py"\n', r"nowhere.py"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused(world: Path, text: str, words: str) -> None:
    with pytest.raises(InputError) as refused:
        make(world, text)
    assert re.search(words, " ".join(str(refused.value).split())), str(refused.value)


def test_plans_must_be_of_one_frame(world: Path) -> None:
    (world / "longer.toml").write_text((world / "site.toml").read_text().replace("2012-06-30", "2012-07-31"))
    file = world / "two_frames.toml"
    file.write_text('plans = ["base.toml", "longer.toml"]\nmethod = "grid"\n')
    with pytest.raises(InputError, match=r"'longer' and 'base' differ in frame"):
        load_design(file)
    file.write_text(file.read_text() + "[frame]\nends = 2012-05-31\n")
    assert study_of(load_design(file)).plans == ("base", "longer")
    file.write_text('plans = ["base.toml", "base.toml"]\nmethod = "grid"\n')
    with pytest.raises(InputError, match="comes twice"):
        load_design(file)
    file.write_text('plans = ["expansion_2O20"]\nmethod = "grid"\n')
    with pytest.raises(InputError, match="expansion_2020"):
        load_design(file)


# Points


def test_a_grid_is_the_product_in_order(world: Path) -> None:
    study = make(
        world, 'method = "grid"\n' + DETECTION + "values = [0.3, 0.1]\n" + INTERRUPTERS + "values = [1, 2, 3]\n"
    )
    assert study.names == ("detection", "violence_interrupters")
    assert study.points().tolist() == [[d, i] for d in (0.3, 0.1) for i in (1.0, 2.0, 3.0)]


@pytest.mark.parametrize(
    ("method", "points", "expected"),
    [("latin_hypercube", 12, 12), ("sobol", 12, 12), ("saltelli", 8, 40), ("morris", 5, 20)],
)
def test_samples_keep_to_their_ranges_and_their_seed(world: Path, method: str, points: int, expected: int) -> None:
    names = DETECTION + "low = 0.1\nhigh = 0.2\n[uncertainties.catchment_share]\nprior = true\n"
    names += INTERRUPTERS + "low = 2\nhigh = 4\n"
    text = f'method = "{method}"\npoints = {points}\n'
    study = make(world, text + names)
    found = study.points()
    assert found.shape == (study.n_points, 3) == (expected, 3)
    assert (found[:, 0] >= 0.1).all() and (found[:, 0] <= 0.2).all()
    prior = load_parameters()["catchment_share"].prior
    assert prior is not None
    edges = prior.quantile(PRIOR_EDGE) - 1e-9, prior.quantile(1.0 - PRIOR_EDGE) + 1e-9
    assert edges[0] <= found[:, 1].min() < found[:, 1].max() <= edges[1]
    assert set(found[:, 2]) <= {2.0, 3.0, 4.0} and len(set(found[:, 2])) > 1
    assert np.array_equal(found, make(world, text + names).points())
    assert not np.array_equal(found, make(world, "seed = 5\n" + text + names).points())


def test_a_latin_hypercube_fills_every_stratum(world: Path) -> None:
    found = make(world, 'method = "latin_hypercube"\npoints = 10\n' + DETECTION + "low = 0.0\nhigh = 1.0\n").points()
    assert sorted(np.floor(found[:, 0] * 10)) == list(range(10))


def test_a_table_of_points(world: Path) -> None:
    (world / "points.csv").write_text("settled_for_good,violence_interrupters,detection\n0.5,3,0.02\n0.6,4,0.03\n")
    table = 'method = "table"\ntable = "points.csv"\n'
    study = make(world, table)
    assert study.names == ("settled_for_good", "violence_interrupters", "detection")
    assert study.points().tolist() == [[0.5, 3.0, 0.02], [0.6, 4.0, 0.03]]
    assert [each.kind for each in study.varied] == ["uncertainties", "levers", "uncertainties"]
    changed = {site.key: site.terms[0].staff for site in study.scenarios_at(study.values_at([0.5, 3, 0.02]))[1].sites}
    assert changed[22, 1].violence_interrupters == 3 and changed[11, 1].violence_interrupters == 4
    with pytest.raises(InputError, match="no such column"):
        make(world, table + "[uncertainties.backfire]\nlow = 0.0\nhigh = 0.1\n")
    for text, words in (
        ("detection\n0.02\n", None),
        ("detecton\n0.02\n", r"column 'detecton'.*nothing to vary"),
        ("detection\nhigh\n", r"line 2, column 'detection'.*'high' is not a number"),
        ("detection\n2.0\n", r"out of range"),
        ("detection\n", r"no records"),
        ("detection,detection\n0.02,0.03\n", r"column 'detection': comes twice"),
    ):
        (world / "points.csv").write_text(text)
        if words is None:
            assert make(world, table).n_points == 1
        else:
            with pytest.raises(InputError) as refused:
                make(world, table)
            assert re.search(words, " ".join(str(refused.value).split()))


# Levers


def test_levers_change_the_sites_that_they_name_and_never_the_reference(world: Path) -> None:
    text = INTERRUPTERS + 'of = "{of}"\nvalue = 9\n[levers.legal_aid_slots]\nof = [11]\nvalue = 3\n'
    for of, changed in (("new", {(22, 1)}), ("all", {(11, 1), (22, 1)})):
        study = make(world, 'method = "grid"\n' + text.format(of=of))
        reference, plan = study.scenarios_at(study.values_at([]))
        assert reference == study.scenarios[0]
        with_nine = {site.key for site in plan.sites if site.terms[-1].staff.violence_interrupters == 9}
        assert with_nine == changed
        assert [site.terms[0].services.legal_aid_slots for site in plan.sites] == [3, 0]


def test_levers_of_every_kind(world: Path) -> None:
    study = make(world, 'method = "grid"\n')
    values = {"payment_delay_days": 30.0, "catchment_share": 0.4, "months_late": 2.0, "employment_slots": 7.0}
    _, plan = with_levers(study.scenarios, {}, values)
    site = next(site for site in plan.sites if site.key == (22, 1))
    before = next(site for site in study.scenarios[1].sites if site.key == (22, 1))
    assert site.catchment_share == 0.4 and site.opens == later(before.opens, 2)
    assert {term.payment_delay_days for term in site.terms} == {30}
    assert {term.services.employment_slots for term in site.terms} == {7}
    assert str(later(before.opens.replace(month=1, day=31), 1)) == "2012-02-29"


def test_a_design_of_one_plan_varies_that_plan(world: Path) -> None:
    design = Design(plans=(str(world / "site.toml"),), method="grid", levers={})
    assert study_of(design).plans == ("site",)
    file = world / "one.toml"
    file.write_text('plans = ["site.toml"]\nmethod = "grid"\n' + INTERRUPTERS + 'of = "all"\nvalues = [1, 2]\n')
    study = study_of(load_design(file))
    (plan,) = study.scenarios_at(study.values_at([2.0]))
    assert {site.terms[0].staff.violence_interrupters for site in plan.sites} == {2}


# Chunks


@pytest.mark.parametrize("replicates", [1, 7, 32, 67, 100, 997, 1000])
@pytest.mark.parametrize("points", [1, 10, 1000])
def test_chunks_hold_whole_points_or_equal_shares_of_one(world: Path, replicates: int, points: int) -> None:
    text = f'method = "sobol"\npoints = {points}\n' + DETECTION + "prior = true\n"
    file = world / "chunks.toml"
    for levels in ("once", "each point"):
        head = f'plans = ["base.toml", "site.toml"]\nreplicates = {replicates}\nlevels = "{levels}"\n'
        file.write_text(head + text)
        study = study_of(load_design(file))
        size = study.cells_per_chunk
        chunks = [study.cells_of(chunk) for chunk in range(study.n_chunks)]
        if size >= replicates:
            assert size % replicates == 0
        else:  # none holds cells of two points, and they differ in length by little, also where no number divides it
            assert all(cells[0] // replicates == cells[-1] // replicates for cells in chunks)
            assert min(map(len, chunks)) > size - replicates / size - 1 and max(map(len, chunks)) == size
        assert not study.solves_each_point or size <= replicates
        cells = [cell for chunk in chunks for cell in chunk]
        assert cells == list(range(points * replicates))
        assert 1 <= size * study.chunks_per_part * 2 <= 2 * 5000


def test_a_prime_number_of_replicates_makes_no_chunks_of_one_cell(world: Path) -> None:
    """A task for each cell would keep the process that writes, and a scheduler, busier than the workers."""
    counts = {}
    for replicates in (96, 97):
        file = world / "prime.toml"
        head = f'plans = ["base.toml", "site.toml"]\nreplicates = {replicates}\nlevels = "once"\n'
        file.write_text(head + 'method = "sobol"\npoints = 64\n' + DETECTION + "prior = true\n")
        counts[replicates] = study_of(load_design(file)).n_chunks
    assert counts[97] <= 2 * counts[96]
