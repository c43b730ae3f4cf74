"""`rating`: the number that the data file gives a response."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from pathlib import Path

from . import Item, Value, measures


@measures.member(model=None)
def rating(items: Sequence[Item], model: Path | None) -> Iterator[list[Value]]:
    """Rating column of the data, used as a reward. Responses without a rating are counted as not measured."""
    yield [Value(i, math.nan if item.rating is None else item.rating) for i, item in enumerate(items)]
