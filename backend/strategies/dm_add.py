"""`dm_add`: the sum of the external and the implicit margin."""

from __future__ import annotations

from ..signals import Signals
from . import Chosen, largest, strategies


@strategies.member(needs=("external_margin", "implicit_margin"))
def dm_add(signals: Signals, budget: int, *, seed: int) -> Chosen:
    """The largest sums of external and implicit margin, on their raw scales.

    Deng et al. (2025), "Less is More", section 3.1: DM-ADD. Lenient: one large margin is enough.
    """
    total = signals["external_margin"] + signals["implicit_margin"]
    rows = largest(signals, total, budget, seed)
    return Chosen(signals.pair_ids[rows], total[rows])
