"""Out and in again: what was imported is written as the official files, and read as the same run."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from backend import files
from backend.__main__ import run as command
from backend.errors import BadInput
from backend.exchange import arena as arena_rows
from backend.exchange import mt_bench as mt_rows
from backend.exchange import writing
from backend.workspace import Workspace
from tests.backend.exchange import recordings as rec
from tests.small_world import build

GRADES = [rec.grade(0, 1, 7), rec.grade(0, 2, 3.5), rec.grade(1, 1, -1, "I cannot say."), rec.grade(2, 2, 9)]
MATCHES = [
    rec.match(0, 1, "model_1", "model_1"),
    rec.match(0, 2, "model_1", "model_2"),
    rec.match(1, 1, "tie", "error"),
]
LABELS = [("A>>B", "B>>A"), ("B>A", "A>B"), ("B>>A", "A>>B"), ("A=B", None)]


def again(ws: Workspace, place: Path, run: str, name: writing.Name, *beside: Path) -> tuple[Path, str]:
    """The run's export, and the run that is made of it."""
    content, _ = writing.written(ws, run, name)
    path = place / f"again{writing.SUFFIX[name]}"
    path.write_bytes(content)
    ((one, _),) = rec.imported(ws, path, *beside)
    return path, one.spec.id


def values(ws: Workspace, run: str) -> list[tuple[Any, ...]]:
    """What a run says of each item, by what stands in it."""
    spec = ws.spec(run)
    texts = {r["response_id"]: r["response"] for side in (spec.candidate, spec.reference) if side
             for r in ws.table(side, "responses").to_pylist()}  # fmt: skip
    return sorted(
        (texts[row["candidate_id"]], texts[row["reference_id"]], row["turn"], row["order"], row["status"] == "ok",
         str(row["preference"]), str(row["grade"]), str(row["judge"]))
        for row in ws.table(run, "judgements").to_pylist()
    )  # fmt: skip


def lines(path: Path) -> rec.Rows:
    return [dict(row) for _, row in files.placed_rows(path)]


def test_grades(ws: Workspace, tmp_path: Path) -> None:
    beside = rec.conversations(tmp_path, "ours")
    file = rec.written(tmp_path, "single.jsonl", GRADES)
    ((one, _),) = rec.imported(ws, file, *beside)
    path, other = again(ws, tmp_path, one.spec.id, "mt-bench", *beside)
    assert lines(path) == GRADES
    assert values(ws, other) == values(ws, one.spec.id)


def test_matches(ws: Workspace, tmp_path: Path) -> None:
    beside = rec.conversations(tmp_path, "ours", "theirs")
    file = rec.written(tmp_path, "pair.jsonl", MATCHES)
    ((one, _),) = rec.imported(ws, file, *beside)
    path, other = again(ws, tmp_path, one.spec.id, "mt-bench", *beside)
    assert lines(path) == MATCHES, "the file's own mark, error, included"
    assert values(ws, other) == values(ws, one.spec.id)


@pytest.mark.parametrize("version", ["v0.1", "v2.0"])
def test_games(ws: Workspace, tmp_path: Path, version: str) -> None:
    beside = rec.arena_answers(tmp_path, "ours", "base")
    given = [rec.battle(n, *both, version) for n, both in enumerate(LABELS)]
    ((one, _),) = rec.imported(ws, rec.written(tmp_path, "ours-verdicts.jsonl", given), *beside)
    path, other = again(ws, tmp_path, one.spec.id, "arena", *beside)
    assert lines(path) == given
    assert values(ws, other) == values(ws, one.spec.id)


def test_annotations_with_all_that_their_file_holds(ws: Workspace, tmp_path: Path) -> None:
    more = {"price_per_example": 0.5, "datasplit": "eval"}
    given = [rec.annotation(n, p, raw=rec.completion(n, p) if p in (1, 2) else None, **more)
             for n, p in enumerate([2.0, 1.0, 1.5, 0, None])]  # fmt: skip
    ((one, _),) = rec.imported(ws, rec.written(tmp_path, "annotations.json", given))
    path, other = again(ws, tmp_path, one.spec.id, "alpaca")
    assert lines(path) == given
    assert other == one.spec.id or values(ws, other) == values(ws, one.spec.id)


