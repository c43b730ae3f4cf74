"""`pvar`: how divided the preferences between a prompt's answers are."""

from __future__ import annotations

import numpy as np

from . import Measured, signals

WIDE = 600.0  # rewards further apart than this would underflow as exponentials


@signals.member(needs=("reward",))
def pvar(measured: Measured) -> np.ndarray:
    """Preference variance of the pair's prompt, 0 to 1/4, over all of its measured answers.

    Guo et al. (2025), "On the Role of Preference Variance in Preference Optimization". Estimated without bias from N
    answers as 2/(N(N-1)) times the sum over i<j of (sigmoid(r_i - r_j) - 1/2)^2. With two answers it only sees |gap|.
    """
    prompts, at = np.unique(measured.prompts, return_inverse=True)
    return variance_by_group(measured.values["reward"], at, len(prompts))[at[measured.chosen]]


def variance_by_group(rewards: np.ndarray, group: np.ndarray, groups: int) -> np.ndarray:
    """PVar of each group of rewards: float64[groups]; NaN where fewer than two are measured."""
    rows = np.flatnonzero(np.isfinite(rewards))
    rows = rows[np.argsort(group[rows], kind="stable")]
    counts = np.bincount(group[rows], minlength=groups)
    starts = np.concatenate(([0], np.cumsum(counts)[:-1]))
    result = np.full(groups, np.nan)
    for size in np.unique(counts[counts > 1]):  # groups of one size are one matrix
        of_size = np.flatnonzero(counts == size)
        block = rewards[rows[starts[of_size, None] + np.arange(size)]]
        result[of_size] = 2.0 * _squares(block) / (size * (size - 1))
    return result


def _squares(block: np.ndarray) -> np.ndarray:
    """The sum over i<j of (sigmoid(r_i - r_j) - 1/2)^2 for each row of rewards.

    sigmoid(a - b) - 1/2 = (e^a - e^b) / (2 (e^a + e^b)): one exponential an answer instead of one a pair.
    """
    below = block - block.max(axis=1, keepdims=True)
    wide = below.min() < -WIDE
    value = below if wide else np.exp(below)
    total = np.zeros(len(block))
    for step in range(1, block.shape[1]):  # every unordered pair once, without an N x N copy
        a, b = value[:, step:], value[:, :-step]
        half = 0.5 * np.tanh(0.5 * (a - b)) if wide else 0.5 * (a - b) / (a + b)
        total += np.einsum("ij,ij->i", half, half)
    return total
