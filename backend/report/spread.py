"""How far a mean over prompts (and training seeds) would be from another one's, and what more prompts would change.

All seeds answer the same prompts: a crossed design. With the mean squares of seeds, prompts and both together, the
variance of the mean is (MS_seeds + MS_prompts − MS_both) / (seeds · prompts) (Searle, Casella and McCulloch 1992,
section 4.4), its degrees of freedom are Satterthwaite's (1946). With one seed it is the textbook s² / n.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Spread:
    """The standard error of a mean, in the unit of its values; NaN where a single prompt tells nothing.

    `freedom`: degrees of freedom of the error. `floor`: what would be left of it with any number of prompts, because
    the training seeds differ (0 with one seed: it is not known then).
    """

    error: float
    freedom: float
    floor: float = 0.0


def spread(residuals: np.ndarray) -> Spread:
    """From what each cell adds to the mean, less the mean: float64[seeds, prompts], of mean 0.

    The sum of mean squares can by chance be smaller than one of them alone, the variance cannot: the largest counts.
    """
    seeds, prompts = residuals.shape
    if prompts < 2:
        return Spread(float("nan"), float("nan"))
    of_prompts = seeds * np.sum(residuals.mean(0) ** 2) / (prompts - 1)
    if seeds == 1:
        return Spread(float(np.sqrt(of_prompts / prompts)), prompts - 1)
    of_seeds = prompts * np.sum(residuals.mean(1) ** 2) / (seeds - 1)
    rest = residuals - residuals.mean(0) - residuals.mean(1, keepdims=True)
    both = np.sum(rest**2) / ((seeds - 1) * (prompts - 1))
    whole = max(of_seeds + of_prompts - both, of_prompts, of_seeds, both)
    return Spread(
        float(np.sqrt(whole / residuals.size)),
        _satterthwaite(whole, (of_seeds, seeds - 1), (of_prompts, prompts - 1), (both, (seeds - 1) * (prompts - 1))),
        float(np.sqrt(max(of_seeds - both, 0) / residuals.size)),
    )


def _satterthwaite(whole: float, *parts: tuple[float, int]) -> float:
    """Degrees of freedom of a sum of mean squares, given each with its own; at least the smallest of them."""
    fewest = min(freedom for _, freedom in parts)
    uncertain = sum(square**2 / freedom for square, freedom in parts)
    return max(float(whole**2 / uncertain), fewest) if uncertain else float(fewest)