def test_a_document_of_llm_comparator_with_what_only_it_holds(ws: Workspace, tmp_path: Path) -> None:
    """A score of 1.5, "much better", counts as 1, but is written back as it was."""
    example = {"input_text": "q", "tags": ["t"], "output_text_a": "a", "output_text_b": "b", "score": 1.5,
               "individual_rater_scores": [], "custom_fields": {"x": 1}}  # fmt: skip
    given = {"metadata": {"source_path": "theirs", "custom_fields_schema": [{"name": "x"}]},
             "models": [{"name": "new"}, {"name": "old"}], "examples": [example]}  # fmt: skip
    ((one, _),) = rec.imported(ws, rec.written(tmp_path, "v.json", given))
    assert json.loads(writing.content(ws, one.spec.id, "llm-comparator")) == given


def test_without_its_file_a_run_writes_what_it_knows(ws: Workspace, tmp_path: Path) -> None:
    file = rec.written(tmp_path, "single.jsonl", GRADES)
    ((one, _),) = rec.imported(ws, file, *rec.conversations(tmp_path, "ours"))
    file.unlink()
    rows = {(row["question_id"], row["turn"]): row for row in map(json.loads, writing.content(
            ws, one.spec.id, "mt-bench").splitlines())}  # fmt: skip
    for given in GRADES:
        mine = rows[given["question_id"], given["turn"]]
        assert (mine["score"], mine["judgment"], mine["user_prompt"]) == (given["score"], given["judgment"], None)


def test_real_judgments_come_back_as_they_were(ws: Workspace, shared: Path, tmp_path: Path) -> None:
    folder = shared / "mt_bench" / "model_judgment"
    for name in ("gpt-4_single.jsonl", "gpt-4_pair.jsonl"):
        ((one, _),) = rec.imported(ws, folder / name)
        (tmp_path / name).write_bytes(writing.content(ws, one.spec.id, "mt-bench"))
        assert lines(tmp_path / name) == lines(folder / name)


def test_of_rows_that_repeat_the_last_is_written_and_absent_answers_are_not(ws: Workspace, tmp_path: Path) -> None:
    beside = rec.conversations(tmp_path, "ours")
    file = rec.written(tmp_path, "single.jsonl", [rec.grade(0, 1, 2), rec.grade(1, 1, 5), rec.grade(0, 1, 7)])
    ((one, _),) = rec.imported(ws, file, *beside)
    path, _ = again(ws, tmp_path, one.spec.id, "mt-bench", *beside)
    assert lines(path) == [rec.grade(0, 1, 7), rec.grade(1, 1, 5)]


def test_llm_comparator(ws: Workspace, tmp_path: Path) -> None:
    world = build(ws)
    read = [row for row in values(ws, world.judge) if row[4]]
    whole = [row for row in read if sum(other[:3] == row[:3] for other in read) == 2]
    _, other = again(ws, tmp_path, world.judge, "llm-comparator")
    assert [(*row[:4], float(row[5])) for row in values(ws, other)] == [(*row[:4], float(row[5])) for row in whole]


def test_a_run_that_cannot_be_told_in_a_layout_says_why(ws: Workspace, tmp_path: Path) -> None:
    world = build(ws)
    with pytest.raises(BadInput, match="only Arena-Hard's judges"):
        arena_rows.document(ws, world.judge)
    ((single, _),) = rec.imported(ws, rec.written(tmp_path, "s.jsonl", GRADES), *rec.conversations(tmp_path, "ours"))
    for name in ("alpaca", "arena", "llm-comparator"):
        with pytest.raises(BadInput, match="compares no two answers"):
            writing.written(ws, single.spec.id, name)  # type: ignore[arg-type]
    ((once, _),) = rec.imported(ws, rec.written(tmp_path, "a.json", [rec.annotation(0, 2.0), rec.annotation(1, 1.0)]))
    with pytest.raises(BadInput, match="in one order"):
        mt_rows.document(ws, once.spec.id)


def test_the_command_writes_both(ws: Workspace, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    ((one, _),) = rec.imported(
        ws, rec.written(tmp_path, "p.jsonl", MATCHES), *rec.conversations(tmp_path, "ours", "theirs")
    )
    words = ["export", one.spec.id, str(tmp_path / "out.jsonl"), "--workspace", str(ws.root)]
    assert command([*words, "--mt-bench"]) == 0
    assert "3 rows written" in capsys.readouterr().out
    assert command(["report", "mtbench", "--judgments", str(tmp_path / "out.jsonl"), "--json"]) == 0
    (row,) = json.loads(capsys.readouterr().out)
    assert (row["win"], row["loss"], row["tie"], row["errors"]) == (1, 0, 1, 1)
    assert command(words) == 2 and "Of its own it has: judgements (--table)" in capsys.readouterr().err
    assert command([*words, "--arena"]) == 2 and "Arena-Hard" in capsys.readouterr().err
