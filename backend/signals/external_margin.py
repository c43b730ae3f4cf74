"""`external_margin`: how much better the reward model finds the chosen answer."""

from __future__ import annotations

import numpy as np

from . import Measured, signals


@signals.member(needs=("reward",))
def external_margin(measured: Measured) -> np.ndarray:
    """Reward of chosen minus reward of rejected, on the reward model's scale.

    Deng et al. (2025), "Less is More", section 3.1: m_ex = r_ex(x, y_w) - r_ex(x, y_l).
    """
    return measured.margin(measured.values["reward"])
