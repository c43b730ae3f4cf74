"""`gold`: the sample's gold reward."""

from __future__ import annotations

from collections.abc import Sequence

from ..sample import gold as sample_gold
from . import Item, Value, measures


@measures.member(model=None)
def gold(items: Sequence[Item], model: None) -> list[Value]:
    """Gold reward of the bundled sample: how good an answer really is, read from its text. Knows no other data."""
    return [Value(sample_gold.gold(item.prompt[-1]["content"], item.response)) for item in items]
