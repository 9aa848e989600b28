"""What identifies results, and what is said of the run and the machine."""

from __future__ import annotations

import json
import platform
from dataclasses import replace

import pytest

from cms_sim.report.provenance import content_hash, provenance, provenance_json
from cms_sim.report.sheet import Sheet
from tests.evaluation.make_results import make_results


def test_the_content_has_no_name() -> None:
    """Nor what else tells of the run and not of its numbers."""
    results = make_results(replicates=3)
    renamed = replace(results, name="another", provenance={"seed": 1}, replicates_asked=64)
    assert content_hash(renamed) == content_hash(results)
    assert content_hash(replace(results, hypothesis="chicago")) != content_hash(results)


@pytest.mark.parametrize(("asked", "is_part"), [(None, False), (3, False), (64, True)])
def test_replicates_asked_for_and_finished(asked: int | None, is_part: bool) -> None:
    results = make_results(replicates=3)
    results = replace(results, replicates_asked=asked)
    origin = provenance(Sheet(results), [], {})
    assert (origin["replicates"], origin["replicates_asked"]) == (3, asked or 3)
    assert results.is_part is is_part


def test_the_machine_is_told_by_system_release_and_kind() -> None:
    told = json.loads(provenance_json(provenance(Sheet(make_results(replicates=1)), [], {})))["platform"]
    assert told == f"{platform.system()} {platform.release()}, {platform.machine()}"
    assert platform.node() not in told and platform.version() not in told
