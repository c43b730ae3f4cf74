"""Launch, status, cancel, lineage: what can be done with a run from outside.

Status is derived, never stored:
    result.json       → finished, incomplete (a judge run with failed items) or failed
    else a held lock  → running
    else a queue mark → waiting
    else a cancel mark → cancelled
    else              → lost: the job ended without a word (killed, or the machine went down)
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import psutil

from . import devices
from .errors import BadInput, BadSpec, JobFailed, NotFound, WinnowError
from .jobs.starting import detached
from .locks import locked
from .specs import Spec
from .terms import Terms
from .workspace import Workspace

Status = Literal["finished", "incomplete", "failed", "running", "waiting", "cancelled", "lost"]
LIVE: tuple[Status, ...] = ("running", "waiting")
GRACE_SECONDS = 30.0
WAKE_SECONDS = 5.0


def status(ws: Workspace, run: str) -> Status:
    """Where a run stands; see the module's text."""
    folder = ws.folder(run)
    if not (folder / "spec.json").exists():
        raise NotFound(f"there is no run {run!r} in {ws.root}; `python -m backend runs` lists them.")
    result = ws.result(run)
    if result:
        return result["outcome"]
    if locked(folder / "lock"):
        return "running"
    if ws.mark(run).exists():
        return "waiting"
    # The job may have ended between the first look and the lock.
    if result := ws.result(run):
        return result["outcome"]
    return "cancelled" if (folder / "cancelled").exists() else "lost"


def launch(
    ws: Workspace, spec: Spec, about: Mapping[str, Any] | None = None, *,
    title: str | None = None, terms: Terms | None = None, start: bool = True,
) -> str:  # fmt: skip
    """Asks a question: returns its run id at once. An answered, running or waiting question is not asked again.

    NotFound where a run that the question reads was never asked, BadSpec where it wants a local judge and vLLM is not
    here; nothing is written then. `about`: title and notes of a run that is new; `title`: the name that the user gives,
    to a run that exists as well. `terms`: how an endpoint is asked in this launch, which is no part of the question.
    `start=False` leaves waking the queue to the caller (who launches many).
    """
    run = spec.id
    folder = ws.folder(run)
    for read in spec.inputs:
        ws.spec(read)
    known = (folder / "spec.json").exists()
    if known and title:
        rename(ws, run, title)
    if known and status(ws, run) in ("finished", *LIVE):
        return run
    if spec.kind == "judge" and spec.served:
        devices.vllm_server()
    if not known:
        ws.write_json(
            folder / "about.json", {**(about or {}), **({"title": title} if title else {}), "created": time.time()}
        )
        text = spec.canonical()
        ws.write(folder / "spec.json", lambda p: p.write_text(text, encoding="utf-8"))
    (folder / "cancelled").unlink(missing_ok=True)
    (folder / "result.json").unlink(missing_ok=True)
    if terms:
        ws.write_json(folder / "terms.json", terms.model_dump())
    ws.write_json(ws.mark(run), {"at": time.time()})
    if start:
        wake_queue(ws)
    return run


def rename(ws: Workspace, run: str, title: str) -> None:
    """Gives a run another name, which is no part of its question. BadSpec where it is blank, NotFound without a run."""
    status(ws, run)
    if not title.strip():
        raise BadSpec(f"a run's name cannot be blank; give {run} another one.")
    ws.write_json(ws.folder(run) / "about.json", {**ws.about(run), "title": title.strip()})


def wake_queue(ws: Workspace) -> None:
    """Starts the workspace's queue process, unless it runs."""
    if locked(ws.root / "queue.lock"):
        return
    detached("backend.queue", ws.root, ws.root / "queue.log")


def cancel(ws: Workspace, run: str, grace: float = GRACE_SECONDS) -> Status:
    """Asks the job to stop, waits, ends all its processes, verifies that nothing is left. Returns the new status."""
    if status(ws, run) not in LIVE:
        return status(ws, run)
    folder = ws.folder(run)
    ws.write_json(folder / "cancelled", {"at": time.time()})
    ws.mark(run).unlink(missing_ok=True)
    process = ws.read_json(folder / "process.json")
    if process and locked(folder / "lock") and _same_process(process):
        _end_session(process["pid"], folder / "lock", grace)
    return status(ws, run)


def _same_process(process: Mapping[str, Any]) -> bool:
    try:
        return abs(psutil.Process(process["pid"]).create_time() - process["created"]) < 1.0
    except psutil.NoSuchProcess:
        return False


