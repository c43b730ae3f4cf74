"""`random`: by chance."""

from __future__ import annotations

import numpy as np

from ..signals import Signals
from . import Chosen, strategies


@strategies.member()
def random(signals: Signals, budget: int, *, seed: int) -> Chosen:
    """Pairs drawn by chance, without putting back: the control at equal size."""
    return Chosen(np.random.default_rng(seed).permutation(signals.pair_ids)[:budget])
