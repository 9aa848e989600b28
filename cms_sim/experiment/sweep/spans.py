"""What a design varies, name by name: a parameter, a lever, or a parameter of an extension, and its values."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from cms_sim.data.parameters import Prior
from cms_sim.errors import InputError
from cms_sim.experiment.sweep.design import Design, Span

Kind = Literal["uncertainties", "levers", "extension.parameters"]

PRIOR_EDGE: Final = 0.005
"""Quantiles of a prior stay this far from 0 and 1: Morris screening goes to the edges, where a prior may be endless."""


@dataclass(frozen=True)
class Varied:
    """One name of a design."""

    name: str
    kind: Kind
    span: Span
    whole: bool = False
    prior: Prior | None = None

    @property
    def steps(self) -> tuple[float, ...]:
        """The values of a list, or the one value."""
        return self.span.values or ((self.span.value,) if self.span.value is not None else ())

    def at(self, places: NDArray[np.float64]) -> NDArray[np.float64]:
        """Values at places between 0 and 1: equally likely steps, quantiles, or along the range."""
        if self.span.form in ("values", "value"):
            steps = np.asarray(self.steps, dtype=np.float64)
            return steps[np.minimum((places * len(steps)).astype(np.int64), len(steps) - 1)]
        if self.prior is not None:
            inside = np.clip(places, PRIOR_EDGE, 1.0 - PRIOR_EDGE)
            return np.array([self.prior.quantile(float(place)) for place in inside])
        low, high = self.bounds
        if self.whole:
            return np.minimum(low + np.floor(places * (high - low + 1.0)), high)
        return low + places * (high - low)

    @property
    def bounds(self) -> tuple[float, float]:
        """Smallest and largest value."""
        if self.span.form == "range":
            assert self.span.low is not None and self.span.high is not None
            return self.span.low, self.span.high
        return self.prior.bounds if self.prior is not None else (min(self.steps), max(self.steps))


def check_span(design: Design, varied: Varied, limits: tuple[float, float], unit: str = "") -> None:
    """Raise InputError unless the span has one form, is in order, and stays inside `limits`."""
    span, path = varied.span, (*varied.kind.split("."), varied.name)

    def fail(message: str, remedy: str) -> InputError:
        return InputError(message, where=design.where(*path), remedy=remedy)

    if " and " in span.form or not span.form:
        forms = "low and high, or values = [...], or prior = true, or value = ..."
        raise fail(f"says its values {'twice' if span.form else 'nowhere'}", f"Give one of: {forms}.")
    if span.form == "prior":
        if varied.prior is None:
            raise fail(f"'{varied.name}' has no prior", "Give low and high, or values.")
        return
    if span.form == "range":
        if span.low is None or span.high is None:
            raise fail("has one end only", "Give low and high.")
        if not span.low < span.high:
            raise fail(f"low {span.low:g} is not below high {span.high:g}", "Put the two in order; for one, value = x.")
    if span.values and len(set(span.values)) < len(span.values):
        raise fail("names a value twice", "Give each value once.")
    for number in (span.low, span.high, span.value, *(span.values or ())):
        if number is not None:
            _check_number(number, varied, limits, unit, fail)


def _check_number(number: float, varied: Varied, limits: tuple[float, float], unit: str, fail: object) -> None:
    assert callable(fail)
    least, most = limits
    if not least <= number <= most:
        allowed = f"{least:g} to {most:g}" if math.isfinite(most) else f"{least:g} or more"
        raise fail(f"{number:g} is out of range", f"Stay in {allowed}{f' ({unit})' if unit else ''}.")
    if varied.whole and number != int(number):
        raise fail(f"{number:g} is not a whole number", f"'{varied.name}' takes whole numbers only.")
