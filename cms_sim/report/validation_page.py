"""The validation as one page: nothing fetched, no script."""

from __future__ import annotations

from collections.abc import Sequence

from cms_sim.data.hypotheses import hypothesis
from cms_sim.evaluation.validation.about_work import SILENT
from cms_sim.evaluation.validation.check import Validation
from cms_sim.report.html import rendered, shown
from cms_sim.report.style import Drawing
from cms_sim.report.validation_words import (
    DIFFERENT,
    KINDS,
    RULE,
    aims,
    cells,
    counts,
    failures,
    groups,
    headings,
    held_against,
    lines,
    parameters,
    remarks,
    sources,
)


def validation_page(validations: Sequence[Validation], drawings: Sequence[Drawing]) -> str:
    """The whole page; a drawing for each group, in order."""
    told = [
        {
            "title": group.title,
            "name": group.name,
            "picture": shown([drawing])[drawing.name],
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
    return rendered(
        "validation.html.j2",
        title="Validation: what the model gives for published figures",
        fitted=validations[0].fitted,
        parameters=parameters(validations),
        counts=[counts(each) for each in validations],
        lines=lines(validations),
        different=DIFFERENT,
        aims=list(aims(validations)),
        hypotheses=[each.hypothesis for each in validations],
        rule=RULE,
        kinds=KINDS,
        headings=(*headings(validations), "source and remarks"),
        groups=told,
        failures=[(hypothesis(each.hypothesis).title, failures(each)) for each in validations],
        silent=SILENT,
    )
