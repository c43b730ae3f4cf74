"""`best_worst`: a prompt's best answer against its worst."""

from __future__ import annotations

from typing import Annotated

import numpy as np
from pydantic import Field

from . import Paired, Scored, pairings


@pairings.member()
def best_worst(scored: Scored, *, seed: int, min_gap: Annotated[float, Field(ge=0)] = 0.0) -> Paired:
    """One pair a prompt: the answer with the highest reward against the one with the lowest.

    Deng et al. (2025), section 3.2; Guo et al. (2025). Prompts with one answer, with equal answers or with a gap up to
    `min_gap` give none and are counted.
    """
    bounds = scored.bounds
    order = np.lexsort((scored.values, scored.prompt_ids))  # within a prompt from worst to best, ties by id
    worst, best = order[bounds[:-1]], order[bounds[1:] - 1]
    gap = scored.values[best] - scored.values[worst]
    single = np.diff(bounds) < 2
    keep = gap > min_gap
    notes = {"one_answer": int(single.sum()), "gap_too_small": int((~keep & ~single).sum())}
    return Paired(best[keep], worst[keep], notes)
