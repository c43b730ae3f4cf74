"""The `judge` command as tests call it, and files for it to read."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from backend.__main__ import run
from backend.workspace import Workspace

Judge = Callable[..., Any]
Report = Callable[..., tuple[int, str, str]]


@pytest.fixture
def judge(ws: Workspace, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Judge:
    """A `judge` command with --json, without a key: what it printed, or (exit code, the line on standard error)."""
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)

    def command(*words: str) -> Any:
        code = run(["judge", *words, "--workspace", str(ws.root), "--json"])
        out, err = capsys.readouterr()
        return json.loads(out) if code == 0 else (code, err.strip())

    return command


@pytest.fixture
def report(ws: Workspace, capsys: pytest.CaptureFixture[str]) -> Report:
    """A `report` command on the test's workspace: (exit code, standard output, standard error)."""

    def command(*words: str) -> tuple[int, str, str]:
        code = run(["report", *words, "--workspace", str(ws.root)])
        return code, *capsys.readouterr()

    return command


def written(place: Path, name: str, rows: list[dict[str, Any]]) -> str:
    path = place / name
    path.write_text(json.dumps(rows) if name.endswith(".json") else "".join(json.dumps(row) + "\n" for row in rows))
    return str(path)
