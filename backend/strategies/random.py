"""`random`: by chance."""

from __future__ import annotations

import numpy as np

from ..signals import Signals
from . import Chosen, by_chance, strategies


@strategies.member()
def random(signals: Signals, budget: int, *, seed: int) -> Chosen:
    """Pairs drawn by chance, without putting back: the control at equal size."""
    return Chosen(signals.pair_ids[by_chance(signals, np.arange(len(signals)), budget, seed)])
