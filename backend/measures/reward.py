"""`reward`: what a reward model says."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from ..models.engine import Engine
from . import Item, Value, measures, values


@measures.member(model="reward")
def reward(
    items: Sequence[Item],
    model: Engine,
    *,
    max_length: int = 1024,
    dtype: Literal["float32", "bfloat16"] = "float32",
) -> list[Value]:
    """Reward of a sequence-classification reward model, on its own scale.

    Bradley and Terry (1952); Ouyang et al. (2022), eq. 1. Only differences between answers to one prompt
    mean something. Not measured where the prompt leaves no room for the response.
    """
    sequences = model.encode(items, max_length)
    return values(model.rewards(sequences, dtype), sequences)
