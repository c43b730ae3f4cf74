"""What a judge run found, for the formats it is written in: every item with the judgement that counts in each order."""

from __future__ import annotations

from typing import Any, NamedTuple

from .. import inputs
from ..errors import BadInput, NotFound
from ..judges import Item, Order, Row, judges
from ..judges.items import items
from ..report.verdicts import ITEM
from ..specs import JudgeSpec
from ..workspace import Workspace
from . import Layout, recorded


class Judgement(NamedTuple):
    """An item, who gave its answers, and in each order the last readable attempt, else the last one."""

    item: Item
    candidate: str
    reference: str | None
    rows: dict[Order, Row]

    @property
    def preference(self) -> float | None:
        """The mean over the orders; None where one of them has no verdict."""
        found = [preference_of(row) for row in self.rows.values()]
        known = [one for one in found if one is not None]
        return sum(known) / len(known) if known and len(known) == len(found) else None


def preference_of(row: Row | None) -> float | None:
    """How far the candidate is preferred; None where there is no verdict."""
    return row["preference"] if row and row["status"] == "ok" else None


def spec_of(ws: Workspace, run: str, *, pairs: bool | None = None) -> JudgeSpec:
    """The question of a judge run (`pairs`: of one that compares two sides); BadInput where the run is none."""
    spec = ws.spec(run)
    if spec.kind != "judge":
        raise BadInput(f"run {run} has no verdicts; choose a judge run (`python -m backend runs --kind judge`).")
    if pairs and spec.reference is None:
        raise BadInput(f"run {run} compares no two answers; choose a judge run that does (`runs --kind judge`).")
    assert isinstance(spec, JudgeSpec)
    return spec


def judgements(ws: Workspace, run: str) -> list[Judgement]:
    """Every item of a judge run, without those on which a recorded file has no row.

    BadInput where the run has no verdicts; BadData where its answers belong together no longer.
    """
    spec = spec_of(ws, run)
    attributes = judges[spec.judge.name].attributes
    last = _last(ws, run)
    ours, theirs = names(ws, spec)
    return [
        Judgement(item, ours[item.candidate_id], theirs.get(item.reference_id), last.get(key, {}))
        for item in items(ws, spec, alone=bool(attributes.get("alone")))[0]
        if (key := tuple(getattr(item, name) for name in ITEM)) in last or "recorded" not in attributes
    ]


def originals(ws: Workspace, run: str, *layouts: Layout) -> list[Any] | None:
    """Of a run that was made of a file in one of these layouts the file's own rows, the last on each item, else None.

    So what was read is written back as it was, also what a judge run has no place for. None as well where the file is
    gone: then the run's own rows are written.
    """
    spec = spec_of(ws, run)
    layout = judges[spec.judge.name].attributes.get("recorded")
    if layout not in layouts:
        return None
    try:
        rows = recorded(ws, layout, spec.judge.args).rows
    except NotFound:
        return None
    keys = {layout.key(one.item) for one in judgements(ws, run)}
    return [row for key, row in rows.items() if key in keys]


def _last(ws: Workspace, run: str) -> dict[tuple[Any, ...], dict[Order, Row]]:
    found: dict[tuple[Any, ...], dict[Order, Row]] = {}
    for row in sorted(ws.table(run, "judgements").to_pylist(), key=lambda row: row["attempt"]):
        mine = found.setdefault(tuple(row[name] for name in ITEM), {})
        if row["status"] == "ok" or mine.get(row["order"], row)["status"] != "ok":
            mine[row["order"]] = row
    return found


def names(ws: Workspace, spec: JudgeSpec) -> tuple[dict[int, str], dict[int, str]]:
    """Who gave each answer, of both sides; two runs of one author are told apart by their runs."""
    ours, theirs = (_authors(ws, side) if side else {} for side in (spec.candidate, spec.reference))
    if set(theirs.values()) & set(ours.values()):
        ours, theirs = ({i: f"{name} ({run})" for i, name in names.items()}
                        for names, run in ((ours, spec.candidate), (theirs, spec.reference)))  # fmt: skip
    return ours, theirs


def _authors(ws: Workspace, run: str) -> dict[int, str]:
    rows = inputs.responses(ws, run)
    return dict(zip(rows["response_id"].to_pylist(), rows["author"].to_pylist(), strict=True))
