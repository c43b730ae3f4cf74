"""The verdicts of a judge run as AlpacaEval's `annotations.json` holds them, for `report alpaca` and other tools."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from . import inputs
from .errors import BadInput
from .judges.items import items
from .report.alpaca import Annotations
from .report.verdicts import ITEM, verdicts
from .workspace import Workspace


def document(ws: Workspace, run: str) -> list[dict[str, Any]]:
    """One row for each item: the reference is 1, the candidate 2; preference 1 to 2, null where the verdict is missing.

    BadInput where the run compares no two sides; BadData where its answers belong together no longer.
    """
    spec = ws.spec(run)
    if spec.kind != "judge" or spec.reference is None:
        raise BadInput(f"run {run} compares no two answers; choose a judge run that does (`runs --kind judge`).")
    found = verdicts(ws.table(run, "judgements")).rows
    preference = {tuple(row[name] for name in ITEM): row["preference"] for row in found.to_dict("records")}
    theirs, ours = _authors(ws, spec.reference), _authors(ws, spec.candidate)
    if set(theirs.values()) & set(ours.values()):  # two runs of one model are told apart by their runs
        theirs, ours = ({i: f"{name} ({run})" for i, name in names.items()}
                        for names, run in ((theirs, spec.reference), (ours, spec.candidate)))  # fmt: skip
    rows = []
    for item in items(ws, spec, alone=False)[0]:
        given = preference.get(tuple(getattr(item, name) for name in ITEM))
        rows.append({
            "instruction": item.prompt[-1]["content"],
            "output_1": item.reference, "generator_1": theirs[item.reference_id],
            "output_2": item.candidate, "generator_2": ours[item.candidate_id],
            "annotator": str(spec.judge), "preference": None if given is None else 1 + given,
        })  # fmt: skip
    return rows


def of_run(ws: Workspace, run: str, order: Sequence[str] = ()) -> Annotations:
    """The same rows for `report.alpaca`, of the model `candidate`, in the order of these instructions."""
    place = {text: number for number, text in enumerate(order)}
    rows = sorted(document(ws, run), key=lambda row: place.get(row["instruction"], len(place)))
    given = (row["preference"] for row in rows)
    texts = (tuple(row[name] for row in rows) for name in ("instruction", "output_1", "output_2"))
    preferences = np.array([np.nan if one is None else one for one in given])
    return Annotations("candidate", "reference", run, preferences, *texts)


def _authors(ws: Workspace, run: str) -> dict[int, str]:
    rows = inputs.responses(ws, run)
    return dict(zip(rows["response_id"].to_pylist(), rows["author"].to_pylist(), strict=True))
