"""`full`: everything."""

from __future__ import annotations

import numpy as np

from ..signals import Signals
from . import Chosen, strategies


@strategies.member(whole=True)
def full(signals: Signals, budget: int, *, seed: int) -> Chosen:
    """The whole pool: what every selection is compared with."""
    return Chosen(np.sort(signals.pair_ids))
