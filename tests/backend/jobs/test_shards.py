"""Two processes measure what one does, bit for bit, and end when their parent does."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from backend import specs
from backend.errors import Cancelled, JobFailed
from backend.jobs import Job, measure, shards, starting
from backend.measures import measures
from backend.workspace import Workspace
from tests import tiny

PAIRS = [(f"say {i} " * 12, "yes " * (20 + 3 * i), "no " * (25 + 2 * i)) for i in range(24)]


@pytest.fixture
def spec(ws: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> specs.MeasureSpec:
    monkeypatch.setenv("WINNOW_MEASURE_PROCESSES", "2")
    model = tiny.local_model(ws, tmp_path / "m")
    return specs.MeasureSpec(responses=tiny.pool(ws, PAIRS), measure=measures.call("ifd"), model=model)


def test_two_processes_give_the_table_of_one_and_tell_the_progress_of_both(
    ws: Workspace, spec: specs.MeasureSpec, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    facts = measure.run(tiny.asked(ws, spec)).facts
    assert len(list((ws.root / "values").rglob("*.bin"))) == 2
    told = [e for e in ws.read_lines(ws.folder(spec.id) / "events.jsonl") if e.get("unit") == "tokens"]
    assert told[-1]["done"] == told[-1]["total"] == facts["spent"]["tokens"]
    assert "2 processes" in told[-1]["note"]
    assert not (ws.folder(spec.id) / "work.npz").exists()

    monkeypatch.delenv("WINNOW_MEASURE_PROCESSES")
    alone = Workspace.open(tmp_path / "alone")
    tiny.local_model(alone, tmp_path / "m")
    tiny.pool(alone, PAIRS)
    one = measure.run(tiny.asked(alone, spec)).facts
    assert ws.table(spec.id, "measurements").equals(alone.table(spec.id, "measurements"))
    assert one["spent"]["tokens"] == facts["spent"]["tokens"]


def test_little_work_is_not_divided(ws: Workspace, spec: specs.MeasureSpec) -> None:
    few = spec.model_copy(update={"responses": tiny.pool(ws, PAIRS[:2])})
    measure.run(tiny.asked(ws, few))
    assert len(list((ws.root / "values").rglob("*.bin"))) == 1


def test_a_process_that_dies_fails_the_run_and_what_it_kept_is_kept(
    ws: Workspace, spec: specs.MeasureSpec, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = starting.shard

    def one_dies(folder: Path, number: int, count: int, gpu: int | None) -> subprocess.Popen[str]:
        if number:
            return subprocess.Popen(
                [sys.executable, "-c", "import sys; sys.exit(9)"], stdout=subprocess.PIPE, text=True
            )
        return real(folder, number, count, gpu)

    monkeypatch.setattr(shards, "shard", one_dies)
    with pytest.raises(JobFailed, match="process 2 of 2 ended with code 9"):
        measure.run(tiny.asked(ws, spec))
    monkeypatch.undo()
    spent = measure.run(tiny.asked(ws, spec)).facts["spent"]
    assert 0 < spent["known"] < spent["texts"]


def test_a_request_to_stop_ends_the_processes(
    ws: Workspace, spec: specs.MeasureSpec, monkeypatch: pytest.MonkeyPatch
) -> None:
    class StopsSoon(Job):
        def progress(self, done: float, total: float | None, unit: str, note: str = "") -> None:
            self.stop_requested = unit == "tokens"
            super().progress(done, total, unit, note)

    started: list[subprocess.Popen[str]] = []
    real = starting.shard
    monkeypatch.setattr(shards, "shard", lambda *a: started.append(real(*a)) or started[-1])
    tiny.asked(ws, spec)
    with pytest.raises(Cancelled):
        measure.run(StopsSoon(ws, spec.id, spec))
    assert [one.poll() is not None for one in started] == [True, True]


def test_a_process_without_a_parent_ends(ws: Workspace, spec: specs.MeasureSpec) -> None:
    code = (
        "import sys; from backend.jobs import measure, Job; from backend.workspace import Workspace;"
        f"ws = Workspace({str(ws.root)!r}); measure.run(Job(ws, {spec.id!r}, ws.spec({spec.id!r})))"
    )
    tiny.asked(ws, spec)
    parent = subprocess.Popen([sys.executable, "-c", code], cwd=starting.ROOT)
    children: list[psutil.Process] = []
    until = time.monotonic() + 60
    while len(children) < 2 and time.monotonic() < until and parent.poll() is None:
        children = psutil.Process(parent.pid).children()
        time.sleep(0.02)
    parent.kill()
    parent.wait()
    assert len(children) == 2
    _, alive = psutil.wait_procs(children, timeout=60)
    assert not alive
