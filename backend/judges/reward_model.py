"""`reward_model`: the higher of two measured rewards wins."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Annotated

from pydantic import Field

from .. import inputs
from ..workspace import Workspace
from . import Asked, Desk, Row, by_value, judges, row


@judges.member(ordered=False)
def reward_model(
    asked: Sequence[Asked],
    desk: Desk,
    *,
    candidate_reward: str,
    reference_reward: str,
    tie: Annotated[float, Field(ge=0)] = 0.0,
) -> Iterator[Row]:
    """The answer with the higher reward wins, by two finished measure runs of one reward model.

    Differences up to `tie` are ties. Answers that were not measured have no verdict and count as missing.
    """
    candidate, reference = (_values(desk.ws, run) for run in (candidate_reward, reference_reward))
    for one in asked:
        values = candidate.get(one.item.candidate_id), reference.get(one.item.reference_id)
        if values[0] is None or values[1] is None:
            yield row(one, "unparsable", explanation="not measured")
        else:
            text = f"reward {values[0]:.3f} against {values[1]:.3f}"
            yield row(one, "ok", by_value(values[0], values[1], tie), explanation=text)


def _values(ws: Workspace, run: str) -> dict[int, float]:
    rows = inputs.measurements(ws, run)
    return dict(zip(rows["response_id"].to_pylist(), rows["value"].to_pylist(), strict=True))
