"""`reward_gap`: how far a prompt's best answer is from its worst."""

from __future__ import annotations

import numpy as np

from . import Measured, signals


@signals.member(needs=("reward",))
def reward_gap(measured: Measured) -> np.ndarray:
    """Largest minus smallest reward among the measured answers to the pair's prompt.

    The selection rule of iterative DPO with best and worst of N: Deng et al. (2025), appendix D.3.
    """
    prompts, at = np.unique(measured.prompts, return_inverse=True)
    rewards = measured.values["reward"]
    seen = np.isfinite(rewards)
    high, low = np.full(len(prompts), -np.inf), np.full(len(prompts), np.inf)
    np.maximum.at(high, at[seen], rewards[seen])
    np.minimum.at(low, at[seen], rewards[seen])
    gap = np.where(np.isfinite(high), high - low, np.nan)
    return gap[at[measured.chosen]]
