"""`logprob`: how likely a model finds a response after its prompt."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Literal

from . import Item, Value, measures


@measures.member(model="causal")
def logprob(
    items: Sequence[Item],
    model: Path,
    *,
    max_length: int = 1024,
    dtype: Literal["float32", "bfloat16"] = "float32",
) -> Iterator[list[Value]]:
    """Summed log-prob of the response given the prompt, in nats, end token included.

    Rafailov et al. (2023), section 4: the sum runs over the response's tokens only.
    """
    from ..models import scoring

    return scoring.logprobs(items, model, max_length=max_length, dtype=dtype)
