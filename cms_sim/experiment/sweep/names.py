"""What the names of a design stand for, and what stays as it is at every point."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping

from cms_sim.data.hypotheses import Hypothesis
from cms_sim.data.parameters import Prior, load_parameters
from cms_sim.errors import InputError, nearest
from cms_sim.experiment.draws import fixed_draws, uncertain_parameters
from cms_sim.experiment.extension import Extension
from cms_sim.experiment.sweep.design import Design, Lever, Span
from cms_sim.experiment.sweep.levers import LEVERS, is_whole, limits_of
from cms_sim.experiment.sweep.points import read_table
from cms_sim.experiment.sweep.spans import Varied, check_span
from cms_sim.scenario.resolved import Scenario


def names_of(design: Design, reading: Hypothesis, extension: Extension | None) -> tuple[Varied, ...]:
    """Every name of the design, checked; with the method `table` the columns first, in their order.

    Raises InputError for an unknown name with the nearest, a name that stands twice, and values that cannot be.
    """
    found: dict[str, Varied] = {}
    for varied in _in_design(design, reading, extension):
        if varied.name in found:
            message = f"'{varied.name}' stands under {found[varied.name].kind} and under {varied.kind}"
            where = design.where(*varied.kind.split("."), varied.name)
            raise InputError(message, where=where, remedy="Set it in one of the two.")
        found[varied.name] = varied
    if design.method != "table":
        for varied in found.values():
            check_span(design, varied, *_limits(varied))
        return tuple(found.values())
    return _with_columns(design, found, extension)


def _in_design(design: Design, reading: Hypothesis, extension: Extension | None) -> Iterator[Varied]:
    for name, span in design.uncertainties.items():
        yield _parameter(design, name, span, reading)
    for name, lever in design.levers.items():
        if name not in LEVERS:
            where = design.where("levers", name)
            raise InputError(f"there is no lever '{name}'", where=where, remedy=nearest(name, LEVERS))
        yield Varied(name, "levers", lever, is_whole(name))
    for name, span in (design.extension.parameters if design.extension else {}).items():
        assert extension is not None  # the design names its file
        if name not in extension.parameters:
            where = design.where("extension", "parameters", name)
            message = f"the extension '{extension.name}' has no parameter '{name}'"
            raise InputError(message, where=where, remedy=nearest(name, extension.parameters))
        yield Varied(name, "extension.parameters", span)


def _parameter(design: Design, name: str, span: Span, reading: Hypothesis) -> Varied:
    table = load_parameters()
    where = design.where("uncertainties", name)
    if name not in table:
        raise InputError(f"there is no parameter '{name}'", where=where, remedy=nearest(name, table))
    if is_network(name) and span.form != "value":
        remedy = f"Fix it: value = {table[name].default:g}; another design takes another value."
        raise InputError("the network is built once, so its parameters are not varied", where=where, remedy=remedy)
    return Varied(name, "uncertainties", span, prior=uncertain_parameters(reading).get(name) if span.prior else None)


def _limits(varied: Varied) -> tuple[tuple[float, float], str]:
    if varied.kind == "uncertainties":
        parameter = load_parameters()[varied.name]
        return parameter.limits, parameter.unit
    return (limits_of(varied.name) if varied.kind == "levers" else (-math.inf, math.inf)), ""


def _with_columns(design: Design, found: Mapping[str, Varied], extension: Extension | None) -> tuple[Varied, ...]:
    """The columns of the table, whose values are those in it, then what the design fixes."""
    columns, points = read_table(design)
    named = []
    for column, name in enumerate(columns):
        place = f"{design.folder / str(design.table)}, column '{name}'"
        varied = found.get(name) or _by_name(name, extension, place)
        if varied.span.form:
            raise InputError(f"'{name}' has values in the table and in the design", where=place, remedy="Keep one.")
        values = tuple(dict.fromkeys(float(value) for value in points[:, column]))
        named.append(Varied(name, varied.kind, varied.span.model_copy(update={"values": values}), varied.whole))
        check_span(design, named[-1], *_limits(named[-1]))
    rest = [varied for name, varied in found.items() if name not in columns]
    for varied in rest:
        if varied.span.form != "value":
            where = design.where(*varied.kind.split("."), varied.name)
            raise InputError("the table has no such column", where=where, remedy="Add it, or fix it: value = ...")
        check_span(design, varied, *_limits(varied))
    return (*named, *rest)


def _by_name(name: str, extension: Extension | None, place: str) -> Varied:
    """A column that the design says nothing of: a parameter, else a lever of new sites, else the extension's own."""
    if name in load_parameters() and not is_network(name):
        return Varied(name, "uncertainties", Span())
    if name in LEVERS:
        return Varied(name, "levers", Lever(), is_whole(name))
    own = extension.parameters if extension else {}
    if name in own:
        return Varied(name, "extension.parameters", Span())
    known = [*(each for each in load_parameters() if not is_network(each)), *LEVERS, *own]
    raise InputError(f"there is nothing to vary with the name '{name}'", where=place, remedy=nearest(name, known))


def is_network(name: str) -> bool:
    """Whether a parameter is one that the city is built from."""
    return name in load_parameters() and load_parameters()[name].theme == "network"


def base_values(scenario: Scenario, reading: Hypothesis) -> dict[str, float]:
    """Parameters that differ from the table's defaults at every point: the hypothesis' and the plans' own.

    Where these are not numbers but priors, their median.
    """
    own = {
        name: value.quantile(0.5) if isinstance(value, Prior) else float(value)
        for name, value in scenario.parameters.items()
        if not is_network(name)
    }
    return fixed_draws(reading, own).of(0)


def network_values(scenario: Scenario, reading: Hypothesis) -> dict[str, float]:
    """Network parameters that differ from the table's defaults: the hypothesis' and the plans' own."""
    own = {n: float(v) for n, v in scenario.parameters.items() if is_network(n) and not isinstance(v, Prior)}
    return {**reading.network, **own}
