"""The pictures of a report, in the order in which a reader meets them."""

from __future__ import annotations

from collections.abc import Callable

from cms_sim.report.acceptability_plot import acceptability_plot
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
    one, all_ = _maps(sheet)
    several = (all_,) if len(sheet.compared) > 1 else ()
    studied = (study_plot,) if sheet.studies else ()
    return (forest_plot, one, *several, people_shot, averted_over_time, cost_plane, acceptability_plot, *studied)


def _maps(sheet: Sheet) -> tuple[Callable[[Sheet], Picture], Callable[[Sheet], Picture]]:
    """What draws the plan that averts most, and all plans: on boundaries where there are any, as tiles without."""
    if (boundaries := sheet.boundaries) is None:
        return leader_map, plan_maps
    from cms_sim.report.maps.outline_map import leader_outlines, plan_outlines

    return lambda s: leader_outlines(s, boundaries), lambda s: plan_outlines(s, boundaries)


def all_pictures(sheet: Sheet) -> tuple[Picture, ...]:
    """Every picture that these results can fill."""
    return tuple(paint(sheet) for paint in painters(sheet))
