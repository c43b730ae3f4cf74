"""`low_gap`: pairs whose two answers the prompt explains equally well."""

from __future__ import annotations

from ..signals import Signals
from . import Chosen, strategies
from .middle import near_zero


@strategies.member(needs=("ifd_margin",))
def low_gap(signals: Signals, budget: int, *, seed: int, width: float = 0.1) -> Chosen:
    """Pairs drawn by chance among those whose IFD margin lies within `width` of zero.

    The Low-Gap baseline of Deng et al. (2025), section 4.1: the middle of the IFD margin.
    """
    return near_zero(signals, signals["ifd_margin"], budget, seed, width)
