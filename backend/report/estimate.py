"""A mean over prompts, or over training seeds and prompts, with a bootstrap interval.

Prompts are drawn with replacement, the same draw for all seeds (they share their prompts); where there are several
seeds they are drawn as well (two-level). One draw is a vector of multinomial weights, so that 2,000 draws are one
matrix product. Efron and Tibshirani (1993), chapter 13; Davison and Hinkley (1997), section 3.8 for two levels.

Plain percentiles are too narrow where little was drawn from: 95 % intervals hold 89 % at 10 prompts, and as little as
77 % at 3 seeds that differ. The draws therefore give the interval its shape, and `spread.py` its width: Student's t
times the standard error (as Hesterberg 2015, section 5.2, does for one level). With one seed and many prompts the two
are the same. More than 5,000 prompts are not drawn from: there the shape of the draws is known from their skewness.
"""

from __future__ import annotations

import functools
import operator
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.stats import norm, t

from ..errors import BadData
from .spread import Spread, spread

LEVEL = 0.95
RESAMPLES = 2000
MANY = 10_000_000  # numbers that are drawn at most: 5,000 prompts, 80 MB
WINS = ((1.0, 0.0), (0.0, 1.0))  # of the two added prompts: by the first part, by the second


@dataclass(frozen=True)
class Estimate:
    """A value with its 95 % interval, and what it was taken over."""

    value: float
    low: float
    high: float
    prompts: int
    items: int
    seeds: int = 1
    spread: Spread | None = None  # of means; a plain share has none


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
    """From (prompt ids, values) of each training seed; in any order, the same to the bit."""
    prompts = np.unique(np.concatenate([ids for ids, _ in by_seed])) if by_seed else np.array([], dtype=np.uint64)
    sums, counts = np.zeros((2, len(by_seed), len(prompts)))
    for row, (ids, values) in enumerate(by_seed):
        order = np.lexsort((values, ids))
        at = np.searchsorted(prompts, ids[order])
        sums[row] = np.bincount(at, values[order], minlength=len(prompts))
        counts[row] = np.bincount(at, minlength=len(prompts))
    return Cells(prompts, sums, counts)


def estimate(of: Cells, *, bounded: bool = False, seed: int = 0, resamples: int = RESAMPLES) -> Estimate:
    """The mean and its interval. `bounded`: the values lie between 0 and 1, and so does the interval.

    Prompts that were all won do not say how often one would be lost. Bounded intervals are therefore taken with one
    prompt more that is won and one that is lost (Agresti and Coull 1998, who add two of each); the value is not.
    """
    return _estimate([of], bounded, seed, resamples)


def difference(
    one: Cells, other: Cells, *, bounded: bool = False, seed: int = 0, resamples: int = RESAMPLES
) -> Estimate:
    """one − other, paired: the same draws of the prompts and seeds that both have.

    `bounded` as in `estimate`: one prompt more that only `one` wins and one that only `other` wins (Bonett and
    Price 2012, for paired shares). BadData where the two share no prompt.
    """
    shared = _shared(one, other)
    if not len(shared[0].prompt_ids):
        raise BadData("the two share no prompt with a verdict on both; judge both on the same prompts.")
    return _estimate(shared, bounded, seed, resamples)


def _shared(one: Cells, other: Cells) -> list[Cells]:
    both = np.intersect1d(one.prompt_ids, other.prompt_ids)
    return [
        Cells(both, part.sums[:, at], part.counts[:, at])
        for part in (one, other)
        for at in [np.searchsorted(part.prompt_ids, both)]
    ]


