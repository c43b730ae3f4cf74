"""`middle`: values near zero of any signal."""

from __future__ import annotations

import numpy as np

from ..signals import SignalName, Signals
from . import Chosen, by_chance, largest, strategies


@strategies.member()
def middle(
    signals: Signals, budget: int, *, seed: int, signal: SignalName = "external_margin", width: float = 1.0
) -> Chosen:
    """Pairs drawn by chance among those whose signal lies within `width` of zero.

    Deng et al. (2025), section 4.1 and appendix B: MID, with width 1 for margins and 0.1 for IFD. Where fewer than the
    budget lie there, the values nearest to zero are taken instead, and the notes say so.
    """
    return near_zero(signals, signals[signal], budget, seed, width)


def near_zero(signals: Signals, value: np.ndarray, budget: int, seed: int, width: float) -> Chosen:
    """By chance among |value| <= width, or the smallest |value| where those are too few."""
    inside = np.abs(value) <= width
    notes = {"within_width": int(inside.sum())}
    if inside.sum() >= budget:
        rows = by_chance(signals, np.flatnonzero(inside), budget, seed)
    else:
        rows = largest(signals, -np.abs(value), budget, seed)
        notes["beyond_width"] = budget - int(inside.sum())
    return Chosen(signals.pair_ids[rows], value[rows], notes)
