"""The router: first start, errors, the status strip."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from backend import runs
from backend.studies.study import study_names
from backend.workspace import Workspace
from tests.pages.conftest import ROOT, Open, words
from tests.small_world import World

HOLD = "import sys, time, duckdb; c = duckdb.connect(sys.argv[1]); print('held', flush=True); time.sleep(60)"


def test_the_first_page_is_home(page: Open, world: World) -> None:
    assert [t.value for t in page().title] == ["Winnow"]


def test_an_index_that_another_dashboard_holds_is_one_sentence_and_no_page(
    ws: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    from streamlit.testing.v1 import AppTest

    monkeypatch.setenv("WINNOW_WORKSPACE", str(ws.root))
    monkeypatch.setenv("WINNOW_SAMPLE", "0")
    held = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(ws.root / "index.duckdb")], stdout=subprocess.PIPE, text=True
    )
    try:
        assert held.stdout and held.stdout.readline() == "held\n"
        at = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60).run()
    finally:
        held.kill()
        held.wait()
    assert "another dashboard or command holds the index" in at.error[0].value
    assert not at.exception
    assert not at.title


def test_a_workspace_that_cannot_be_written_is_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from streamlit.testing.v1 import AppTest

    (tmp_path / "file").write_text("no folder")
    monkeypatch.setenv("WINNOW_WORKSPACE", str(tmp_path / "file" / "workspace"))
    at = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60).run()
    assert "choose another workspace" in at.error[0].value
    assert not at.exception


@pytest.mark.slow
def test_an_empty_workspace_queues_the_sample_study_once(
    ws: Workspace, page: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WINNOW_SAMPLE", "1")
    try:
        page()
        asked = ws.run_ids()
        assert study_names(ws) == ["sample"]
        assert len(asked) > 20
        page()
        assert ws.run_ids() == asked
    finally:
        for mark in (ws.root / "queue").iterdir():
            mark.unlink(missing_ok=True)  # the queue may be quicker
        for run in ws.run_ids():
            runs.cancel(ws, run, grace=5)


def test_the_sample_can_be_switched_off(ws: Workspace, page: Open) -> None:
    page()
    assert ws.run_ids() == []


def test_the_page_process_imports_no_model_library() -> None:
    code = (
        "import sys; from streamlit.testing.v1 import AppTest;"
        "AppTest.from_file('app.py', default_timeout=60).run();"
        "[AppTest.from_file('app.py', default_timeout=60).switch_page(f'pages/{p}.py').run() for p in"
        " 'home data explore select train judge results runs'.split()];"
        "print({'torch', 'transformers', 'trl', 'datasets', 'openai'} & set(sys.modules) or '')"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True)
    assert done.stdout.strip() == ""


def test_the_strip_says_what_runs_and_what_failed(ws: Workspace, page: Open, world: World) -> None:
    (ws.folder(world.train) / "result.json").unlink()
    ws.write_json(ws.mark(world.train), {"at": 0})
    shown = words(page())
    assert "1 waiting" in shown
    assert "1 failed" in shown


def test_an_index_that_is_deleted_under_a_running_dashboard_comes_back(ws: Workspace, page: Open, world: World) -> None:
    page("runs")
    (ws.root / "index.duckdb").unlink()
    assert set(page("runs").dataframe[0].value["run"]) == set(ws.run_ids())
    assert (ws.root / "index.duckdb").exists()
