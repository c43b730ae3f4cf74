"""`judge recorded` from other tools' files to figures, with real processes."""

from __future__ import annotations

from pathlib import Path

import pytest

from backend.workspace import Workspace
from tests.backend.commands.conftest import Judge, written
from tests.backend.exchange.recordings import annotation, conversations, grade


@pytest.mark.slow
def test_files_become_runs_once_and_each_says_its_figures(judge: Judge, ws: Workspace, tmp_path: Path) -> None:
    both = [annotation(n, p, generator_2=who, output_2=f"{who} {n}")
            for who, p in (("a", 1.0), ("b", 2.0)) for n in range(2)]  # fmt: skip
    files = [
        written(tmp_path, "two.json", both),
        written(tmp_path, "one.json", [annotation(0, 2.0), annotation(1, None)]),
    ]
    rows = judge("recorded", "--annotations", *files)
    assert [(r["model"], r["win_rate"], r["n_failed"], r["status"]) for r in rows] == [
        ("a", 0.0, 0, "finished"), ("b", 100.0, 0, "finished"), ("ours", 100.0, 1, "incomplete"),
    ]  # fmt: skip
    assert {r["baseline"] for r in rows} == {"base"}
    assert sum(run.startswith("load-") for run in ws.run_ids()) == 4, "the baseline's answers are loaded once"
    assert judge("recorded", "--annotations", *files) == rows


@pytest.mark.slow
def test_answers_may_be_files_or_a_run_by_any_name(judge: Judge, ws: Workspace, tmp_path: Path) -> None:
    file = written(tmp_path, "single.jsonl", [grade(0, 1, 5), grade(3, 2, 8), grade(0, 1, 1, model="other")])
    questions, answers = map(str, conversations(tmp_path, "ours"))
    (row,) = judge("recorded", "--judgments", file, "--answers", answers, "--questions", questions)
    assert (row["model"], row["average"], row["n"]) == ("ours", 6.5, 2)
    load = ws.spec(row["run"]).candidate
    (again,) = judge("recorded", "--judgments", file, "--answers", f"other={load}")
    assert (again["model"], again["average"]) == ("other", 1.0)


@pytest.mark.parametrize(("words", "why"), [
    (("--judgments", "single.jsonl"), "give these as well: model_answer/ours.jsonl (--answers)"),
    (("--judgments", "ours.jsonl"), "holds no verdicts"),
    (("--judgments", "single.jsonl", "--answers", "ours.jsonl"), "need its questions"),
    (("--judgments", "single.jsonl", "--answers", "nowhere.jsonl"), "there is no file"),
])  # fmt: skip
def test_what_is_missing_is_said_in_one_line_and_nothing_is_made(
    judge: Judge, ws: Workspace, tmp_path: Path, words: tuple[str, ...], why: str
) -> None:
    conversations(tmp_path, "ours")
    written(tmp_path, "single.jsonl", [grade(0, 1, 5)])
    code, err = judge("recorded", *(str(tmp_path / w) if w.endswith("l") else w for w in words))
    assert code == 2 and why in err and err.count("\n") == 0
    assert ws.run_ids() == []
