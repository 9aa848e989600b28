"""The JSON Schema of a scenario file, for completion and hovers in editors."""

from __future__ import annotations

import json
from typing import Any

from cms_sim.scenario.schema import SHARED_SHIFTS, ScenarioFile


def schema() -> dict[str, Any]:
    """The schema as a dictionary, with the keys as they stand in a file."""
    content = ScenarioFile.model_json_schema(by_alias=True)
    content["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    content["properties"]["shifts"]["description"] += f" (shared: {', '.join(SHARED_SHIFTS)})"
    return content


def schema_json() -> str:
    """The schema as text, one key a line."""
    return json.dumps(schema(), indent=2) + "\n"
