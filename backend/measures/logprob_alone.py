"""`logprob_alone`: how likely a model finds a response without its prompt."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from ..models.engine import Engine
from . import EngineName, Item, Value, measures, values


@measures.member(model="causal")
def logprob_alone(
    items: Sequence[Item],
    model: Engine,
    *,
    max_length: int = 1024,
    dtype: Literal["float32", "bfloat16"] = "float32",
    engine: EngineName = "transformers",
) -> list[Value]:
    """Summed log-prob of the response alone, in nats: the denominator of IFD.

    Li et al. (2024), "Superfiltering", section 3. The first token counts only where the tokenizer has a BOS token.

    `engine` vllm needs a machine with vLLM; the summary then says how far it agrees with transformers.
    """
    sequences = model.alone(model.encode(items, max_length))
    return values(model.logprobs(sequences, dtype), sequences)
