"""Measures: one value per response. `measures[name]` is a member; its arguments are recorded in the spec.

A member gets the items to measure and the folder of the model (None where it needs none) and yields lists of values,
in any order. The attribute `model` says what it needs: "causal", "reward" or None.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from ..registry import Family

measures = Family("measure", __name__)


class Item(NamedTuple):
    """A response to measure: the prompt's messages, the text, and the rating the data file gave it."""

    prompt: list[Mapping[str, str]]
    response: str
    rating: float | None


class Value(NamedTuple):
    """What was measured: the item's number, its value (NaN: could not be measured), its tokens, whether it was cut."""

    item: int
    value: float
    tokens: int | None = None
    cut: bool = False
