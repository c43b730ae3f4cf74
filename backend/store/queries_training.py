"""Training curves: of ended runs from the index, of running ones from their events."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from ..workspace import Workspace
from .database import Index

COLUMNS = ["run", "step", "metric", "value", "split"]
_NOT_METRICS = {"t", "event", "step", "epoch", "split"}


def curves(index: Index, runs: Sequence[str]) -> pd.DataFrame:
    """run, step, metric, value, split of these runs, in order of their steps."""
    query = f"SELECT {', '.join(COLUMNS)} FROM training WHERE list_contains(?, run) ORDER BY run, step"
    ended = index.table(query, [list(runs)]).to_pandas()
    rest = [run for run in runs if run not in set(ended["run"])]
    return pd.concat([ended, *(live(index.ws, run) for run in rest)], ignore_index=True)


def live(ws: Workspace, run: str) -> pd.DataFrame:
    """The metrics that a run has logged so far; of a step that was trained twice, after a resume, the later ones."""
    rows: dict[tuple[str, int, str], list[Any]] = {}
    for event in ws.read_lines(ws.folder(run) / "events.jsonl"):
        if event["event"] == "metrics":
            for metric in event.keys() - _NOT_METRICS:
                split = event.get("split", "train")
                rows[metric, event["step"], split] = [run, event["step"], metric, event[metric], split]
    return pd.DataFrame([rows[key] for key in sorted(rows)], columns=COLUMNS)
