"""`logprob`: how likely a model finds a response after its prompt."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from ..models.engine import Engine
from . import EngineName, Item, Value, measures, values


@measures.member(model="causal")
def logprob(
    items: Sequence[Item],
    model: Engine,
    *,
    max_length: int = 1024,
    dtype: Literal["float32", "bfloat16"] = "float32",
    engine: EngineName = "transformers",
) -> list[Value]:
    """Summed log-prob of the response given the prompt, in nats, end token included.

    Rafailov et al. (2023), section 4: the sum runs over the response's tokens only.

    `engine` vllm needs a machine with vLLM; the summary then says how far it agrees with transformers.
    """
    sequences = model.encode(items, max_length)
    return values(model.logprobs(sequences, dtype), sequences)
