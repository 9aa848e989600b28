"""Posterior samples that ship with the package: what calibration left of the priors, by hypothesis.

A posterior carries the hash of all that it was fitted with, and is refused under anything else (`fitted_with`).
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from functools import cache
from pathlib import Path
from typing import Any, Final

import numpy as np

from cms_sim.data.city_tables import load_city_tables
from cms_sim.data.hypotheses import Hypothesis, hypothesis, load_hypotheses
from cms_sim.data.parameters import Prior
from cms_sim.data.targets import targets_of
from cms_sim.engine.rules import behaviour_parameters
from cms_sim.errors import InputError, nearest
from cms_sim.experiment.draws import ParameterDraws, draw_from_priors
from cms_sim.experiment.fitted_with import fitted_with, other_than_today
from cms_sim.experiment.whole_files import write_whole

FOLDER: Final = Path(__file__).parent / "posteriors"
DRAWS: Final = 256
"""Draws of a shipped sample."""
_DIGITS: Final = 7


@dataclass(frozen=True)
class Posterior:
    """A sample of the uncertain parameters, all weights equal, in an order without meaning."""

    hypothesis: str
    names: tuple[str, ...]
    values: tuple[tuple[float, ...], ...]
    """[draws][names] in the parameters' units."""
    calibrated: tuple[str, ...]
    """The others of `names` keep their prior."""
    targets: tuple[str, ...]
    """The statistics that it was fitted to."""
    histories: int
    """Size of the bank."""
    seed: int
    fitted_with: Mapping[str, str]
    """Hashes of what it was fitted with (`fitted_with.fitted_with`)."""
    checks: Mapping[str, Any] = field(default_factory=dict)
    """What recovery found of each calibrated parameter."""


def posterior_file(hypothesis: str, variant: str = "", folder: Path = FOLDER) -> Path:
    """Where a posterior is kept; `variant` names one that is fitted to fewer statistics."""
    return folder / f"{hypothesis}{'-' + variant if variant else ''}.json"


def write_posterior(posterior: Posterior, file: Path) -> None:
    """Write it whole; numbers to seven digits, which are then its numbers."""
    told = {**asdict(posterior), "values": None}
    rows = ",\n".join(json.dumps([float(f"{x:.{_DIGITS}g}") for x in row]) for row in posterior.values)
    text = json.dumps(told, indent=1).replace('"values": null', f'"values": [\n{rows}\n ]')
    file.parent.mkdir(parents=True, exist_ok=True)
    write_whole(file, lambda part: part.write_text(text + "\n", encoding="utf-8"))


def read_posterior(file: Path) -> Posterior:
    """Read a posterior. Raises InputError for a file that is none, or that was fitted with other rules, parameters,
    hypothesis, record, statistics or targets than today's.
    """
    posterior = _parsed(file)
    now = fitted_with(hypothesis(posterior.hypothesis), load_city_tables(), posterior.targets)
    if other := other_than_today(posterior.fitted_with, now):
        raise InputError(
            f"was fitted with {other} than today's",
            where=str(file),
            remedy="Fit it again with `cms-sim calibrate`, or draw from the priors with --parameters prior.",
        )
    return posterior


def _parsed(file: Path) -> Posterior:
    try:
        told = json.loads(file.read_text(encoding="utf-8"))
        _check_form(told)
        lists = {name: tuple(told[name]) for name in ("names", "calibrated", "targets")}
        values = tuple(tuple(float(x) for x in row) for row in told["values"])
        posterior = Posterior(**{**told, **lists, "values": values})
    except FileNotFoundError:
        remedy = "Make it with `cms-sim calibrate`, or draw from the priors with --parameters prior."
        raise InputError("there is no such posterior", where=str(file), remedy=remedy) from None
    except (OSError, ValueError, TypeError, KeyError, OverflowError, RecursionError) as fault:
        remedy = "It is a file as `cms-sim calibrate` writes it."
        raise InputError(f"is not a posterior ({fault})", where=str(file), remedy=remedy) from None
    _check(posterior, file)
    return posterior