def _end_session(pid: int, lock: Path, grace: float) -> None:
    """SIGTERM to the job, SIGKILL to its whole session after the grace time; a WinnowError where something survives."""
    os.kill(pid, signal.SIGTERM)
    _wait(lambda: not locked(lock), grace)
    for _ in range(2):
        for left in _session(pid):
            with contextlib.suppress(ProcessLookupError):
                os.kill(left, signal.SIGKILL)
        if _wait(lambda: not _session(pid), 5.0):
            return
    raise WinnowError(f"the processes {_session(pid)} of session {pid} do not end; end them by hand.")


def _session(sid: int) -> list[int]:
    """Living processes of a session: a job and all that it started, a judge's server (a group of its own) included."""
    found = []
    for process in psutil.process_iter(["status"]):
        try:
            if os.getsid(process.pid) == sid and process.info["status"] != psutil.STATUS_ZOMBIE:
                found.append(process.pid)
        except ProcessLookupError:
            continue
    return found


def _wait(done: Any, seconds: float) -> bool:
    until = time.monotonic() + seconds
    while not done():
        if time.monotonic() > until:
            return False
        time.sleep(0.05)
    return True


def wait(ws: Workspace, wanted: Iterable[str], tick: Any = None, pause: float = 0.2) -> None:
    """Waits until none of the runs is live; `tick()` is called between looks. Wakes the queue where it died.

    Not at every look: on a busy machine a queue takes a while to start, and a second one beside it slows it further.
    """
    wanted = list(wanted)
    woken = time.monotonic()
    while any(status(ws, run) in LIVE for run in wanted):
        if time.monotonic() - woken > WAKE_SECONDS:
            wake_queue(ws)
            woken = time.monotonic()
        if tick:
            tick()
        time.sleep(pause)


def answer(ws: Workspace, run: str) -> dict[str, Any]:
    """The summary of a finished or incomplete run; BadInput or JobFailed says why there is none."""
    state = status(ws, run)
    result = ws.result(run) or {}
    if result.get("bad_input"):
        raise BadInput(f"{result['error']} (run {run})")
    if state in ("finished", "incomplete"):
        return result.get("summary", {})
    raise JobFailed(f"run {run} is {state}: {result.get('error') or last_words(ws, run)}")


def last_words(ws: Workspace, run: str) -> str:
    """The last line of a run's log, for a run that ended without saying why."""
    try:
        lines = (ws.folder(run) / "log.txt").read_text(errors="replace").strip().split("\n")
    except FileNotFoundError:
        lines = [""]
    return f"its last words: {lines[-1][:200]!r}" if lines[-1] else "it left no log."


def delete(ws: Workspace, run: str) -> Path:
    """Moves a run that is not live to the workspace's trash; returns where it lies, so that it can be put back."""
    if status(ws, run) in LIVE:
        raise WinnowError(f"run {run} is {status(ws, run)}; cancel it first.")
    place = ws.root / "trash" / run
    place.parent.mkdir(exist_ok=True)
    shutil.rmtree(place, ignore_errors=True)
    ws.folder(run).rename(place)
    return place


def restore(ws: Workspace, run: str) -> None:
    """Puts a run back from the trash."""
    place = ws.root / "trash" / run
    if not place.exists():
        raise NotFound(f"there is no run {run!r} in the trash.")
    place.rename(ws.folder(run))


def lineage(ws: Workspace, run: str) -> list[str]:
    """The run and every run it was made from, nearest first, each once."""
    found = [run]
    for one in found:
        if (ws.folder(one) / "spec.json").exists():
            found += [up for up in ws.spec(one).inputs if up not in found]
    return found


@dataclass(frozen=True)
class Progress:
    """How far a running job is. `eta` in seconds, None while it cannot be told."""

    done: float
    total: float | None
    unit: str
    note: str
    eta: float | None


def progress(ws: Workspace, run: str) -> Progress | None:
    """The last progress of a run, with the time left at its measured speed (this phase, this attempt)."""
    rows = [e for e in ws.read_lines(ws.folder(run) / "events.jsonl") if e["event"] in ("started", "progress")]
    starts = [i for i, e in enumerate(rows) if e["event"] == "started"]
    rows = rows[starts[-1] + 1 :] if starts else rows
    if not rows:
        return None
    last = rows[-1]
    phase = [e for e in rows if (e["unit"], e["note"]) == (last["unit"], last["note"])]
    first = phase[0]
    eta = None
    if last["total"] and last["done"] > first["done"]:
        speed = (last["done"] - first["done"]) / max(last["t"] - first["t"], 1e-6)
        eta = max(0.0, (last["total"] - last["done"]) / speed - (time.time() - last["t"]))
    return Progress(last["done"], last["total"], last["unit"], last["note"], eta)
