"""Whole numbers in proportion to weights: the method of largest remainders."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray


def apportion(total: int, weights: ArrayLike) -> NDArray[np.int64]:
    """Whole numbers that sum to `total` and are within one of its proportional shares; ties go to the first.

    Weights that sum to nothing count as equal.
    """
    weight = np.asarray(weights, dtype=np.float64)
    if weight.sum() <= 0:
        weight = np.ones_like(weight)
    exact = total * weight / weight.sum()
    whole: NDArray[np.int64] = np.floor(exact).astype(np.int64)
    missing = total - int(whole.sum())
    whole[np.argsort(whole - exact, kind="stable")[:missing]] += 1
    return whole


def apportion_within(total: int, weights: ArrayLike, caps: ArrayLike) -> NDArray[np.int64]:
    """As `apportion`, but none above its cap; what is cut goes to the others (the caps sum to `total` or more)."""
    weight, cap = np.asarray(weights, dtype=np.float64), np.asarray(caps, dtype=np.int64)
    given = np.zeros(cap.size, dtype=np.int64)
    while (left := total - int(given.sum())) > 0:
        open_ = given < cap
        share = np.where(open_, weight, 0.0)
        given = np.minimum(cap, given + apportion(left, share if share.sum() > 0 else open_))
    return given
