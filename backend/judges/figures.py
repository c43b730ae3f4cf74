"""The official figures of a finished judge run, of all its questions or without some."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from ..workspace import Workspace
from . import judged_by, judges
from .items import wanted

COLUMNS = ["candidate_id", "reference_id", "order", "status", "preference", "grade"]


def official(ws: Workspace, run: str, left_out: Collection[str] = ()) -> dict[str, Any] | None:
    """What the official tool makes of a run's verdicts on other questions than those, by the benchmark's names of them.

    None where the judge is of no benchmark, or no question remains. With nothing left out it is the run's own summary.
    """
    spec = ws.spec(run)
    member = judges[spec.judge.name]
    found = [(item, orders) for item, orders in wanted(ws, spec).items if item.question not in left_out]
    if not found or "figures" not in member.attributes:
        return None
    rows = ws.table(run, "judgements", COLUMNS).to_pylist()
    figures: dict[str, Any] = member.attributes["figures"](judged_by(rows, found))
    return figures
