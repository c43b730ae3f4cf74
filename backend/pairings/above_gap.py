"""`above_gap`: all pairs of a prompt's answers that are clearly apart."""

from __future__ import annotations

from typing import Annotated

import numpy as np
from pydantic import Field

from . import Paired, Scored, pairings


@pairings.member()
def above_gap(
    scored: Scored,
    *,
    seed: int,
    gap: Annotated[float, Field(ge=0)] = 1.0,
    per_prompt: Annotated[int, Field(ge=1)] | None = None,
) -> Paired:
    """Every pair of a prompt's answers whose rewards differ by more than `gap`, the higher one chosen.

    `per_prompt`: at most so many pairs of a prompt, drawn by chance.
    """
    chance = np.random.default_rng(seed)
    chosen, rejected, without = [], [], 0
    for start, end in zip(scored.bounds[:-1], scored.bounds[1:], strict=True):
        values = scored.values[start:end]
        better, worse = np.nonzero(values[:, None] - values[None, :] > gap)
        if per_prompt is not None and len(better) > per_prompt:
            kept = np.sort(chance.permutation(len(better))[:per_prompt])
            better, worse = better[kept], worse[kept]
        without += not len(better)
        chosen.append(start + better)
        rejected.append(start + worse)
    return Paired(np.concatenate(chosen), np.concatenate(rejected), {"prompts_without_a_pair": without})
