"""One run, from lock to result: `python -m backend.jobs <run folder>`."""

from __future__ import annotations

import importlib
import os
import platform
import random
import signal
import sys
import time
import traceback
from pathlib import Path
from typing import Any

import psutil

from ..errors import BadInput, Cancelled, sentence
from ..locks import hold
from ..workspace import Workspace
from . import Job, Summary

LOCK_SECONDS = 5.0  # others hold the lock only while they look at it


def work(folder: Path) -> int:
    """Runs the job of a run folder; returns the exit code (0 ended with a result, 1 failed, 143 cancelled)."""
    ws = Workspace(folder.parent.parent)
    with hold(folder / "lock", LOCK_SECONDS) as ours:
        if not ours:
            print(f"{folder.name} is already running.", file=sys.stderr)
            return 1
        job = Job(ws, folder.name, ws.spec(folder.name))
        signal.signal(signal.SIGTERM, lambda *_: setattr(job, "stop_requested", True))
        me = psutil.Process()
        ws.write_json(folder / "process.json", {"pid": me.pid, "created": me.create_time()})
        job.event("started")
        return _answer(job, time.time())


def _answer(job: Job, began: float) -> int:
    """Does the work and writes result.json last."""
    try:
        random.seed(getattr(job.spec, "seed", 0))
        summary: Summary = importlib.import_module(f"backend.jobs.{job.spec.kind}").run(job)
        _finish(job, began, "finished" if summary.complete else "incomplete", summary=dict(summary.facts))
        return 0
    except Cancelled:
        job.event("cancelled")
        return 128 + signal.SIGTERM
    except Exception as error:
        traceback.print_exc()
        _finish(job, began, "failed", error=sentence(error), bad_input=isinstance(error, BadInput))
        return 1


def _finish(job: Job, began: float, outcome: str, **rest: Any) -> None:
    job.event("ended", outcome=outcome)
    ended = time.time()
    made_with = {"python": platform.python_version(), "machine": platform.machine()}
    job.ws.write_json(
        job.folder / "result.json",
        {"outcome": outcome, "began": began, "ended": ended, "seconds": ended - began, "made_with": made_with, **rest},
    )


if __name__ == "__main__":
    code = work(Path(sys.argv[1]).resolve())
    sys.stdout.flush()
    os._exit(code)  # libraries may leave threads behind; a job is over when its result is written
