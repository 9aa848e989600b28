"""The pictures of a report, in the order in which a reader meets them."""

from __future__ import annotations

from cms_sim.report.forest import forest_plot
from cms_sim.report.over_time import averted_over_time, people_shot
from cms_sim.report.plane import cost_plane
from cms_sim.report.sheet import Sheet
from cms_sim.report.study_plot import study_plot
from cms_sim.report.style import Picture
from cms_sim.report.tile_map import plan_map, plan_maps


def all_pictures(sheet: Sheet) -> tuple[Picture, ...]:
    """Every picture that these results can fill; none of plans where only the reference was run."""
    if sheet.leader is None:
        return (people_shot(sheet),)
    drawn = [forest_plot(sheet), plan_map(sheet, sheet.leader)]
    drawn += [plan_maps(sheet)] if len(sheet.compared) > 1 else []
    drawn += [people_shot(sheet), averted_over_time(sheet), cost_plane(sheet)]
    found = study_plot(sheet)
    return (*drawn, found) if found else tuple(drawn)
