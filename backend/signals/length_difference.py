"""`length_difference`: how much longer the chosen answer is."""

from __future__ import annotations

import numpy as np

from . import Measured, signals


@signals.member(needs=())
def length_difference(measured: Measured) -> np.ndarray:
    """Characters of chosen minus characters of rejected: preference data often rewards length.

    Park et al. (2024), "Disentangling Length from Quality in Direct Preference Optimization", section 3.
    """
    return measured.margin(measured.characters)
