"""The command line as a whole: exit codes, one line of error, shared options."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from backend.__main__ import main, run
from backend.commands import Commands
from backend.registry import Call
from backend.specs import FileSource, LoadSpec, parse
from backend.workspace import Workspace

Outcome = tuple[int, str, str]


@pytest.fixture
def winnow(ws: Workspace, capsys: pytest.CaptureFixture[str]) -> Callable[..., Outcome]:
    """Runs a command line in the test's workspace: (exit code, standard output, standard error)."""

    def command(*arguments: str) -> Outcome:
        code = run(["--workspace", str(ws.root), *arguments])
        out, err = capsys.readouterr()
        return code, out, err

    return command


@pytest.fixture
def failed_run(ws: Workspace) -> str:
    """A run that ended badly, as a job leaves it."""
    spec = LoadSpec(source=FileSource(sha256="0" * 64, suffix="jsonl"), format=Call(name="preference"))
    ws.write(ws.folder(spec.id) / "spec.json", lambda p: p.write_text(spec.canonical()))
    ws.write_json(
        ws.folder(spec.id) / "result.json", {"outcome": "failed", "error": "line 3 is not JSON.", "seconds": 1}
    )
    return spec.id


@pytest.mark.parametrize(
    "arguments",
    [
        ["no-such-command"],
        ["runs", "--no-such-option"],
        ["runs", "--kind", "no-such-kind"],
        ["show"],
        ["show", "train-000000000000"],
        ["logs", "train-000000000000"],
        ["cancel", "train-000000000000"],
        ["export", "select-000000000000", "subset.jsonl"],
        ["load", "no-such-file.jsonl"],
        ["load", "x" * 5000],
    ],
)
def test_bad_input_is_exit_2_and_one_short_line(arguments: list[str], winnow: Callable[..., Outcome]) -> None:
    code, out, err = winnow(*arguments)
    assert code == 2
    assert out == ""
    assert err.count("\n") == 1 and 10 < len(err) < 300


@pytest.mark.parametrize(("content", "why"), [
    (b"# Not a spec", "no JSON (Expecting value"), (b"\x1f\x8b\x00", "no JSON ('utf-8' codec"),
    (b'{"kind": "load"', "no JSON (Expecting ','"), (b"[1]", "one JSON object with a kind"),
    (b"{}", "one JSON object with a kind"), (b"[" * 10**6, "no JSON (maximum recursion"),
])  # fmt: skip
def test_what_is_no_spec_is_told_by_the_reason(
    content: bytes, why: str, winnow: Callable[..., Outcome], tmp_path: Path
) -> None:
    (tmp_path / "spec.json").write_bytes(content)
    code, out, err = winnow("run", str(tmp_path / "spec.json"))
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert why in err and "spec.json" in err


def test_shared_options_may_stand_on_either_side(ws: Workspace, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["--json", "--workspace", str(ws.root), "runs"]) == 0
    before = capsys.readouterr().out
    assert run(["runs", "--workspace", str(ws.root), "--json"]) == 0
    assert capsys.readouterr().out == before == "[]\n"


def test_an_empty_workspace_says_what_to_do_next(winnow: Callable[..., Outcome]) -> None:
    assert "python -m backend load FILE" in winnow("runs")[1]


def test_a_failed_run_is_listed_and_shown_with_its_reason(winnow: Callable[..., Outcome], failed_run: str) -> None:
    rows = json.loads(winnow("runs", "--json")[1])
    assert [(r["run"], r["status"], r["error"]) for r in rows] == [(failed_run, "failed", "line 3 is not JSON.")]
    shown = json.loads(winnow("show", failed_run, "--json")[1])
    assert parse(shown["spec"]).id == failed_run


def test_cancelling_what_has_ended_changes_nothing(winnow: Callable[..., Outcome], failed_run: str) -> None:
    assert json.loads(winnow("cancel", failed_run, "--json")[1]) == {"run": failed_run, "status": "failed"}


def test_a_workspace_that_cannot_be_written_is_exit_1(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "file").write_text("")
    assert run(["--workspace", str(tmp_path / "file"), "runs"]) == 1
    assert "choose another workspace" in capsys.readouterr().err


def test_every_command_explains_itself() -> None:
    assert isinstance(main, Commands)
    with main.make_context("winnow", ["runs"]) as context:
        for name in main.list_commands(context):
            assert main.get_command(context, name).help, name
