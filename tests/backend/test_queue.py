"""The queue in this process, with a starter that notes what it is told to start."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from backend import queue, runs, specs
from backend.devices import Turn
from backend.locks import hold
from backend.registry import Call
from backend.workspace import Workspace
from tests import tiny

PAIRS = [(f"say {i}", "yes", "no") for i in range(4)]


class Notes:
    """A starter whose jobs finish when they are told to."""

    def __init__(self, ws: Workspace) -> None:
        self.ws, self.started = ws, []

    def start(self, folder: Path, turn: Turn) -> None:
        self.started.append(folder.name)
        ended = "failed" if self.ws.spec(folder.name).seed == 13 else "finished"
        self.ws.write_json(folder / "result.json", {"outcome": ended})


def subset(ws: Workspace, pool: str, seed: int = 0) -> str:
    spec = specs.SelectSpec(pairs=pool, strategy=Call(name="random"), budget=2, seed=seed)
    return runs.launch(ws, spec, start=False)


def training(ws: Workspace, data: str) -> str:
    model = specs.LocalModel(sha256="0" * 64)
    return runs.launch(ws, specs.TrainSpec(method="dpo", model=model, data=data, learning_rate=1e-3), start=False)


def sweep(ws: Workspace, starter: Notes) -> None:
    queue._sweep(ws, queue.waiting(ws), starter)  # type: ignore[arg-type]


def test_a_run_waits_for_its_inputs(ws: Workspace) -> None:
    starter = Notes(ws)
    chosen = subset(ws, tiny.pool(ws, PAIRS))
    trained = training(ws, chosen)
    ws.write_json(ws.mark(trained), {"at": 0})  # asked for long before its input
    sweep(ws, starter)
    assert starter.started == [chosen]
    assert runs.status(ws, trained) == "waiting"
    sweep(ws, starter)
    assert starter.started == [chosen, trained]
    assert queue.waiting(ws) == []


def test_the_oldest_question_comes_first(ws: Workspace) -> None:
    starter, pool = Notes(ws), tiny.pool(ws, PAIRS)
    asked = [subset(ws, pool, seed) for seed in (5, 1, 3)]
    sweep(ws, starter)
    assert starter.started == asked


def test_a_run_is_given_up_when_an_input_can_never_be_there(ws: Workspace) -> None:
    starter = Notes(ws)
    failing = subset(ws, tiny.pool(ws, PAIRS), seed=13)
    after = training(ws, failing)
    sweep(ws, starter)
    sweep(ws, starter)
    assert runs.status(ws, after) == "failed"
    assert (ws.result(after) or {})["error"] == f"its input {failing} is failed."


def test_runs_beyond_the_places_of_the_machine_wait(
    ws: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WINNOW_JOBS", "1")
    pool = tiny.pool(ws, PAIRS)
    running, waiting = training(ws, pool), training(ws, tiny.pool(ws, PAIRS[:2]))
    with busy(ws, running):
        sweep(ws, Notes(ws))
        assert runs.status(ws, waiting) == "waiting"


class busy:  # noqa: N801
    """Holds the lock of a run, as its job does."""

    def __init__(self, ws: Workspace, run: str) -> None:
        self.held = hold(ws.folder(run) / "lock")
        ws.write_json(ws.folder(run) / "turn.json", {"model": True, "gpus": []})
        ws.mark(run).unlink()

    def __enter__(self) -> None:
        self.held.__enter__()

    def __exit__(self, *error: object) -> None:
        self.held.__exit__(None, None, None)


def test_one_queue_serves_a_workspace(ws: Workspace) -> None:
    subset(ws, tiny.pool(ws, PAIRS))
    with hold(ws.root / "queue.lock"):
        served = threading.Thread(target=queue.serve, args=(ws,))
        served.start()
        served.join(timeout=10)
        assert not served.is_alive()
        assert len(queue.waiting(ws)) == 1
