"""The pictures of a report, in the order in which a reader meets them."""

from __future__ import annotations

from collections.abc import Callable

from cms_sim.report.forest import forest_plot
from cms_sim.report.over_time import averted_over_time, people_shot
from cms_sim.report.plane import cost_plane
from cms_sim.report.sheet import Sheet
from cms_sim.report.study_plot import study_plot
from cms_sim.report.style import Picture
from cms_sim.report.tile_map import leader_map, plan_maps


def painters(sheet: Sheet) -> tuple[Callable[[Sheet], Picture], ...]:
    """What draws each picture that these results can fill; none of plans where only the references were run."""
    if sheet.leader is None:
        return (people_shot,)
    several = (plan_maps,) if len(sheet.compared) > 1 else ()
    studied = (study_plot,) if sheet.studies else ()
    return (forest_plot, leader_map, *several, people_shot, averted_over_time, cost_plane, *studied)


def all_pictures(sheet: Sheet) -> tuple[Picture, ...]:
    """Every picture that these results can fill."""
    return tuple(paint(sheet) for paint in painters(sheet))
