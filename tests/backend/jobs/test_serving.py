"""A judge that the run serves itself: a real server process of our own in vLLM's place, from its start to its end."""

from __future__ import annotations

import dataclasses
import os
import shlex
import signal
import socket
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from backend import runs, specs
from backend.errors import BadInput, BadSpec, Cancelled, EndpointError
from backend.jobs import Job, judge
from backend.jobs.serving import complaint, free_port, serving
from backend.judges import judges
from backend.locks import locked
from backend.workspace import Workspace
from tests import tiny
from tests.backend.jobs.test_judge import answers
from tests.backend.test_runs import process, until

SERVER = Path(__file__).parent.parent.parent / "model_server.py"


@pytest.fixture
def vllm(ws: Workspace, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Sets what starts vLLM: the stand-in, with options that make trouble. Without a key for other judges."""
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)

    def set_up(*options: str) -> None:
        monkeypatch.setenv("WINNOW_VLLM", shlex.join([sys.executable, str(SERVER), *options]))

    set_up()
    yield set_up
    for run in ws.run_ids():
        runs.cancel(ws, run, grace=0.0)


@pytest.fixture
def model(ws: Workspace, tmp_path: Path) -> specs.LocalModel:
    """A folder that looks like a model's: the stand-in does not read it."""
    folder = tmp_path / "my-judge"
    folder.mkdir()
    (folder / "config.json").write_text('{"architectures": ["LlamaForCausalLM"]}')
    return specs.LocalModel(sha256=ws.adopt(folder))


def question(ws: Workspace, model: Any, reference: str = "short") -> specs.JudgeSpec:
    """Six items: the candidate is longer three times, shorter twice, identical once."""
    ours = answers(ws, ["long answer"] * 3 + ["s"] * 2 + ["same"], "ours")
    theirs = answers(ws, [reference] * 5 + ["same"], reference)
    call = judges.call("pairwise", model=model.model_dump())
    return specs.JudgeSpec(candidate=ours, reference=theirs, judge=call)


OURS = ("PYTEST_XDIST_TESTRUNUID", "PYTEST_XDIST_WORKER")  # handed down to every process that this worker starts


def servers() -> list[psutil.Process]:
    """The living processes of this worker's stand-ins: the server, its engine, its guard."""
    return [one for one in psutil.process_iter(["cmdline"]) if _is_ours(one)]


def _is_ours(one: psutil.Process) -> bool:
    words = " ".join(one.info["cmdline"] or [])
    if "model_server.py" not in words and "the stand-in's engine" not in words:
        return False
    try:
        about = one.environ()
        return one.status() != psutil.STATUS_ZOMBIE and all(about.get(name) == os.environ.get(name) for name in OURS)
    except psutil.Error:  # it has ended meanwhile
        return False


def gone() -> bool:
    return not servers()


def test_a_local_model_is_served_asked_by_its_name_and_stopped(ws: Workspace, vllm: Any, model: Any) -> None:
    spec = question(ws, model)
    summary = judge.run(tiny.asked(ws, spec))
    assert gone()
    assert (summary.complete, summary.facts["win_rate"]) == (True, pytest.approx(3.5 / 6))
    assert (summary.facts["calls"], summary.facts["prompt_tokens"], summary.facts["cost"]) == (10, 90, None)
    rows = ws.table(spec.id, "judgements").to_pandas()
    assert set(rows["judge"].dropna()) == {f"my-judge@{model.sha256[:8]}"}
    told = [e for e in ws.read_lines(ws.folder(spec.id) / "events.jsonl") if e.get("note") == "starting the judge"]
    assert told[0]["unit"] == "s" and told[0]["total"] is None


def test_what_a_local_model_has_said_starts_no_server(ws: Workspace, vllm: Any, model: Any) -> None:
    judge.run(tiny.asked(ws, question(ws, model)))
    again = question(ws, model).model_copy(update={"seed": 1})
    vllm("--fails")
    summary = judge.run(tiny.asked(ws, again))
    assert summary.complete and (summary.facts["calls"], summary.facts["reused"]) == (0, 10)
    other = question(ws, model, "other")
    with pytest.raises(EndpointError, match="ended while it was starting"):
        judge.run(tiny.asked(ws, other))


def test_a_question_names_its_judge_by_content_and_waits_for_the_run_that_trains_it(ws: Workspace, model: Any) -> None:
    spec = question(ws, model)
    assert spec.served == model and f'"sha256":"{model.sha256}"' in spec.canonical()
    assert specs.parse(spec.canonical()).served == model
    trained = question(ws, specs.RunModel(run="train-0123456789ab"))
    assert "train-0123456789ab" in trained.inputs
    broken = spec.model_copy(update={"judge": spec.judge.model_copy(update={"args": {"model": {"folder": "x"}}})})
    with pytest.raises(BadSpec, match="neither a name nor a model"):
        broken.served  # noqa: B018


def test_an_estimate_starts_no_server(ws: Workspace, vllm: Any, model: Any) -> None:
    vllm("--fails")
    job = tiny.asked(ws, question(ws, model))
    ws.write_json(job.folder / "terms.json", {"max_calls": 0})
    summary = judge.run(job)
    assert summary.facts["estimate"]["calls"] == 10 and summary.facts["estimate"]["cost"] is None
    assert summary.facts["ended_by"].startswith("the cap of 0 calls is used up")


def test_a_server_that_does_not_start_is_explained_by_its_own_words(ws: Workspace, vllm: Any, model: Any) -> None:
    vllm("--fails")
    with pytest.raises(EndpointError, match=r"ended while it was starting: RuntimeError: too little memory for this"):
        judge.run(tiny.asked(ws, question(ws, model)))
    assert gone()


@pytest.mark.parametrize(
    ("log", "said"),
    [
        ("(APIServer pid=7) WARNING 11-21 [a.py:1] can cause `OSError: [Errno 24]`.\n"
         "ConfigError: 1 validation error for X\n  Value error, type odd is not known.\n", "type odd is not known."),
        ("(EngineCore pid=7) ERROR 11-21 11:08:47 [core.py:1] ValueError: Free memory is less than desired.\n"
         "RuntimeError: Engine core initialization failed.\n", "ValueError: Free memory is less than desired."),
        ("usage: x\nserver.py: error: unrecognized arguments: --x\n", "server.py: error: unrecognized arguments: --x"),
        ("loading\nKilled\n\n", "Killed"),
        ("", "it left no word"),
    ],
)  # fmt: skip
def test_the_cause_of_an_end_is_found_in_the_log(log: str, said: str) -> None:
    assert complaint(log) == said


def test_a_server_that_dies_while_asked_leaves_what_it_said(ws: Workspace, vllm: Any, model: Any) -> None:
    vllm("--dies-after", "5")
    job = tiny.asked(ws, question(ws, model))
    ws.write_json(job.folder / "terms.json", {"retries": 1, "concurrency": 1})
    summary = judge.run(job)
    assert gone() and not summary.complete
    assert "server ended while it was asked: ValueError: the engine ran dry" in summary.facts["ended_by"]
    assert sum(row["status"] == "ok" and row.get("judge") is not None for row in job.kept("judgements")) == 4


def test_a_base_model_is_said_to_be_one(ws: Workspace, vllm: Any, model: Any) -> None:
    vllm("--without-template")
    with pytest.raises(BadSpec, match=r"my-judge@\w+ has no chat template, so that it cannot be asked: it is a base"):
        judge.run(tiny.asked(ws, question(ws, model)))
    assert gone()


@pytest.mark.parametrize("foreign", ["silent", "a server like ours"])
def test_a_port_that_somebody_else_takes_is_given_up_for_another(
    ws: Workspace, vllm: Any, model: Any, foreign: str
) -> None:
    job = tiny.asked(ws, question(ws, model))
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        if foreign == "silent":
            ports = iter([silent.getsockname()[1], free_port()])
            with serving(job, model, port=lambda: next(ports)) as place:
                assert place.url and str(silent.getsockname()[1]) not in place.url
            return
        with serving(job, model) as first:
            taken = int(str(first.url).removesuffix("/v1").rpartition(":")[2])
            ports = iter([taken, free_port()])
            with serving(job, model, port=lambda: next(ports)) as second:
                assert second.url != first.url and second.key != first.key
    assert gone()


def test_a_request_to_stop_is_heeded_while_the_server_starts(ws: Workspace, vllm: Any, model: Any) -> None:
    class StopsSoon(Job):
        def progress(self, done: float, total: float | None, unit: str, note: str = "") -> None:
            self.stop_requested = note == "starting the judge" and bool(servers())
            super().progress(done, total, unit, note)

    vllm("--slow", "600")
    job = tiny.asked(ws, question(ws, model))
    with pytest.raises(Cancelled):
        judge.run(StopsSoon(**{f.name: getattr(job, f.name) for f in dataclasses.fields(job) if f.init}))
    assert gone()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("options", "seen"), [(("--slow", "600"), "starting the judge"), (("--pause", "1"), "judging")]
)
def test_a_killed_job_takes_its_server_along(
    ws: Workspace, vllm: Any, model: Any, options: tuple[str, str], seen: str
) -> None:
    """SIGKILL to the job alone, which can do nothing about it."""
    vllm(*options)
    run = runs.launch(ws, question(ws, model))
    until(lambda: len(servers()) == 3 and (now := runs.progress(ws, run)) and now.note == seen, seen)
    os.kill(process(ws, run), signal.SIGKILL)
    until(gone, "the end of the server")
    until(lambda: runs.status(ws, run) == "lost", "the end of the job itself")
    until(lambda: not locked(ws.root / "queue.lock"), "the end of the queue, whose jobs have the old server")
    vllm()
    runs.wait(ws, [runs.launch(ws, ws.spec(run))])
    assert runs.answer(ws, run)["win_rate"] == pytest.approx(3.5 / 6)