def _estimate(parts: list[Cells], bounded: bool, seed: int, resamples: int) -> Estimate:
    """The mean of the only part, or that of the first less that of the second.

    The interval is that of the percentiles, stretched around the middle to ± the error times the quantile of t.
    """
    value, lowest, of = _less([part.mean for part in parts]), 1.0 - len(parts), parts[0]
    weight = _weight(_spread(parts), len(of.prompt_ids), (value - lowest) * (1 - value))
    padded = [_padded(part, weight, wins) for part, wins in zip(parts, WINS, strict=False)] if bounded else parts
    error, middle = _spread(padded), _less([part.mean for part in padded])
    many = len(of.prompt_ids) * resamples > MANY
    ends = middle + _skewed(padded, error) if many else _quantiles(padded, seed, resamples)
    wanted, drawn = 2 * error.error * t.ppf((1 + LEVEL) / 2, error.freedom), ends[1] - ends[0]
    stretch = wanted / drawn if drawn else wanted  # 0 where all draws are equal, NaN for a single prompt
    low, high = middle + stretch * (ends - middle)
    if bounded:  # the added prompts move the middle, but not past the value
        low, high = max(lowest, min(low, value)), min(1.0, max(high, value))
    items = int(of.counts.sum())
    return Estimate(value, float(low), float(high), len(of.prompt_ids), items, len(of.sums), error)


def _less(values: list[Any]) -> Any:
    return functools.reduce(operator.sub, values)


def _spread(parts: list[Cells]) -> Spread:
    return spread(_added(parts))


def _added(parts: list[Cells]) -> np.ndarray:
    """What each seed and prompt adds to a mean, less the mean (the ratio of two sums made linear)."""
    return np.asarray(_less([(part.sums - part.mean * part.counts) / part.counts.mean() for part in parts]))


def _skewed(parts: list[Cells], of: Spread) -> np.ndarray:
    """The two quantiles of very many draws, less their middle: Cornish and Fisher (1938), as far as the skewness.

    Of a mean of so many prompts the next term is below a hundredth of the error.
    """
    if not of.error > 0:
        return np.zeros(2)
    z, each = norm.ppf((1 + LEVEL) / 2), _added(parts).mean(0) / len(parts[0].prompt_ids)
    skewness = np.clip(np.sum(each**3) / of.error**3, -1, 1)  # beyond, the ends would not stay around the middle
    return np.asarray(of.error * (np.array([-z, z]) + skewness / 6 * (z**2 - 1)))


def _quantiles(parts: list[Cells], seed: int, resamples: int) -> np.ndarray:
    weights = _weights(*parts[0].sums.shape, seed, resamples)
    return np.nanquantile(_less([_draws(part, weights) for part in parts]), [(1 - LEVEL) / 2, (1 + LEVEL) / 2])


@functools.lru_cache(maxsize=2)  # estimates over as many prompts follow each other, and drawing is most of the work
def _weights(seeds: int, prompts: int, seed: int, resamples: int) -> tuple[np.ndarray, np.ndarray]:
    """How often each seed and each prompt is drawn: float64[resamples, seeds] and float64[resamples, prompts]."""
    chance = np.random.default_rng(seed)
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


def _weight(of: Spread, prompts: int, variance: float) -> float:
    """How much an added prompt weighs, in prompts: as one of the independent verdicts that the error amounts to.

    Those are `variance`, the largest that a verdict could have, over the squared error. Where nothing varies, or less
    is known than from one verdict a prompt, it is one prompt. It is never less than 1 / prompts: that few prompts are
    alike does not say what the next one is.
    """
    least = 1 / max(prompts, 1)
    return float(np.clip(prompts * of.error**2 / variance, least, 1.0)) if of.error > 0 and variance > 0 else 1.0


def _padded(of: Cells, weight: float, values: tuple[float, float]) -> Cells:
    """With one more prompt for each value, which weighs as much as `weight` of the others do on average."""
    counts = np.full((len(of.sums), 2), weight * of.counts.mean())
    return Cells(of.prompt_ids, np.hstack([of.sums, counts * values]), np.hstack([of.counts, counts]))


def share(successes: int, total: int) -> Estimate:
    """A plain share with Wilson's interval (Wilson 1927, eq. 4); NaN bounds where there is nothing to share."""
    if not total:
        return Estimate(float("nan"), float("nan"), float("nan"), 0, 0)
    z = float(norm.ppf((1 + LEVEL) / 2))
    p, scale = successes / total, 1 + z * z / total
    middle = (p + z * z / (2 * total)) / scale
    half = z * np.sqrt(p * (1 - p) / total + z * z / (4 * total * total)) / scale
    return Estimate(p, float(middle - half), float(middle + half), total, total)
