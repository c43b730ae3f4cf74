"""`implicit_margin`: how much a small preference-trained model has moved towards the chosen answer."""

from __future__ import annotations

import numpy as np

from . import Measured, signals


@signals.member(needs=("policy_logprob", "reference_logprob"))
def implicit_margin(measured: Measured) -> np.ndarray:
    """Implicit DPO reward of chosen minus that of rejected, in nats: sums over tokens, without beta.

    Deng et al. (2025), section 3.1: r_im = log policy(y|x) - log reference(y|x); m_im = r_im(y_w) - r_im(y_l).
    """
    return measured.margin(measured.values["policy_logprob"] - measured.values["reference_logprob"])
