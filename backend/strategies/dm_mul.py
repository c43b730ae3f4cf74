"""`dm_mul`: both margins turned into probabilities and multiplied."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np

from ..errors import BadSpec
from ..signals import Signals
from . import Chosen, largest, strategies

FEW = 30  # a tail of fewer pairs than this is cut off
CLAMP = 1e-6  # keeps P = 1 beside P = 0 from being 0/0, which the authors' code ranks first
START = {"external_margin": 1.5, "implicit_margin": 2.0}  # the search for M2 starts at int(largest / this)
Rule = Literal["either", "fewer_than_30", "fewer_than_range"]


@strategies.member(needs=("external_margin", "implicit_margin"))
def dm_mul(
    signals: Signals,
    budget: int,
    *,
    seed: int,
    lower: float = -2.0,
    upper_external: float | None = None,
    upper_implicit: float | None = None,
    rule: Rule = "either",
) -> Chosen:
    """The largest fused probabilities of both margins; strict: one low margin is enough to drop a pair.

    Deng et al. (2025), eq. 3: P(m) = (clip(m, M1, M2) - M1) / (M2 - M1), fused as P_ex P_im / (P_ex P_im + (1 - P_ex)
    (1 - P_im)). M1 is `lower`. M2 of a margin is `upper_...`, or found as in the authors' code: the first whole number
    above which fewer than 30 pairs lie, or fewer pairs than (largest - M2). Equal probabilities are ordered by the sum
    of the standardised margins.
    """
    given = {"external_margin": upper_external, "implicit_margin": upper_implicit}
    odds, notes = np.ones(len(signals)), {}
    for name, upper in given.items():
        upper, notes[name] = _upper(signals[name], upper, rule, START[name], lower)
        odds *= _odds(signals[name], lower, upper, name)
    apart = _standard(signals["external_margin"]) + _standard(signals["implicit_margin"])
    rows = largest(signals, odds, budget, seed, apart)
    return Chosen(signals.pair_ids[rows], odds[rows] / (1 + odds[rows]), notes)


def _upper(
    margin: np.ndarray, given: float | None, rule: Rule, start: float, lower: float
) -> tuple[float, dict[str, Any]]:
    """M2 (where it is searched, at least M1 + 1), and what each stopping rule alone would have given."""
    found = {name: stop(margin, name, start) for name in ("fewer_than_30", "fewer_than_range")}
    upper = max(stop(margin, rule, start), lower + 1) if given is None else given
    return upper, {"M2": upper, "above_M2": int((margin > upper).sum()), **found}


def stop(margin: np.ndarray, rule: Rule, start: float) -> float:
    """The first whole x from int(largest / start) on where the rule holds for the pairs above x, at latest past all."""
    largest_margin = float(margin.max())
    x = int(largest_margin / start)
    tail = np.sort(margin[margin > x])  # all that the search can still meet, so that a step is a look-up
    while x <= largest_margin:
        above = len(tail) - int(np.searchsorted(tail, x, side="right"))
        few, sparse = above < FEW, above < largest_margin - x
        if {"either": few or sparse, "fewer_than_30": few, "fewer_than_range": sparse}[rule]:
            break
        x += 1
    return float(x)


def _odds(margin: np.ndarray, lower: float, upper: float, name: str) -> np.ndarray:
    """P / (1 - P): the fused odds are the product, in the order of the fused probability."""
    if upper <= lower:
        raise BadSpec(
            f"dm_mul: the upper bound of {name} is {upper:g}, not above lower = {lower:g}; choose a lower one."
        )
    p = np.clip((np.clip(margin, lower, upper) - lower) / (upper - lower), CLAMP, 1 - CLAMP)
    return p / (1 - p)


def _standard(margin: np.ndarray) -> np.ndarray:
    in_order = np.sort(margin)  # a sum in the order of the rows would differ in its last digit, and so could the choice
    return (margin - in_order.mean()) / (in_order.std() or 1.0)
