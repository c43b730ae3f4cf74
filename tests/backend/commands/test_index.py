"""`python -m backend index`."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from backend.__main__ import run
from backend.workspace import Workspace
from tests.small_world import build

HOLD = "import sys, time, duckdb; c = duckdb.connect(sys.argv[1]); print('held', flush=True); time.sleep(60)"


def test_the_index_is_made_and_counted(ws: Workspace, capsys: pytest.CaptureFixture[str]) -> None:
    build(ws)
    assert run(["index", "--workspace", str(ws.root), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["pairs"] == 40
    assert run(["index", "--rebuild", "--workspace", str(ws.root)]) == 0
    assert "10 ended runs are in the index" in capsys.readouterr().out


def test_an_index_in_use_is_one_line_and_exit_code_1(ws: Workspace, capsys: pytest.CaptureFixture[str]) -> None:
    held = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(ws.root / "index.duckdb")], stdout=subprocess.PIPE, text=True
    )
    try:
        assert held.stdout and held.stdout.readline() == "held\n"
        assert run(["index", "--workspace", str(ws.root)]) == 1
    finally:
        held.kill()
        held.wait()
    assert capsys.readouterr().err.count("\n") == 1
