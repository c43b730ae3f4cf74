"""`bottom`: the smallest values of any signal."""

from __future__ import annotations

from ..signals import SignalName, Signals
from . import Chosen, largest, strategies


@strategies.member()
def bottom(signals: Signals, budget: int, *, seed: int, signal: SignalName = "external_margin") -> Chosen:
    """The pairs with the smallest (most negative) values of a signal. Deng et al. (2025), section 4.1: BOT."""
    rows = largest(signals, -signals[signal], budget, seed)
    return Chosen(signals.pair_ids[rows], signals[signal][rows])
