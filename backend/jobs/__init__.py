"""What a job is given, and one module per kind of run.

Every module `backend.jobs.<kind>` has `run(job: Job) -> Summary`: it reads the tables of the runs its spec names,
writes its own tables through the job, and returns the summary that becomes part of `result.json`.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa

from ..errors import Cancelled
from ..workspace import Workspace

PROGRESS_SECONDS = 0.2


@dataclass(frozen=True)
class Summary:
    """What a run ended with: facts for people and pages; `complete=False` leaves a judge run open to be asked again."""

    facts: Mapping[str, Any]
    complete: bool = True


@dataclass
class Job:
    """A run from inside: its spec, its tables, its progress, and whether it was asked to stop."""

    ws: Workspace
    run: str
    spec: Any
    stop_requested: bool = False
    _last: float = field(default=0.0, repr=False)

    @property
    def folder(self) -> Path:
        """The run's folder."""
        return self.ws.folder(self.run)

    def check(self) -> None:
        """Raises Cancelled where the job was asked to stop. Call it between pieces of work."""
        if self.stop_requested:
            raise Cancelled

    def event(self, event: str, **fields: Any) -> None:
        """One line in events.jsonl."""
        self.ws.append(self.folder / "events.jsonl", {"t": time.time(), "event": event, **fields})

    def progress(self, done: float, total: float | None, unit: str, note: str = "") -> None:
        """How far the job is; also the place where a request to stop is heeded. At most five lines a second."""
        self.check()
        now = time.monotonic()
        if now - self._last >= PROGRESS_SECONDS or done == total or not done:
            self._last = now
            self.event("progress", done=done, total=total, unit=unit, note=note)

    def write(self, table: str, rows: pa.Table) -> None:
        """A table of this run, checked and whole."""
        self.ws.write_table(self.run, table, rows)

    def keep(self, name: str, row: Mapping[str, Any]) -> None:
        """Appends a piece of finished work to `<name>.jsonl`: a killed job goes on from there."""
        self.ws.append(self.folder / f"{name}.jsonl", row)

    def kept(self, name: str) -> list[dict[str, Any]]:
        """What earlier attempts of this run kept."""
        return self.ws.read_lines(self.folder / f"{name}.jsonl")
