"""`logprob`: how likely a model finds a response after its prompt."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from ..models.engine import Engine
from . import Item, Value, measures, values


@measures.member(model="causal")
def logprob(
    items: Sequence[Item],
    engine: Engine,
    *,
    max_length: int = 1024,
    dtype: Literal["float32", "bfloat16"] = "float32",
) -> list[Value]:
    """Summed log-prob of the response given the prompt, in nats, end token included.

    Rafailov et al. (2023), section 4: the sum runs over the response's tokens only.
    """
    sequences = engine.encode(items, max_length)
    return values(engine.logprobs(sequences, dtype), sequences)
