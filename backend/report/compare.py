"""Differences to one control → what may be said of each, corrected for how many there are.

A difference is *better* or *worse* when its p-value, corrected after Holm (1979), is at most 5 %; *no worse* within δ
when its interval, corrected for as many comparisons (Bonferroni), stays above −δ. Together these say something wrong in
at most 5 % of studies. All else *cannot tell*, and says what could.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy.stats import t

from .estimate import LEVEL, Estimate

POWER = 0.8
DELTA = 0.02
OUT_OF_REACH = 10_000_000  # prompts

Verdict = Literal["better", "worse", "no worse", "cannot tell"]


@dataclass(frozen=True)
class Comparison:
    """What a difference to the control allows to say. Shares are of 1: 0.02 is 2 points."""

    against: str
    verdict: Verdict
    sentence: str
    p: float  # two-sided, of no difference
    p_holm: float  # the same, corrected for all comparisons
    comparisons: int
    delta: float
    detectable: float  # the smallest difference found in 80 % of such studies, corrected
    needed: int | None  # prompts that find a difference of the size seen; None: no number in reach would

    @property
    def words(self) -> str:
        """The verdict with its margin."""
        return f"no worse within {100 * self.delta:g} points" if self.verdict == "no worse" else self.verdict


def compare(differences: Mapping[str, Estimate], against: str, *, delta: float = DELTA) -> dict[str, Comparison]:
    """What may be said of each difference (candidate − control), all of them against the same control."""
    count = len(differences)
    values = {name: p_value(found) for name, found in differences.items()}
    corrected = dict(zip(values, holm(list(values.values())), strict=True))
    told = {}
    for name, found in differences.items():
        verdict = _verdict(found, corrected[name], count, delta)
        size, needed = detectable(found, count), prompts_needed(found, count)
        because = f", corrected for {count} comparisons" if found.low > 0 or found.high < 0 else ""
        sentence = _sentence(verdict, found, against, because, delta, size, needed)
        told[name] = Comparison(against, verdict, sentence, values[name], corrected[name], count, delta, size, needed)
    return told


def p_value(of: Estimate, than: float = 0.0) -> float:
    """Two-sided, that the true value is `than`: Student's t with the estimate's own error; 1 where it has none."""
    if of.spread is None or math.isnan(of.spread.error):
        return 1.0
    gap = abs(of.value - than)
    if not of.spread.error:
        return float(gap == 0)
    return float(2 * t.sf(gap / of.spread.error, of.spread.freedom))


def holm(p: Sequence[float]) -> list[float]:
    """p-values corrected so that in at most α of all studies any true null hypothesis has one below α.

    Holm (1979): the i-th smallest of m is multiplied by m − i + 1, and is at least as large as those before it.
    """
    order = np.argsort(p, kind="stable")
    steps = np.maximum.accumulate(np.asarray(p, dtype=float)[order] * np.arange(len(order), 0, -1))
    corrected = np.empty(len(order))
    corrected[order] = np.minimum(steps, 1.0)
    return [float(value) for value in corrected]


def detectable(of: Estimate, comparisons: int = 1) -> float:
    """The smallest true difference that is told in 80 % of studies like this one; NaN where there is no error.

    (t_{1−α/2m} + t_{0.8}) · standard error (Bloom 1995), for the first of Holm's m steps.
    """
    return _quantiles(of, comparisons) * of.spread.error if of.spread else float("nan")


def prompts_needed(of: Estimate, comparisons: int = 1) -> int | None:
    """How many prompts would tell a difference as large as the one seen, in 80 % of studies; None: out of reach.

    More prompts shrink the error, but not the part of it that comes from the training seeds.
    """
    if of.spread is None or math.isnan(of.spread.error):
        return None
    wanted = (of.value / _quantiles(of, comparisons)) ** 2 - of.spread.floor**2
    left = of.spread.error**2 - of.spread.floor**2
    needed = of.prompts * left / wanted if wanted > 0 else math.inf
    return math.ceil(needed) if needed < OUT_OF_REACH else None


def _quantiles(of: Estimate, comparisons: int) -> float:
    assert of.spread
    return float(t.ppf(1 - (1 - LEVEL) / 2 / comparisons, of.spread.freedom) + t.ppf(POWER, of.spread.freedom))


def _verdict(of: Estimate, corrected: float, comparisons: int, delta: float) -> Verdict:
    if corrected <= 1 - LEVEL and (of.low > 0 or of.high < 0):
        return "better" if of.value > 0 else "worse"
    if of.value > -delta and p_value(of, -delta) * comparisons <= 1 - LEVEL:
        return "no worse"
    return "cannot tell"


def _sentence(verdict: Verdict, of: Estimate, against: str, corrected: str, delta: float, size: float,
              needed: int | None) -> str:  # fmt: skip
    gap = f"{100 * of.value:+.1f} points ({100 * of.low:+.1f} to {100 * of.high:+.1f})"
    if verdict == "no worse":
        return f"No worse than {against} within {100 * delta:g} points: {gap}."
    if verdict != "cannot tell":
        return f"{verdict.capitalize()} than {against}: {gap}."
    seeds = f" and {of.seeds} training seeds" if of.seeds > 1 else ""
    told = f"Cannot tell from {against} at {of.prompts:,} prompts{seeds}{corrected}: {gap}."
    if math.isnan(size):
        return f"{told} Judge more prompts."
    if needed:
        more = f"one as small as this needs about {needed:,} prompts"
    elif of.spread and of.spread.floor:
        more = "one as small as this takes more training seeds, not prompts"
    else:
        more = "one as small as this is out of reach"
    return f"{told} A difference of {100 * size:.1f} points would be found four times in five; {more}."
