"""The official figures of a finished judge run, of all its questions or without some."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from ..workspace import Workspace
from . import judged_by, judges, orders
from .items import items

COLUMNS = ["candidate_id", "reference_id", "order", "status", "preference", "grade"]


def official(ws: Workspace, run: str, left_out: Collection[str] = ()) -> dict[str, Any] | None:
    """What the official tool makes of a run's verdicts on other questions than those, by the benchmark's names of them.

    None where the judge is of no benchmark, or no question remains. With nothing left out it is the run's own summary.
    """
    spec = ws.spec(run)
    member = judges[spec.judge.name]
    found = items(ws, spec, alone=bool(member.attributes.get("alone"))).judged
    found = [item for item in found if item.question not in left_out]
    if not found or "figures" not in member.attributes:
        return None
    rows = ws.table(run, "judgements", COLUMNS).to_pylist()
    arguments = member.bind(spec.judge.args)
    wanted = [(item, orders(member, arguments, item, spec.seed)) for item in found]
    judged = judged_by(rows, wanted)
    figures: dict[str, Any] = member.attributes["figures"](judged)
    return figures
