"""What can be asked about the model itself: its city, its parameters, the order of its day."""

from __future__ import annotations

import importlib
from collections import Counter
from collections.abc import Iterator, Mapping

from cms_sim.data.csv_table import nearest_precincts
from cms_sim.data.parameters import Parameter, load_parameters
from cms_sim.errors import InputError, nearest


def describe_city(precincts: str, hypothesis_name: str) -> Iterator[str]:
    """Lines on the residents and network of a set of precincts (docs/ODD.md, pattern 2)."""
    from cms_sim.city.cache import load_city
    from cms_sim.city.concentration import concentration
    from cms_sim.city.spec import NetworkSpec
    from cms_sim.data.city_tables import load_city_tables
    from cms_sim.data.hypotheses import hypothesis

    tables = load_city_tables()
    numbers = _numbers(precincts, tables.sets, tables.numbers)
    spec = NetworkSpec.of(hypothesis(hypothesis_name).network)
    yield from concentration(load_city(tables, numbers, spec), tables).lines()


def _numbers(precincts: str, sets: Mapping[str, tuple[int, ...]], known: tuple[int, ...]) -> list[int]:
    if precincts == "all":
        return list(known)
    if precincts in sets:
        return list(sets[precincts])
    try:
        numbers = sorted({int(number) for number in precincts.split(",")})
    except ValueError:
        remedy = f"{nearest(precincts, [*sets, 'all'])} Or numbers with commas between, such as 43,46."
        raise InputError(f"unknown set '{precincts}'", where="--precincts", remedy=remedy) from None
    for number in numbers:
        if number not in known:
            remedy = nearest_precincts(number, known)
            raise InputError(f"precinct {number} does not exist", where="--precincts", remedy=remedy)
    return numbers


def describe_parameters() -> Iterator[str]:
    """Lines on every parameter, and how many are of which class."""
    for parameter in load_parameters().values():
        yield f"{parameter.name} = {parameter.default:g} {parameter.unit}"
        yield f"    {parameter.meaning}"
        if parameter.prior:
            yield f"    prior {parameter.prior}; identified by: {parameter.identified_by}"
        yield f"    {_origin(parameter)}"
    yield ""
    yield _count()


def parameters_markdown() -> Iterator[str]:
    """The table for the documentation: one section for each theme, then what identifies each uncertain parameter."""
    from cms_sim.evaluation.identified import identified, identified_markdown, read_learned

    table = load_parameters().values()
    yield _count()
    for theme in sorted({parameter.theme for parameter in table}):
        yield f"\n### {theme.capitalize()}\n"
        yield "| parameter | meaning | unit | default | prior | source |"
        yield "|---|---|---|---|---|---|"
        for p in table:
            if p.theme == theme:
                yield f"| `{p.name}` | {p.meaning} | {p.unit} | {p.default:g} | {p.prior or ''} | {_origin(p)} |"
    yield "\n### What identifies the uncertain parameters\n"
    yield from identified_markdown(identified(read_learned()))


def _origin(parameter: Parameter) -> str:
    return f"assumed: {parameter.assumed}" if parameter.assumed else f"evidence: {', '.join(parameter.source)}"


def _count() -> str:
    table = load_parameters().values()
    classes = Counter(parameter.source_class for parameter in table)
    uncertain = [parameter for parameter in table if parameter.prior]
    prior_only = sum(parameter.prior_only for parameter in uncertain)
    return (
        f"{len(table)} parameters: {classes['evidence']} from evidence, {classes['assumed']} assumed; "
        f"{len(uncertain)} are drawn, {prior_only} of them known by their prior only."
    )


def describe_steps() -> Iterator[str]:
    """The order of the day, with the first paragraph of what each step says of itself."""
    from cms_sim.engine.day import ORDER

    for place, name in enumerate(ORDER, start=1):
        text = importlib.import_module(f"cms_sim.engine.steps.{name}").__doc__ or ""
        yield f"{place}. {name}"
        yield from (f"   {line}" for line in text.strip().splitlines() if line)
