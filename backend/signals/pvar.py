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
    seen = np.isfinite(rewards)
    if not seen.all():
        rewards, group = rewards[seen], group[seen]
    if (group[1:] < group[:-1]).any():
        order = np.argsort(group, kind="stable")
        rewards, group = rewards[order], group[order]
    counts = np.bincount(group, minlength=groups)
    starts = np.cumsum(counts) - counts
    result = np.full(groups, np.nan)
    for size in np.unique(counts[counts > 1]):  # groups of one size together, answer by answer
        of_size = np.flatnonzero(counts == size)
        answers = [rewards[starts[of_size] + place] for place in range(size)]
        result[of_size] = 2.0 * _squares(answers) / (size * (size - 1))
    return result


def _squares(answers: list[np.ndarray]) -> np.ndarray:
    """The sum over i<j of (sigmoid(r_i - r_j) - 1/2)^2 for groups of equal size; answers[i]: the i-th of each group.

    sigmoid(a - b) - 1/2 = (e^a - e^b) / (2 (e^a + e^b)): one exponential an answer instead of one a pair.
    """
    highest = np.maximum.reduce(answers)
    below = [answer - highest for answer in answers]
    wide = min(answer.min() for answer in below) < -WIDE
    values = below if wide else [np.exp(answer) for answer in below]
    total = np.zeros(len(highest))
    for i, a in enumerate(values):
        for b in values[:i]:
            half = np.tanh(0.5 * (a - b)) if wide else (a - b) / (a + b)
            total += half * half
    return 0.25 * total
