"""`logprob_alone`: how likely a model finds a response without its prompt."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Literal

from . import Item, Value, measures


@measures.member(model="causal")
def logprob_alone(
    items: Sequence[Item],
    model: Path,
    *,
    max_length: int = 1024,
    dtype: Literal["float32", "bfloat16"] = "float32",
) -> Iterator[list[Value]]:
    """Summed log-prob of the response alone, in nats: the denominator of IFD.

    Li et al. (2024), "Superfiltering", section 3. The first token counts only where the tokenizer has a BOS token.
    """
    from ..models import scoring

    return scoring.logprobs(items, model, max_length=max_length, dtype=dtype, alone=True)
