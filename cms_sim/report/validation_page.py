"""The validation as one page: nothing fetched, no script."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from cms_sim.data.hypotheses import hypothesis
from cms_sim.evaluation.validation.about_work import SILENT
from cms_sim.evaluation.validation.check import Validation, last_line
from cms_sim.report.style import Drawing
from cms_sim.report.validation_words import (
    KINDS,
    RULE,
    cells,
    counts,
    failures,
    groups,
    headings,
    held_against,
    parameters,
    remarks,
    sources,
)
from cms_sim.version import __version__

TEMPLATES: Final = Path(__file__).parent / "templates"


def validation_page(validations: Sequence[Validation], drawings: Sequence[Drawing]) -> str:
    """The whole page; a drawing for each group, in order."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    shown = [
        {
            "title": group.title,
            "name": group.name,
            "picture": _data(drawing),
            "alt": drawing.alt,
            "held_against": held_against(group, validations[0].fitted).replace("`", ""),
            "rows": [
                {
                    "cells": row,
                    "missed": [cell.endswith(" NO") for cell in row],
                    "source": sources(each),
                    "remark": remarks(each, validations[0].histories),
                }
                for row, each in zip(cells(validations, place), validations[0].groups[place][1], strict=True)
            ],
        }
        for place, (group, drawing) in enumerate(zip(groups(validations), drawings, strict=True))
    ]
    return environment.get_template("validation.html.j2").render(
        version=__version__,
        fitted=validations[0].fitted,
        parameters=parameters(validations),
        counts=[counts(each) for each in validations],
        last=last_line(validations),
        rule=RULE,
        kinds=KINDS,
        headings=(*headings(validations), "source and remarks"),
        groups=shown,
        failures=[(hypothesis(each.hypothesis).title, failures(each)) for each in validations],
        silent=SILENT,
    )


def _data(drawing: Drawing) -> str:
    return f"data:image/svg+xml;base64,{base64.b64encode(drawing.svg).decode()}"