def _check_form(told: Mapping[str, Any]) -> None:
    """Raise ValueError for what is no posterior's content."""
    if odd := {each.name for each in fields(Posterior)} ^ set(told):
        raise ValueError(f"it lacks, or has too much: {', '.join(sorted(odd))}")
    if not isinstance(told["hypothesis"], str) or not isinstance(told["fitted_with"], dict):
        raise ValueError("its hypothesis is a name, and fitted_with an object")
    for key in ("names", "calibrated", "targets"):
        if not isinstance(told[key], list) or not all(isinstance(name, str) for name in told[key]):
            raise ValueError(f"{key} is a list of names")
    if not 0 < len(told["names"]) == len(set(told["names"])):
        raise ValueError("each of its parameters has one name")


def _check(posterior: Posterior, file: Path) -> None:
    if posterior.hypothesis not in load_hypotheses():
        remedy = nearest(posterior.hypothesis, load_hypotheses())
        raise InputError(f"unknown hypothesis '{posterior.hypothesis}'", where=str(file), remedy=remedy)
    known = behaviour_parameters()
    for name in posterior.names:
        if name not in known:
            raise InputError(f"unknown parameter '{name}'", where=str(file), remedy=nearest(name, known))
    uneven = any(len(row) != len(posterior.names) for row in posterior.values)
    if not posterior.values or uneven or not np.isfinite(np.array(posterior.values)).all():
        remedy = "Each row has one number for each of its names."
        raise InputError("is not a posterior: its rows do not fit its names", where=str(file), remedy=remedy)


@cache
def shipped_posterior(hypothesis: str, variant: str = "") -> Posterior:
    """The packaged posterior. Raises InputError when it is stale, or another's."""
    file = posterior_file(hypothesis, variant)
    posterior = read_posterior(file)
    remedy = "Fit it again with `cms-sim calibrate --ship`."
    if posterior.hypothesis != hypothesis:
        raise InputError(f"is the posterior of '{posterior.hypothesis}'", where=str(file), remedy=remedy)
    if variant and any(target.name in posterior.targets for target in targets_of(variant.split("_")[1:])):
        raise InputError("was fitted to what its name says it was not", where=str(file), remedy=remedy)
    if not variant and {target.name for target in targets_of()} != set(posterior.targets):
        raise InputError("was not fitted to all targets", where=str(file), remedy=remedy)
    return posterior


def draw_from_posterior(
    posterior: Posterior, count: int, seed: int, hypothesis: Hypothesis, overrides: Mapping[str, float | Prior] | None
) -> ParameterDraws:
    """`count` draws (the sample again from the start when it is exhausted); `overrides` as in `draw_from_priors`: they
    take the place of the parameter's column, alone.
    """
    given = overrides or {}
    priors = draw_from_priors(count, seed, hypothesis, given)
    sample = np.array(posterior.values)[np.arange(count) % len(posterior.values)]
    columns = [
        priors.values[:, place] if name in given or name not in posterior.names else _column(posterior, sample, name)
        for place, name in enumerate(priors.names)
    ]
    values = np.column_stack(columns) if columns else np.zeros((count, 0))
    return ParameterDraws(priors.names, values, priors.fixed, f"posterior of the hypothesis '{hypothesis.name}'")


def _column(posterior: Posterior, sample: np.ndarray[Any, np.dtype[np.float64]], name: str) -> Any:
    return sample[:, posterior.names.index(name)]


def sample_of(posterior: Posterior) -> ParameterDraws:
    """The whole sample as draws."""
    values = np.array(posterior.values)
    return ParameterDraws(posterior.names, values, {}, f"posterior of the hypothesis '{posterior.hypothesis}'")


def variant_of(left_out: Sequence[str]) -> str:
    """The name of the variant that is not fitted to some groups of statistics; empty for none."""
    return "without_" + "_".join(left_out) if left_out else ""
