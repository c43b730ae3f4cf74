"""`ifd`: how little a prompt helps a model to write a response. Both terms come from one pass."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np

from ..models.engine import Engine
from ..values import Scores
from . import EngineName, Item, Value, measures, values


@measures.member(model="causal")
def ifd(
    items: Sequence[Item],
    model: Engine,
    *,
    max_length: int = 1024,
    dtype: Literal["float32", "bfloat16"] = "float32",
    engine: EngineName = "transformers",
) -> list[Value]:
    """IFD: perplexity of the response given the prompt over its perplexity alone; above 1 the prompt does not help.

    Li et al. (2024), "Superfiltering", section 3 (ratio of perplexities, not of losses). Not measured where a response
    has no scored token. Both log-probs are kept, so that `logprob` with the same model costs nothing more.

    `engine` vllm needs a machine with vLLM; the summary then says how far it agrees with transformers.
    """
    given = model.encode(items, max_length)
    both = model.logprobs([*given, *model.alone(given)], dtype)
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = both.value / both.tokens
        ratio = np.exp(mean[len(given) :] - mean[: len(given)])
    return values(Scores(ratio, both.tokens[: len(given)]), given)
