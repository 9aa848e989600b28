"""Results that the report is tried on, each made once."""

from __future__ import annotations

import pytest

from cms_sim.experiment.results import Results
from cms_sim.report.sheet import Sheet
from tests.evaluation.make_results import HARMFUL, NO_PROGRAMME, REFERENCE, SAME, make_results


@pytest.fixture(scope="session")
def results() -> Results:
    return make_results(replicates=40)


@pytest.fixture(scope="session")
def sheet(results: Results) -> Sheet:
    return Sheet(results)


def degenerate() -> dict[str, Results]:
    """Comparisons that have little or nothing to say."""
    return {
        "one replicate": make_results(replicates=1),
        "two replicates": make_results(replicates=2),
        "reference alone": make_results(replicates=20, plans=[REFERENCE]),
        "references alone": make_results(replicates=20, plans=[REFERENCE, NO_PROGRAMME]),
        "only harm": make_results(replicates=30, plans=[REFERENCE, HARMFUL]),
        "no difference": make_results(replicates=30, plans=[REFERENCE, SAME]),
        "no past": make_results(replicates=20, past_months=0, opening_month=0),
        "half a year": make_results(replicates=20, past_months=0, frame_months=6, opening_month=None),
        "one precinct": make_results(replicates=20, precincts=[43]),
        "unknown precincts": make_results(replicates=20, precincts=[43, 9001, 9002]),
        "nobody shot": make_results(replicates=20, victims_per_month=0.0),
    }
