"""What recovery found, in sentences, tables and pictures: the numbers of the posteriors' files, whole and legible."""

from __future__ import annotations

from dataclasses import replace
from xml.etree import ElementTree

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.text import Text
from scipy.stats import beta

from cms_sim.data.hypotheses import hypothesis
from cms_sim.evaluation.calibration.calibrate import Fitted, checked
from cms_sim.evaluation.calibration.prior_predictive import Placed
from cms_sim.evaluation.calibration.recovery import BINS, SAMPLE, TRUTHS, Recovered, of_ranks
from cms_sim.experiment.draws import uncertain_parameters
from cms_sim.experiment.posterior import Posterior
from cms_sim.report.recovery_plot import BAND, band, ranks_plot
from cms_sim.report.recovery_words import (
    POSTERIOR_HEADINGS,
    RECOVERY_HEADINGS,
    Told,
    placed_sentence,
    poor_sentence,
    recovery_rows,
    section,
    sentences,
)
from cms_sim.report.style import DPI, WIDTH_IN

ALL = tuple(uncertain_parameters(hypothesis("city")))
SOME = ("branching_contagion", "detection", "education_norm_per_day", "residual_now", "yearly_precinct_spread")
LONG = ("education_norm_per_day", "yearly_precinct_spread", "branching_contagion")


INSIDE = (Placed("raw_change", -0.2885, -0.44, -0.04, 0.176), Placed("dispersion_daily", 1.01, 0.97, 1.03, 0.888))
BEYOND = Placed("share_statistic", 1.2, 1.2149, 2.1621, 0.0)


def told(
    names: tuple[str, ...] = SOME,
    poor: tuple[str, ...] = (),
    variant: str = "without_effect",
    placed: tuple[Placed, ...] = INSIDE,
) -> Told:
    """A posterior whose ranks are even but for those that are too sure."""
    recovered = tuple(_recovered(name, 0.5 if name in poor else 1.0) for name in names)
    priors = uncertain_parameters(hypothesis("city"))
    values = [[priors[name].quantile(u) for name in names] for u in np.linspace(0.01, 0.99, 99)]
    checks = {each.name: checked(each) for each in recovered}
    posterior = Posterior("city", names, tuple(map(tuple, values)), names, (), 4096, 1, {}, checks)
    return Told(variant, Fitted(posterior, recovered), placed)


def _recovered(name: str, law: float) -> Recovered:
    """Without chance: ranks at the quantiles of a beta law."""
    places = beta(law, law).ppf((np.arange(TRUTHS) + 0.5) / TRUTHS)
    return of_ranks(name, (places * (SAMPLE + 1)).astype(int), 0.4 if name in LONG else 0.02, 0.9)


def test_what_is_poor_is_named_in_one_sentence_and_nothing_else() -> None:
    assert poor_sentence(told()) == "No parameter is recovered worse than chance explains."
    sentence = poor_sentence(told(poor=("detection",)))
    assert sentence.startswith("Recovered poorly, beyond chance: detection (its 50% interval holds too rarely and ")
    assert sentence.count(". ") == 0 and not [name for name in SOME if name != "detection" and name in sentence]


def test_nothing_has_no_sign() -> None:
    one = told()
    known = one.fitted.posterior.checks
    checks = {**known, "detection": {**known["detection"], "contraction": -0.004}}
    fitted = replace(one.fitted, posterior=replace(one.fitted.posterior, checks=checks))
    assert "0.00" in {row[1] for row in recovery_rows(replace(one, fitted=fitted))}


def test_what_is_learned_stands_first_by_contraction() -> None:
    _, learned, *_ = sentences(told())
    known, unknown = learned.split(" Not identified: ")
    assert all(f"{name} (0.40)" in known and name not in unknown for name in LONG)
    assert "detection" in unknown and "detection" not in known


def test_what_is_observed_beyond_the_histories_is_named_with_what_follows() -> None:
    assert placed_sentence(told().placed) == (
        "All that is observed lies among the histories: from 17.6% (raw_change) to 88.8% (dispersion_daily) of them "
        "lie below it."
    )
    beyond = told(placed=(*INSIDE, BEYOND))
    sentence = placed_sentence(beyond.placed)
    assert "share_statistic (1.2; histories from 1.215 to 2.162, 0.0% of them below)" in sentence
    assert "extrapolation" in sentence and "recovery" in sentence and "raw_change" not in sentence
    assert sentences(beyond)[-1] == sentence


