"""`high_pvar`: pairs of the prompts whose answers are most divided."""

from __future__ import annotations

from typing import Annotated

import numpy as np
from pydantic import Field

from ..signals import Signals
from . import Chosen, largest, strategies


@strategies.member(needs=("pvar",))
def high_pvar(
    signals: Signals, budget: int, *, seed: int, per_prompt: Annotated[int, Field(ge=1)] | None = None
) -> Chosen:
    """Pairs of the prompts with the highest preference variance, given labels included.

    Guo et al. (2025), "On the Role of Preference Variance". PVar looks at the size of a gap and never at its sign: it
    keeps wrongly labelled pairs as readily as right ones. `per_prompt`: at most so many pairs of a prompt, by chance.
    """
    value = signals["pvar"]
    rows = largest(signals, value, len(signals), seed)
    if per_prompt is not None:
        rows = rows[_place(signals.prompt_ids[rows]) < per_prompt]
    rows = rows[:budget]
    short = {"fewer_than_budget": budget - len(rows)} if len(rows) < budget else {}
    return Chosen(signals.pair_ids[rows], value[rows], {"prompts": len(np.unique(signals.prompt_ids[rows])), **short})


def _place(prompts: np.ndarray) -> np.ndarray:
    """How many earlier rows have the same prompt."""
    order = np.argsort(prompts, kind="stable")
    first = np.concatenate(([True], prompts[order][1:] != prompts[order][:-1]))
    starts = np.maximum.accumulate(np.where(first, np.arange(len(order)), 0))
    place = np.empty(len(order), dtype=np.int64)
    place[order] = np.arange(len(order)) - starts
    return place
