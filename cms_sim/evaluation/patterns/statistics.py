"""All cheap statistics of one history: what a bank of histories keeps of each."""

from __future__ import annotations

from cms_sim.evaluation.patterns.activity import activity, survey
from cms_sim.evaluation.patterns.counts import monthly
from cms_sim.evaluation.patterns.dispersion import dispersion
from cms_sim.evaluation.patterns.programme import programme, study_panel
from cms_sim.experiment.hindcast import Lived


def statistics(lived: Lived) -> dict[str, float]:
    """By name; fractions, ratios and counts as each module says. About 25 ms."""
    counts = monthly(lived)
    found = dispersion(lived, counts) | programme(study_panel(lived, counts)) | activity(lived) | survey(lived)
    record = lived.tables.incidents.sum()
    return {**found, "incidents_over_record": float(counts.incidents[:, : len(lived.tables.months)].sum() / record)}
