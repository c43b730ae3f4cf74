"""Starts waiting runs when their inputs and a slot are there: `python -m backend.queue <workspace>`.

One small detached process per workspace, guarded by a lock, that ends when nothing waits. Jobs outlive it: each is
its own session and process group. `launch` marks first and looks at the lock second; the queue releases the lock
first and looks at the marks second; so no mark is ever left behind.
"""

from __future__ import annotations

import contextlib
import dataclasses
import fcntl
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from . import devices, runs
from .errors import WinnowError, sentence
from .workspace import Workspace

POLL_SECONDS = 0.2
DEAD: tuple[runs.Status, ...] = ("failed", "cancelled", "lost")


@contextlib.contextmanager
def _lock(path: Path) -> Iterator[bool]:
    """Whether we now hold the lock."""
    with path.open("ab") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
            return
        yield True


def waiting(ws: Workspace) -> list[str]:
    """The ids of waiting runs, oldest mark first."""
    marks = [p for p in (ws.root / "queue").iterdir() if not p.name.startswith(".")]
    return [p.name for p in sorted(marks, key=lambda p: ((ws.read_json(p) or {}).get("at", 0), p.name))]


def serve(ws: Workspace) -> None:
    """Works until nothing waits."""
    started: dict[str, subprocess.Popen[bytes]] = {}
    while waiting(ws):
        with _lock(ws.root / "queue.lock") as ours:
            if not ours:
                return
            while waiting(ws):
                started = {run: job for run, job in started.items() if job.poll() is None}
                for run in waiting(ws):
                    _consider(ws, run, started)
                time.sleep(POLL_SECONDS)


def _consider(ws: Workspace, run: str, started: dict[str, subprocess.Popen[bytes]]) -> None:
    """Starts a run, gives up on it, or leaves it waiting."""
    try:
        spec = ws.spec(run)
        states = {up: _status(ws, up, started) for up in spec.inputs}
        if dead := next((up for up, state in states.items() if state in DEAD), None):
            _give_up(ws, run, f"its input {dead} is {states[dead]}.")
        elif all(state in ("finished", "incomplete") for state in states.values()):
            turn = devices.free_turn(spec, _busy(ws, started))
            if turn is not None:
                started[run] = _start(ws, run, turn)
    except WinnowError as error:
        _give_up(ws, run, sentence(error))


def _status(ws: Workspace, run: str, started: dict[str, subprocess.Popen[bytes]]) -> runs.Status:
    if not (ws.folder(run) / "spec.json").exists():
        return "lost"
    return "running" if run in started else runs.status(ws, run)


def _busy(ws: Workspace, started: dict[str, subprocess.Popen[bytes]]) -> list[devices.Turn]:
    """The turns of all running runs; those that an earlier queue process started included."""
    live = {r for r in ws.run_ids() if r in started or runs.locked(ws.folder(r) / "lock")}
    return [devices.Turn(**(ws.read_json(ws.folder(run) / "turn.json") or {})) for run in live]


def _give_up(ws: Workspace, run: str, why: str) -> None:
    ws.write_json(ws.folder(run) / "result.json", {"outcome": "failed", "error": why, "ended": time.time()})
    ws.mark(run).unlink(missing_ok=True)


def _start(ws: Workspace, run: str, turn: devices.Turn) -> subprocess.Popen[bytes]:
    """Starts a job as its own session; its mark goes when it has had time to take its lock."""
    folder = ws.folder(run)
    ws.write_json(folder / "turn.json", dataclasses.asdict(turn))
    with (folder / "log.txt").open("ab") as log:
        job = subprocess.Popen(
            [sys.executable, "-m", "backend.jobs", str(folder)],
            stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
            cwd=Path(__file__).parent.parent, env=devices.environment(turn),
        )  # fmt: skip
    while job.poll() is None and not runs.locked(folder / "lock"):
        time.sleep(0.02)
    ws.mark(run).unlink(missing_ok=True)
    return job


def main() -> None:
    """Entry point."""
    os.environ.setdefault("PYTHONUNBUFFERED", "1")
    serve(Workspace.open(sys.argv[1]))


if __name__ == "__main__":
    main()
