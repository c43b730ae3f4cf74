"""A launched study: which run answers which cell of its plan."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .. import runs
from ..errors import NotFound, nearest
from ..workspace import Workspace
from .expand import Cell, expand
from .plan import Plan, read_plan


@dataclass(frozen=True)
class CellRun:
    """A cell of a study and the run that answers it."""

    name: str
    seed: int
    arm: str | None
    run: str


@dataclass(frozen=True)
class Study:
    """A plan and its runs. `studies/<name>.json` in the workspace holds it for pages and for later."""

    name: str
    plan: Plan
    cells: tuple[CellRun, ...]

    @property
    def runs(self) -> list[str]:
        """Every run of the study, each once."""
        return list(dict.fromkeys(cell.run for cell in self.cells))

    def run(self, step: str, seed: int, arm: str | None = None) -> str:
        """The run of a step; a step that all arms share is found for any arm."""
        for cell in self.cells:
            if (cell.name, cell.seed) == (step, seed) and cell.arm in (None, arm):
                return cell.run
        raise NotFound(f"study {self.name!r} has no step {step!r} for arm {arm!r} and seed {seed}.")


def launch_study(ws: Workspace, plan: str | Path) -> Study:
    """Launches every run of the plan in a file that is not yet answered, waiting or running."""
    path = Path(plan)
    read = read_plan(path)
    cells = expand(read, path.parent, ws)
    study = Study(_name(path), read, tuple(CellRun(c.name, c.seed, c.arm, c.spec.id) for c in cells))
    _remember(ws, study)
    for cell in cells:
        runs.launch(ws, cell.spec, _about(study, cell), start=False)
    runs.wake_queue(ws)
    return study


def _name(path: Path) -> str:
    """The name of a study: its file's, or its folder's where the file is just called study."""
    stem = path.stem if path.stem != "study" else path.resolve().parent.name
    return re.sub(r"[^a-z0-9_-]+", "-", stem.lower()).strip("-") or "study"


def _about(study: Study, cell: Cell) -> dict[str, Any]:
    return {"title": str(cell), "study": study.name}


def _place(ws: Workspace, name: str) -> Path:
    return ws.root / "studies" / f"{name}.json"


def _remember(ws: Workspace, study: Study) -> None:
    cells = [vars(cell) for cell in study.cells]
    plan = study.plan.model_dump(mode="json", exclude_none=True)
    ws.write_json(_place(ws, study.name), {"name": study.name, "at": time.time(), "plan": plan, "cells": cells})


def study_names(ws: Workspace) -> list[str]:
    """The names of all studies that were launched in this workspace."""
    folder = ws.root / "studies"
    return sorted(p.stem for p in folder.glob("*.json") if not p.name.startswith(".")) if folder.exists() else []


def load_study(ws: Workspace, name: str) -> Study:
    """A study that was launched here; NotFound where there is none of that name."""
    data = ws.read_json(_place(ws, name))
    if data is None:
        raise NotFound(f"there is no study {name!r} in {ws.root}; {nearest(name, study_names(ws))}")
    return Study(data["name"], Plan(**data["plan"]), tuple(CellRun(**cell) for cell in data["cells"]))


def states(ws: Workspace, study: Study) -> Iterator[tuple[CellRun, runs.Status]]:
    """Every cell and where its run stands."""
    for cell in study.cells:
        yield cell, runs.status(ws, cell.run)
