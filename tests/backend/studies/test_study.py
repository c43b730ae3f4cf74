"""A small study through real processes: every kind of run, and the report of what it showed."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from backend import runs
from backend.__main__ import run as command_line
from backend.errors import NotFound
from backend.studies.report import report
from backend.studies.study import launch_study, load_study, study_names
from backend.studies.wording import as_document
from backend.workspace import Workspace

pytestmark = pytest.mark.xdist_group("a small study")  # so that it runs once, in one of the test processes
SAMPLE = Path(__file__).parent.parent.parent.parent / "data" / "sample"


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample study with little data, few steps and three arms."""
    plan = yaml.safe_load((SAMPLE / "study.yaml").read_text())
    for step in [*plan["steps"].values(), *plan["each_arm"].values()]:
        if "source" in step:
            step["source"]["file"] = str(SAMPLE / step["source"]["file"])
            step["limit"] = 60
        if step["kind"] == "train" and "path" in step.get("model", {}):
            step["model"]["path"] = str(SAMPLE / step["model"]["path"])
    plan["steps"]["proxy_pairs"]["budget"] = 16
    plan["steps"]["start"] |= {"limit": 6, "samples": 2, "max_new_tokens": 12}
    plan["each_arm"]["answers"] |= {"limit": 6, "samples": 2, "max_new_tokens": 12}
    plan["each_arm"]["subset"]["budget"] = 16
    plan["arms"] = {name: plan["arms"][name] for name in ("random", "full", "dm_mul", "relabelled_pvar")}
    plan["arms"]["relabelled_pvar"]["subset"]["budget"] = 8
    path = tmp_path_factory.mktemp("plan") / "small.yaml"
    path.write_text(yaml.safe_dump(plan, sort_keys=False))
    return path


@pytest.fixture(scope="module")
def done(small: Path, tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """The workspace in which the study has run once."""
    ws = Workspace.open(tmp_path_factory.mktemp("study"))
    study = launch_study(ws, small)
    runs.wait(ws, study.runs)
    failed = {run: ws.result(run) for run in study.runs if runs.status(ws, run) != "finished"}
    assert failed == {}
    return ws


@pytest.mark.slow
def test_every_number_of_the_report_comes_from_finished_runs(done: Workspace) -> None:
    shown = report(done, load_study(done, "small"))
    arms = {arm.name: arm for arm in shown.arms}
    assert list(arms) == ["random", "full", "dm_mul", "relabelled_pvar"]
    for arm in arms.values():
        assert arm.win and (arm.win.items, arm.win.win_rate.prompts) == (12, 6)
        assert arm.flipped and 0 <= arm.flipped.share.value <= 1
        assert arm.score and arm.change and arm.words is not None and arm.seeds == [0]
        assert all(runs.status(done, run) == "finished" for found in arm.runs.values() for run in found)
    assert (arms["random"].pairs, arms["full"].pairs, arms["dm_mul"].overlap) == (16, 60, 1.0)
    assert arms["random"].against_control is None and arms["full"].against_control is not None
    assert any("One training seed" in note for note in shown.notes)
    json.dumps(as_document(shown))


@pytest.mark.slow
def test_an_answered_study_is_read_at_once_and_printed(
    done: Workspace, small: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert study_names(done) == ["small"]
    events = {run: (done.folder(run) / "events.jsonl").read_bytes() for run in done.run_ids()}
    assert command_line(["study", str(small), "--workspace", str(done.root)]) == 0
    printed = capsys.readouterr().out
    assert "dm_mul" in printed and "Win rates over 6 prompts, 12 verdicts, 1 seed;" in printed
    assert {run: (done.folder(run) / "events.jsonl").read_bytes() for run in done.run_ids()} == events
    assert command_line(["study", str(small), "--json", "--workspace", str(done.root)]) == 0
    assert {arm["name"] for arm in json.loads(capsys.readouterr().out)["arms"]} >= {"random", "full"}


def test_a_study_shows_what_is_there_before_it_has_finished(ws: Workspace, small: Path, still: None) -> None:
    shown = report(ws, launch_study(ws, small))
    assert [arm.win for arm in shown.arms] == [None] * 4


def test_a_second_seed_shares_what_does_not_depend_on_it(
    ws: Workspace, small: Path, tmp_path: Path, still: None
) -> None:
    plan: dict[str, Any] = yaml.safe_load(small.read_text())
    plan["seeds"] = 2
    (tmp_path / "two.yaml").write_text(yaml.safe_dump(plan, sort_keys=False))
    study = launch_study(ws, tmp_path / "two.yaml")
    assert study.run("held_out", 0) == study.run("held_out", 1)
    assert study.run("policy", 0, "random") != study.run("policy", 1, "random")
    with pytest.raises(NotFound, match="has no step 'polcy'"):
        study.run("polcy", 0, "random")


@pytest.fixture
def still(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is started: what waits goes on waiting."""
    ignore: Callable[..., None] = lambda *_: None  # noqa: E731
    monkeypatch.setattr(runs, "wake_queue", ignore)
