"""`gold`: the sample's gold reward as a judge."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Annotated

from pydantic import Field

from ..sample.gold import gold as gold_reward
from . import Asked, Desk, Row, by_value, judges, row


@judges.member(ordered=False)
def gold(asked: Sequence[Asked], desk: Desk, *, tie: Annotated[float, Field(ge=0)] = 0.25) -> Iterator[Row]:
    """The answer with the higher gold reward wins; differences up to `tie` are ties. Knows the bundled sample only."""
    for one in asked:
        question = one.item.prompt[-1]["content"]
        ours, theirs = gold_reward(question, one.item.candidate), gold_reward(question, one.item.reference)
        text = f"gold reward {ours:.2f} against {theirs:.2f}"
        yield row(one, "ok", by_value(ours, theirs, tie), explanation=text)
