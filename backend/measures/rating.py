"""`rating`: the number that the data file gives a response."""

from __future__ import annotations

import math
from collections.abc import Sequence

from . import Item, Value, measures


@measures.member(model=None)
def rating(items: Sequence[Item], model: None) -> list[Value]:
    """Rating column of the data, used as a reward. Responses without a rating are counted as not measured."""
    return [Value(math.nan if item.rating is None else item.rating) for item in items]
