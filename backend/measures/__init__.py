"""Measures: one value per response. `measures[name]` is a member; its arguments are recorded in the spec.

A member gets the items to measure and an engine with the model (`models.engine.Engine`; None where it needs no model)
and returns a value for each. The attribute `model` says what it needs: "causal", "reward" or None. An argument
`engine: EngineName` says which engine it is given.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal, NamedTuple, Protocol

from ..registry import LATER, Family
from ..values import Scores

measures = Family("measure", __name__)
EngineName = Annotated[Literal["transformers", "vllm"], LATER]  # the job hands the member an engine of this kind


class Item(NamedTuple):
    """A response to measure: the prompt's messages, the text, and the rating the data file gave it."""

    prompt: list[Mapping[str, str]]
    response: str
    rating: float | None


class Value(NamedTuple):
    """What was measured: the value (NaN: could not be measured; float32[width] of a measure whose attribute `vector` is
    True), the tokens it was taken over, whether it was cut."""

    value: Any
    tokens: int | None = None
    cut: bool = False


class _Cut(Protocol):
    @property
    def cut(self) -> bool: ...


def values(scores: Scores, sequences: Sequence[_Cut]) -> list[Value]:
    """The engine's scores of sequences as values."""
    found = scores.value.tolist() if scores.value.ndim == 1 else list(scores.value)
    numbers = zip(found, scores.tokens.tolist(), sequences, strict=True)
    return [Value(value, tokens, sequence.cut) for value, tokens, sequence in numbers]
