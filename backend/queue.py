"""Starts waiting runs when their inputs and a slot are there: `python -m backend.queue <workspace>`.

One small detached process per workspace, guarded by a lock, that ends when nothing waits. Jobs outlive it: each is
its own session and process group. `launch` marks first and looks at the lock second; the queue releases the lock
first and looks at the marks second; so no mark is ever left behind.
"""

from __future__ import annotations

import contextlib
import dataclasses
import functools
import sys
import time

from . import devices, runs
from .errors import WinnowError, sentence
from .jobs.starting import Starter
from .locks import hold, locked
from .workspace import Workspace

POLL_SECONDS = 0.1
DEAD: tuple[runs.Status, ...] = ("failed", "cancelled", "lost")


def waiting(ws: Workspace) -> list[str]:
    """The ids of waiting runs, oldest mark first."""
    marks = [p for p in (ws.root / "queue").iterdir() if not p.name.startswith(".")]
    return [p.name for p in sorted(marks, key=lambda p: ((ws.read_json(p) or {}).get("at", 0), p.name))]


def serve(ws: Workspace) -> None:
    """Works until nothing waits."""
    while waiting(ws):
        with hold(ws.root / "queue.lock") as ours:
            if not ours:
                return
            with contextlib.closing(Starter(ws.root / "queue.log")) as starter:
                while queued := waiting(ws):
                    _sweep(ws, queued, starter)
                    time.sleep(POLL_SECONDS)


def _sweep(ws: Workspace, queued: list[str], starter: Starter) -> None:
    """One look at all waiting runs: starts those that may start, gives up on those that never can."""
    taken = _taken(ws)
    status = functools.cache(functools.partial(_status, ws))  # a run's state is read once a sweep
    for run in queued:
        try:
            spec = ws.spec(run)
            states = {up: status(up) for up in spec.inputs}
            if dead := next((up for up, state in states.items() if state in DEAD), None):
                _give_up(ws, run, f"its input {dead} is {states[dead]}.")
            elif not any(state in runs.LIVE for state in states.values()):
                turn = devices.free_turn(spec, taken)
                if turn is not None:
                    _start(ws, run, turn, starter)
                    taken.append(turn)
        except WinnowError as error:
            _give_up(ws, run, sentence(error))


def _start(ws: Workspace, run: str, turn: devices.Turn, starter: Starter) -> None:
    ws.write_json(ws.folder(run) / "turn.json", dataclasses.asdict(turn))
    starter.start(ws.folder(run), turn)
    ws.mark(run).unlink(missing_ok=True)


def _status(ws: Workspace, run: str) -> runs.Status:
    return runs.status(ws, run) if (ws.folder(run) / "spec.json").exists() else "lost"


def _taken(ws: Workspace) -> list[devices.Turn]:
    """The turns of all running runs, whoever started them."""
    live = [run for run in ws.run_ids() if locked(ws.folder(run) / "lock")]
    return [devices.Turn(**(ws.read_json(ws.folder(run) / "turn.json") or {})) for run in live]


def _give_up(ws: Workspace, run: str, why: str) -> None:
    ws.write_json(ws.folder(run) / "result.json", {"outcome": "failed", "error": why, "ended": time.time()})
    ws.mark(run).unlink(missing_ok=True)


def main() -> None:
    """Entry point."""
    serve(Workspace.open(sys.argv[1]))


if __name__ == "__main__":
    main()