@pytest.mark.slow
def test_cancel_leaves_no_server(ws: Workspace, vllm: Any, model: Any) -> None:
    vllm("--slow", "600")
    run = runs.launch(ws, question(ws, model))
    until(lambda: len(servers()) == 3, "the server, its engine and its guard")
    began = time.monotonic()
    assert runs.cancel(ws, run) == "cancelled"
    assert gone() and time.monotonic() - began < 15


def test_where_vllm_is_missing_nothing_is_launched(ws: Workspace, model: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    spec = question(ws, model)
    monkeypatch.setenv("WINNOW_VLLM", "/no/such/python -m vllm")
    with pytest.raises(BadSpec, match="WINNOW_VLLM begins with '/no/such/python', which is no program"):
        runs.launch(ws, spec)
    assert not ws.folder(spec.id).exists()


@pytest.mark.parametrize(
    ("config", "random", "said"),
    [
        ('{"architectures": ["LlamaForSequenceClassification"]}', False, "is a reward model"),
        ("{}", True, "random weig"),
    ],
)
def test_what_cannot_be_a_judge_is_said_before_anything_is_started(
    ws: Workspace, vllm: Any, tmp_path: Path, config: str, random: bool, said: str
) -> None:
    folder = tmp_path / "other"
    folder.mkdir()
    (folder / "config.json").write_text(config)
    spec = question(ws, specs.LocalModel(sha256=ws.adopt(folder), random=random))
    with pytest.raises(BadInput, match=said):
        judge.run(tiny.asked(ws, spec))


def test_a_lora_adapter_is_served_over_its_model(ws: Workspace, vllm: Any, model: Any, tmp_path: Path) -> None:
    adapter = tmp_path / "tuned"
    adapter.mkdir()
    (adapter / "adapter_config.json").write_text('{"r": 24}')
    spec = question(ws, model.model_copy(update={"adapter": ws.adopt(adapter)}))
    assert judge.run(tiny.asked(ws, spec)).complete
    name = f"my-judge@{model.sha256[:8]}+tuned@{ws.adopt(adapter)[:8]}"
    assert set(ws.table(spec.id, "judgements").to_pandas()["judge"].dropna()) == {name}
