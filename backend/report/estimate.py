"""A mean over prompts, or over training seeds and prompts, with a percentile bootstrap interval.

Prompts are drawn with replacement, the same draw for all seeds (they share their prompts); where there are several
seeds they are drawn as well (two-level). One draw is a vector of multinomial weights, so that 2,000 draws are one
matrix product. Efron and Tibshirani (1993), chapter 13; Davison and Hinkley (1997), section 3.8 for two levels.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.stats import norm

LEVEL = 0.95
RESAMPLES = 2000


@dataclass(frozen=True)
class Estimate:
    """A value with its 95 % interval, and what it was taken over."""

    value: float
    low: float
    high: float
    prompts: int
    items: int
    seeds: int = 1


@dataclass(frozen=True)
class Cells:
    """Sums and counts of values by training seed and prompt: float64[seeds, prompts] each."""

    prompt_ids: np.ndarray
    sums: np.ndarray
    counts: np.ndarray

    @property
    def mean(self) -> float:
        """The mean over all items."""
        return float(self.sums.sum() / self.counts.sum())


def cells(by_seed: Sequence[tuple[np.ndarray, np.ndarray]]) -> Cells:
    """From (prompt ids, values) of each training seed."""
    prompts = np.unique(np.concatenate([ids for ids, _ in by_seed])) if by_seed else np.array([], dtype=np.uint64)
    sums, counts = np.zeros((2, len(by_seed), len(prompts)))
    for row, (ids, values) in enumerate(by_seed):
        at = np.searchsorted(prompts, ids)
        sums[row] = np.bincount(at, values, minlength=len(prompts))
        counts[row] = np.bincount(at, minlength=len(prompts))
    return Cells(prompts, sums, counts)


def estimate(of: Cells, *, seed: int = 0, resamples: int = RESAMPLES) -> Estimate:
    """The mean and its interval."""
    draws = _draws(of, _weights(of, seed, resamples))
    return _estimate(of, of.mean, draws)


def difference(one: Cells, other: Cells, *, seed: int = 0, resamples: int = RESAMPLES) -> Estimate:
    """one − other, paired: the same draws of the prompts and seeds that both have."""
    one, other = _shared(one, other)
    weights = _weights(one, seed, resamples)
    return _estimate(one, one.mean - other.mean, _draws(one, weights) - _draws(other, weights))


def _shared(one: Cells, other: Cells) -> tuple[Cells, Cells]:
    both = np.intersect1d(one.prompt_ids, other.prompt_ids)
    cut = [
        Cells(both, part.sums[:, at], part.counts[:, at])
        for part in (one, other)
        for at in [np.searchsorted(part.prompt_ids, both)]
    ]
    return cut[0], cut[1]


def _weights(of: Cells, seed: int, resamples: int) -> tuple[np.ndarray, np.ndarray]:
    """How often each seed and each prompt is drawn: float64[resamples, seeds] and float64[resamples, prompts]."""
    chance = np.random.default_rng(seed)
    seeds, prompts = of.sums.shape
    drawn = chance.multinomial(prompts, np.full(prompts, 1 / prompts), resamples).astype(np.float64)
    if seeds == 1:
        return np.ones((resamples, 1)), drawn
    return chance.multinomial(seeds, np.full(seeds, 1 / seeds), resamples).astype(np.float64), drawn


def _draws(of: Cells, weights: tuple[np.ndarray, np.ndarray]) -> np.ndarray:
    by_seed, by_prompt = weights
    sums = np.einsum("rs,rs->r", by_seed, by_prompt @ of.sums.T)
    counts = np.einsum("rs,rs->r", by_seed, by_prompt @ of.counts.T)
    with np.errstate(invalid="ignore"):
        return sums / counts


def _estimate(of: Cells, value: float, draws: np.ndarray) -> Estimate:
    low, high = np.nanquantile(draws, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return Estimate(value, float(low), float(high), len(of.prompt_ids), int(of.counts.sum()), len(of.sums))


def share(successes: int, total: int) -> Estimate:
    """A plain share with Wilson's interval (Wilson 1927, eq. 4); NaN bounds where there is nothing to share."""
    if not total:
        return Estimate(float("nan"), float("nan"), float("nan"), 0, 0)
    z = float(norm.ppf((1 + LEVEL) / 2))
    p, scale = successes / total, 1 + z * z / total
    middle = (p + z * z / (2 * total)) / scale
    half = z * np.sqrt(p * (1 - p) / total + z * z / (4 * total * total)) / scale
    return Estimate(p, float(middle - half), float(middle + half), total, total)
