"""One precinct in Mesa's own SolaraViz: the model of docs/mesa.md, a day a step.

    pip install 'cms-sim[viz]'
    SOLARA_TELEMETRY_MIXPANEL_ENABLE=False solara run docs/examples/app.py

It redraws about once a second and fetches parts of its page from the internet. `cms-sim demo` (docs/demo.md) does
neither; this is for people who know Mesa and want to build on it.
"""

from __future__ import annotations

import solara
from matplotlib.figure import Figure
from mesa.visualization import SolaraViz, make_plot_component
from mesa.visualization.utils import update_counter

from cms_sim.door.mesa_model import CMSModel


class Precinct(CMSModel):
    """What SolaraViz can set has to stand in the signature."""

    def __init__(
        self,
        scenario: str = "expansion_2020",
        *,
        precincts: int = 73,
        rng: int = 1,
        detection: float = 0.022,
        branching_contagion: float = 0.08,
    ) -> None:
        super().__init__(
            scenario, precincts=precincts, rng=rng, detection=detection, branching_contagion=branching_contagion
        )


def slider(label: str, value: float, low: float, high: float, step: float) -> dict[str, object]:
    """A number to set."""
    return {
        "type": "SliderInt" if isinstance(step, int) else "SliderFloat",
        "label": label, "value": value, "min": low, "max": high, "step": step,
    }  # fmt: skip


def choice(label: str, value: object, *values: object) -> dict[str, object]:
    """One of several."""
    return {"type": "Select", "label": label, "value": value, "values": list(values)}


@solara.component
def Evening(model: CMSModel) -> None:
    """The day in words."""
    update_counter.get()
    people = [conflict.victims for conflict in model.shootings_today()]
    solara.Markdown(
        f"**{model.date}**: {len(people)} shootings, {sum(people)} people shot, "
        f"{len(model.mediations_today())} mediations, {len(model.open_conflicts())} open conflicts."
    )


@solara.component
def Caseloads(model: CMSModel) -> None:
    """Participants of each messenger; a post without a bar is open or has none."""
    update_counter.get()
    figure = Figure(figsize=(6, 4))
    axes = figure.subplots()
    axes.barh(range(len(model.messengers)), [messenger.caseload_count for messenger in model.messengers])
    names = [f"{messenger.role.replace('_', ' ')[:-1]}" for messenger in model.messengers]
    axes.set_yticks(range(len(names)), names)
    axes.set_xlabel("participants")
    figure.tight_layout()
    solara.FigureMatplotlib(figure)


page = SolaraViz(
    Precinct(),
    components=[
        Evening,
        make_plot_component({"open_conflicts": "#d55e00", "participants": "#0072b2"}),
        make_plot_component({"victims": "#1b1b1b", "mediations": "#0072b2"}),
        Caseloads,
    ],
    model_params={
        "scenario": choice("Plan", "expansion_2020", "no_programme", "sites_june_2020", "expansion_2020"),
        "precincts": choice("Precinct", 73, 40, 42, 47, 67, 73, 75, 79, 113),
        "rng": slider("Seed", 1, 1, 99, 1),
        "detection": slider("Chance to hear of a conflict", 0.022, 0.0, 0.06, 0.002),
        "branching_contagion": slider("Shootings that spread from one, over months", 0.08, 0.0, 0.3, 0.01),
    },
    name="One precinct",
    play_interval=200,
)
"""`solara run` shows this."""
