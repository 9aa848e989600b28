"""Candidates: points in time and height, of which those below the rate come to be.

What may happen (a conflict that arises, one that descends from a shooting) comes at a constant bound, with a key and a
height of its own for each candidate; a change of rate changes acceptances and no other draw. The bound is cut into
layers of one height, each with its own keyed Poisson number, so that only the layers below the highest possible rate
are looked at.
"""

from __future__ import annotations

from cms_sim.compiled import bare_kernel
from cms_sim.engine.decisions import COUNT, EACH, HEIGHT
from cms_sim.engine.draws import count_from
from cms_sim.keys import mix, uniform


@bare_kernel
def layer_of(stream, layer):  # type: ignore[no-untyped-def]
    """The key of one layer of a stream of candidates."""
    return mix(stream, layer)


@bare_kernel
def candidates_in(layer_key, cumulative):  # type: ignore[no-untyped-def]
    """How many candidates the layer has."""
    return count_from(cumulative, uniform(layer_key, COUNT))


@bare_kernel
def height_in(layer_key, layer, i):  # type: ignore[no-untyped-def]
    """The height of candidate `i`, in layers from the ground."""
    return layer + uniform(mix(layer_key, HEIGHT), i)


@bare_kernel
def candidate_key(layer_key, i):  # type: ignore[no-untyped-def]
    """The key of candidate `i`: every draw about what comes of it grows on it."""
    return mix(mix(layer_key, EACH), i)
