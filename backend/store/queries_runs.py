"""The runs list: ended runs from the index, live ones from their folders."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from .. import runs, specs
from ..workspace import Workspace
from .database import Index


@dataclass(frozen=True)
class RunRow:
    """One run as pages show it. `created` in seconds since 1970, `seconds` it took."""

    run: str
    kind: str
    status: runs.Status
    title: str
    study: str | None = None
    created: float = 0.0
    seconds: float | None = None
    error: str | None = None
    spec: dict[str, Any] = field(default_factory=dict)
    summary: dict[str, Any] = field(default_factory=dict)

    @property
    def answered(self) -> bool:
        """Whether its tables can be read."""
        return self.status in ("finished", "incomplete")


def overview(index: Index) -> list[RunRow]:
    """Every run of the workspace, newest first."""
    ended = {row["run"]: _ended(row) for row in index.rows("SELECT * EXCLUDE (stamp) FROM runs")}
    rows = [ended.get(run) or _live(index.ws, run) for run in index.ws.run_ids()]
    return sorted(rows, key=lambda row: (-row.created, row.run))


def _ended(row: dict[str, Any]) -> RunRow:
    spec, summary = json.loads(row.pop("spec")), json.loads(row.pop("summary"))
    status, title = row.pop("outcome"), row.pop("title") or described(spec)
    return RunRow(**{**row, "created": row["created"] or 0.0}, status=status, title=title, spec=spec, summary=summary)


def _live(ws: Workspace, run: str) -> RunRow:
    about = ws.about(run)
    spec = ws.spec(run).model_dump(mode="json", exclude_none=True)
    title = about.get("title") or described(spec)
    created = about.get("created") or 0.0
    return RunRow(run, spec["kind"], runs.status(ws, run), title, about.get("study"), created, spec=spec)


def counts(rows: list[RunRow]) -> dict[str, int]:
    """How many runs there are of each status."""
    found: dict[str, int] = {}
    for row in rows:
        found[row.status] = found.get(row.status, 0) + 1
    return found


def answered(rows: list[RunRow]) -> dict[str, int]:
    """How many answered runs there are of each kind."""
    return {kind: sum(row.kind == kind and row.answered for row in rows) for kind in specs.KINDS}


@dataclass(frozen=True)
class Beside:
    """Answers beside a candidate's: to how many `common` prompts, how many are its own text, and who gave them."""

    common: int
    alike: int
    author: str | None
    candidate: str | None


def beside(index: Index, candidate: str, others: Sequence[str]) -> dict[str, Beside]:
    """Each of these runs that holds answers → how they stand beside the candidate's."""
    query = """SELECT count(*) AS common, count_if(o.response = c.response) AS alike, min(o.author) AS author,
        min(c.author) AS candidate FROM read_parquet(?) o JOIN read_parquet(?) c USING (prompt_id, sample)"""
    there = {run for run in (candidate, *others) if (index.ws.folder(run) / "responses.parquet").exists()}
    ours = index.parquet(candidate, "responses")
    found = (run for run in others if {run, candidate} <= there and run != candidate)
    return {run: Beside(**index.rows(query, [index.parquet(run, "responses"), ours])[0]) for run in found}


def described(spec: dict[str, Any]) -> str:
    """A title for a run that was given none: its kind and what is chiefly asked."""
    if "of" in spec:
        return f"{spec['kind']}: {described(spec['of'])}"
    parts = [spec["kind"]]
    for name in ("method", "measure", "strategy", "pairing", "judge", "format"):
        value = spec.get(name)
        parts += [value["name"] if isinstance(value, dict) else value] if value else []
    if spec.get("budget"):
        parts.append(f"{spec['budget']} pairs")
    if spec.get("seed") is not None:
        parts.append(f"seed {spec['seed']}")
    return " · ".join(parts)