def test_the_page_says_so_in_brief_and_at_the_posterior() -> None:
    for placed, times in ((INSIDE, 0), ((*INSIDE, BEYOND), 2)):
        one = told(placed=placed)
        lines = list(section([one], [ranks_plot(one).finished()]))
        assert sum("extrapolation" in line for line in lines) == times
        assert placed_sentence(one.placed) in lines


def test_the_tables_numbers_are_those_of_the_posteriors_file() -> None:
    posterior = told(poor=("detection",))
    lines = list(section([posterior], [ranks_plot(posterior).finished()]))
    headings = (*POSTERIOR_HEADINGS, *RECOVERY_HEADINGS[1:])
    assert f"| {' | '.join(headings)} |" in lines
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if line.startswith("| `")]
    assert [row[0].strip("`") for row in rows] == list(SOME)
    for name, *_, contraction, half, most, p, words in rows:
        checks = posterior.fitted.posterior.checks[name.strip("`")]
        assert contraction == f"{checks['contraction']:.2f}"
        assert half.split()[0] == f"{checks['coverage_50']:.0%}" and most.split()[0] == f"{checks['coverage_90']:.0%}"
        assert p == (f"{checks['p_uniform']:.4f}" if checks["p_uniform"] else "< 0.0001")
        assert ("holds too rarely" in words) == (name == "`detection`")
    assert any(f"images/{ranks_plot(posterior).name}.png" in line for line in lines)


@pytest.mark.parametrize("names", [ALL, SOME[:1], SOME], ids=len)
@pytest.mark.parametrize("poor", [(), LONG[:2], LONG], ids=len)
def test_pictures_have_a_title_and_axis_words_and_nothing_is_cut_or_covers_another(
    names: tuple[str, ...], poor: tuple[str, ...]
) -> None:
    picture = ranks_plot(told(names, poor))
    figure = picture.figure
    renderer = FigureCanvasAgg(figure).get_renderer()
    figure.draw(renderer)
    texts = [text for text in figure.findobj(Text) if text.get_visible() and text.get_text()]
    written = {text.get_text() for text in texts}
    assert {"rank of the truth", "histories", *names} <= written
    assert any("recovered" in text for text in written) and any("left-out histories" in text for text in written)
    boxes = [text.get_window_extent(renderer) for text in texts]
    for text, box in zip(texts, boxes, strict=True):
        assert figure.bbox.x0 <= box.x0 and box.x1 <= figure.bbox.x1, text.get_text()
        assert figure.bbox.y0 <= box.y0 and box.y1 <= figure.bbox.y1, text.get_text()
    ticks = {id(label) for axes in figure.axes for label in (*axes.get_xticklabels(), *axes.get_yticklabels())}
    others = [(t.get_text(), b) for t, b in zip(texts, boxes, strict=True) if id(t) not in ticks]
    for k, (first, box) in enumerate(others):
        assert not [second for second, other in others[k + 1 :] if box.overlaps(other)], first


def test_pictures_show_every_bar_the_band_and_the_poor_ones_in_words() -> None:
    one = told(poor=("detection",))
    picture = ranks_plot(one)
    low, high = band(TRUTHS)
    for axes, recovered in zip(picture.figure.axes, one.fitted.recovered, strict=True):
        assert [bar.get_height() for bar in axes.patches] == recovered.ranks.tolist()
        assert axes.get_ylim()[1] > recovered.ranks.max()
        assert {low, high, TRUTHS / BINS} == {line.get_ydata()[0] for line in axes.lines}  # type: ignore[index]
        marked = "recovered poorly" in [text.get_text() for text in axes.texts]
        assert marked == (recovered.name == "detection")
    assert "detection, not identified, and its 50% interval holds too rarely" in picture.alt


def test_the_band_holds_as_many_bars_of_even_ranks_as_it_says() -> None:
    bars = np.random.default_rng(2).binomial(TRUTHS, 1 / BINS, 100_000)
    low, high = band(TRUTHS)
    assert ((bars >= low) & (bars <= high)).mean() > BAND - 0.001
    assert ((bars > low) & (bars < high)).mean() < BAND


def test_a_picture_is_as_wide_as_the_page_and_the_same_twice() -> None:
    first, again = (ranks_plot(told()).finished() for _ in range(2))
    assert first == again and ElementTree.fromstring(first.svg).tag.endswith("svg")
    assert int.from_bytes(first.png[16:20], "big") == round(WIDTH_IN * DPI)
    assert replace(told(), variant="").name == "city" and first.name == "calibration_ranks_city-without_effect"
