"""Runs from outside, with real jobs in processes of their own."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from backend import runs, specs
from backend.errors import BadInput, JobFailed, NotFound, WinnowError
from backend.workspace import Workspace, content_sha256
from tests import tiny

PAIRS = [(f"say {i}", f"yes {i} fine", f"no {i}") for i in range(32)]
PATIENCE = 120.0


def training(ws: Workspace, place: Path, steps: int = 8, **settings: object) -> specs.TrainSpec:
    """A DPO run of some steps of about 30 ms."""
    fixed = {"learning_rate": 1e-3, "max_length": 64, "per_device_train_batch_size": 4, "save_steps": 5, **settings}
    return specs.TrainSpec(
        method="dpo", model=tiny.local_model(ws, place), data=tiny.pool(ws, PAIRS), num_train_epochs=steps / 8, **fixed
    )


def until(true: Callable[[], object], what: str) -> None:
    """Waits for something that has to happen."""
    end = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < end, f"not in {PATIENCE:.0f} s: {what}"
        time.sleep(0.02)


def step(ws: Workspace, run: str) -> float:
    now = runs.progress(ws, run)
    return now.done if now and now.unit == "steps" else 0


def started(ws: Workspace, run: str) -> int:
    return sum(e["event"] == "started" for e in ws.read_lines(ws.folder(run) / "events.jsonl"))


def process(ws: Workspace, run: str) -> int:
    return (ws.read_json(ws.folder(run) / "process.json") or {})["pid"]


def group(pid: int) -> list[int]:
    found = []
    for other in psutil.process_iter():
        try:
            if os.getpgid(other.pid) == pid and other.status() != psutil.STATUS_ZOMBIE:
                found.append(other.pid)
        except (ProcessLookupError, psutil.NoSuchProcess):
            continue
    return found


@pytest.mark.slow
def test_the_same_question_twice_runs_once(ws: Workspace, tmp_path: Path) -> None:
    spec = training(ws, tmp_path / "m")
    assert runs.launch(ws, spec, {"title": "first"}) == runs.launch(ws, spec, {"title": "second"}) == spec.id
    runs.wait(ws, [spec.id])
    assert runs.answer(ws, spec.id)["steps"] == 8
    runs.launch(ws, spec)
    assert (runs.status(ws, spec.id), started(ws, spec.id)) == ("finished", 1)
    assert ws.about(spec.id)["title"] == "first"


@pytest.mark.slow
def test_a_killed_job_is_lost_and_goes_on_to_the_result_of_an_undisturbed_one(ws: Workspace, tmp_path: Path) -> None:
    spec = training(ws, tmp_path / "m", steps=160)
    runs.launch(ws, spec)
    until(lambda: step(ws, spec.id) >= 12, "twelve steps")
    os.killpg(process(ws, spec.id), signal.SIGKILL)
    until(lambda: runs.status(ws, spec.id) == "lost", "the status of a killed job")
    with pytest.raises(JobFailed, match="is lost"):
        runs.answer(ws, spec.id)

    runs.launch(ws, spec)
    runs.wait(ws, [spec.id])
    first = ws.read_lines(ws.folder(spec.id) / "events.jsonl")
    resumed = [e["step"] for e in first[[e["event"] for e in first].index("started", 1) :] if e["event"] == "metrics"]
    assert min(resumed) > 5, "it began again from the start"

    calm = Workspace.open(tmp_path / "calm")
    runs.launch(calm, training(calm, tmp_path / "m", steps=160))
    runs.wait(calm, [spec.id])
    assert content_sha256(ws.folder(spec.id) / "model") == content_sha256(calm.folder(spec.id) / "model")
    assert ws.table(spec.id, "training").equals(calm.table(spec.id, "training"))


@pytest.mark.slow
def test_cancel_saves_a_checkpoint_and_leaves_no_process(ws: Workspace, tmp_path: Path) -> None:
    spec = training(ws, tmp_path / "m", steps=4000, save_steps=1000)
    runs.launch(ws, spec)
    until(lambda: step(ws, spec.id) >= 3, "three steps")
    pid = process(ws, spec.id)
    assert runs.cancel(ws, spec.id) == "cancelled"
    assert group(pid) == []
    assert list((ws.folder(spec.id) / "checkpoints").glob("checkpoint-*/complete"))
    assert runs.cancel(ws, spec.id) == "cancelled"


@pytest.mark.slow
def test_a_run_outlives_the_process_that_launched_it(ws: Workspace, tmp_path: Path) -> None:
    spec = training(ws, tmp_path / "m", steps=80)
    (tmp_path / "spec.json").write_text(spec.canonical())
    code = (
        "import sys, time, pathlib; from backend import runs, specs; from backend.workspace import Workspace;"
        "runs.launch(Workspace(sys.argv[1]), specs.parse(pathlib.Path(sys.argv[2]).read_bytes())); time.sleep(600)"
    )
    launcher = subprocess.Popen([sys.executable, "-c", code, str(ws.root), str(tmp_path / "spec.json")])
    try:
        until(lambda: (ws.folder(spec.id) / "spec.json").exists() and step(ws, spec.id) >= 1, "a first step")
    finally:
        launcher.kill()
        launcher.wait()
    runs.wait(ws, [spec.id])
    assert runs.answer(ws, spec.id)["steps"] == 80


@pytest.mark.slow
def test_a_run_whose_input_failed_fails_with_its_reason(ws: Workspace, tmp_path: Path) -> None:
    data = tiny.pool(ws, [("x" * 80, "a", "b")])
    model = tiny.local_model(ws, tmp_path / "m")
    hopeless = specs.TrainSpec(method="dpo", model=model, data=data, learning_rate=1e-3, max_length=64)
    after = specs.GenerateSpec(prompts=data, model=specs.RunModel(run=hopeless.id))
    for spec in (hopeless, after):
        runs.launch(ws, spec)
    runs.wait(ws, [hopeless.id, after.id])
    assert [runs.status(ws, s.id) for s in (hopeless, after)] == ["failed", "failed"]
    with pytest.raises(BadInput, match="none of the 1 rows can be trained on"):
        runs.answer(ws, hopeless.id)
    with pytest.raises(JobFailed, match=f"its input {hopeless.id} is failed"):
        runs.answer(ws, after.id)


def test_a_deleted_run_can_be_put_back_and_a_live_one_cannot_be_deleted(ws: Workspace) -> None:
    run = tiny.pool(ws, PAIRS)
    assert runs.delete(ws, run).exists()
    with pytest.raises(NotFound, match="there is no run"):
        runs.status(ws, run)
    runs.restore(ws, run)
    assert runs.status(ws, run) == "finished"
    spec = specs.SelectSpec(pairs=run, strategy={"name": "random"}, budget=2)  # type: ignore[arg-type]
    runs.launch(ws, spec, start=False)
    with pytest.raises(WinnowError, match="cancel it first"):
        runs.delete(ws, spec.id)
    assert runs.cancel(ws, spec.id) == "cancelled"


def test_naming_again_renames_and_a_default_name_does_not(ws: Workspace) -> None:
    spec = specs.parse((ws.folder(tiny.pool(ws, [("a", "x", "y")])) / "spec.json").read_bytes())
    for title, name in (("mine", "mine"), (None, "mine"), ("ours", "ours")):
        runs.launch(ws, spec, {"title": "by default"}, title=title, start=False)
        assert ws.about(spec.id)["title"] == name


def test_waiting_wakes_a_queue_that_died_but_not_at_every_look(ws: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    woken: list[float] = []
    monkeypatch.setattr(runs, "wake_queue", lambda _: woken.append(time.monotonic()))
    monkeypatch.setattr(runs, "WAKE_SECONDS", 0.3)
    spec = specs.SelectSpec(pairs=tiny.pool(ws, PAIRS), strategy={"name": "random"}, budget=2)  # type: ignore[arg-type]
    run = runs.launch(ws, spec, start=False)
    looks = iter(range(100))

    def tick() -> None:
        if next(looks) == 80:
            runs.cancel(ws, run)

    runs.wait(ws, [run], tick=tick, pause=0.01)
    assert 1 <= len(woken) < 20


def test_lineage_names_every_run_behind_a_run_once(ws: Workspace, tmp_path: Path) -> None:
    spec = training(ws, tmp_path / "m")
    runs.launch(ws, spec, start=False)
    answers = specs.GenerateSpec(prompts=spec.data, model=specs.RunModel(run=spec.id))
    runs.launch(ws, answers, start=False)
    assert runs.lineage(ws, answers.id) == [answers.id, spec.data, spec.id]


def test_time_left_is_told_from_the_speed_of_this_attempt(ws: Workspace) -> None:
    run = tiny.pool(ws, PAIRS)
    events, now = ws.folder(run) / "events.jsonl", time.time()
    for t, event in ((now - 500, "started"), (now - 400, "progress"), (now - 10, "started"), (now - 10, "progress")):
        ws.append(events, {"t": t, "event": event, "done": 0, "total": 100, "unit": "rows", "note": ""})
    ws.append(events, {"t": now, "event": "progress", "done": 50, "total": 100, "unit": "rows", "note": ""})
    seen = runs.progress(ws, run)
    assert seen and seen.eta == pytest.approx(10, abs=1)
