"""`reward`: what a reward model says."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Literal

from . import Item, Value, measures


@measures.member(model="reward")
def reward(
    items: Sequence[Item],
    model: Path,
    *,
    max_length: int = 1024,
    dtype: Literal["float32", "bfloat16"] = "float32",
) -> Iterator[list[Value]]:
    """Reward of a sequence-classification reward model, on its own scale.

    Bradley and Terry (1952); Ouyang et al. (2022), eq. 1. Only differences between answers to one prompt
    mean something.
    """
    from ..models import scoring

    return scoring.rewards(items, model, max_length=max_length, dtype=dtype)
