"""`judge mtbench`, `arena` and `pairwise` from files to figures, with real processes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.backend.commands.conftest import Judge, written
from tests.judge_server import longer, says, served
from tests.replay import replaying, stats


def answered(who: str, *turns: tuple[str, str]) -> list[dict[str, Any]]:
    return [
        {"question_id": 81 + n, "answer_id": "x", "model_id": who, "choices": [{"index": 0, "turns": list(both)}]}
        for n, both in enumerate(turns)
    ]


def mtbench(place: Path, url: str, *more: str, questions: int = 2) -> list[str]:
    asked = [{"question_id": 81 + n, "category": ("writing", "math")[n % 2], "turns": [f"q{n} ?", "and then ?"]}
             for n in range(questions)]  # fmt: skip
    files = ("--questions", written(place, "question.jsonl", asked))
    ours = answered("ours", ("a" * 8, "b"), ("a" * 3, "b" * 5))
    files += ("--answers", written(place, "ours.jsonl", ours))
    return ["mtbench", *files, "--base-url", url, "--model", "judge-1", *more]


def by_last_answer(body: dict[str, Any]) -> Any:
    """As many points as the last answer has characters."""
    last = body["messages"][-1]["content"].split("[assistant]\n")[-1].split("\n")[0]
    return says(f"[[{len(last)}]]")


@pytest.mark.slow
def test_every_turn_is_graded_and_what_is_missing_is_said(judge: Judge, tmp_path: Path) -> None:
    with served(by_last_answer) as server:
        found = judge(*mtbench(tmp_path, server.url, questions=3))
        assert len(server.bodies) == 4
    assert (found["model"], found["status"], "baseline" in found) == ("ours", "finished", False)
    assert (found["turn_1"], found["turn_2"], found["average"]) == (5.5, 3.0, 4.25)
    assert found["categories"] == {"math": 4.0, "writing": 4.5} and (found["n"], found["n_failed"]) == (4, 0)
    assert found["notes"] == [
        "ours has no answer to 1 of the questions.",
        "No reference answer beside 2 of math: MT-Bench gives one there; name the file with --reference.",
    ]


@pytest.mark.slow
def test_the_figures_without_known_bad_references_stand_beside_all_and_cost_no_call(
    judge: Judge, tmp_path: Path
) -> None:
    """Of questions 81, 82 (8, 1, 3 and 5 characters) the second is left out: (8 + 1) / 2; 104 is not among them."""
    (tmp_path / "mine.txt").write_text("82\n")
    with served(by_last_answer) as server:
        plain = judge(*mtbench(tmp_path, server.url))
        words = mtbench(tmp_path, server.url, "--without-known-bad", "--leave-out", str(tmp_path / "mine.txt"))
        found = judge(*words)
        assert len(server.bodies) == 4
    known, mine = found.pop("without_known_bad"), found.pop("without_left_out")
    assert found == plain and found["average"] == (8 + 1 + 3 + 5) / 4
    assert known == {name: found[name] for name in known}
    assert (mine["turn_1"], mine["turn_2"], mine["average"], mine["n"]) == (8, 1, 4.5, 2)
    assert mine["categories"] == {"writing": 4.5}


@pytest.mark.slow
def test_two_models_are_matched_in_both_orders(judge: Judge, tmp_path: Path) -> None:
    theirs = written(tmp_path, "theirs.jsonl", answered("theirs", ("a" * 8, "b"), ("a" * 2, "b" * 9)))
    right = written(tmp_path, "right.jsonl", answered("gpt", ("r1", "r2"), ("r3", "r4"))[1:])

    def answer(body: dict[str, Any]) -> Any:
        a, b = (part.split("[assistant]\n")[-1] for part in body["messages"][-1]["content"].split("</conversation_A>"))
        return says("[[A]]" if len(a.strip()) > len(b.split("\n")[0]) else "[[B]]")

    with served(answer) as server:
        found = judge(*mtbench(tmp_path, server.url, "--against", theirs, "--reference", right))
        assert len(server.bodies) == 4, "the answers to the first question are the same"
    assert (found["model_1"], found["model_2"], found["notes"]) == ("ours", "theirs", [])
    assert [found[name] for name in ("win", "loss", "tie", "inconsistent", "errors")] == [1, 1, 2, 0, 0]


@pytest.mark.slow
def test_a_question_that_is_not_the_benchmarks_is_named(judge: Judge, tmp_path: Path) -> None:
    code, err = judge(*mtbench(tmp_path, "http://127.0.0.1:9/v1", questions=1))
    assert code == 2 and "ours.jsonl row 2: question '82' is not in the questions file" in err


@pytest.mark.slow
def test_a_file_of_another_layout_is_named(judge: Judge, tmp_path: Path) -> None:
    other = written(tmp_path, "other.jsonl", [{"instruction": "a"}])
    words = mtbench(tmp_path, "http://127.0.0.1:9/v1")
    for flag, said in (("--questions", "other.jsonl row 1 has"), ("--answers", "other.jsonl: row 1: it has")):
        code, err = judge(*words, flag, other)
        assert code == 2 and f"{said} neither `question_id` nor `uid`" in err


@pytest.mark.slow
@pytest.mark.parametrize("version", ["v0.1", "v2.0"])
def test_arena_answers_of_both_layouts_give_the_score(judge: Judge, tmp_path: Path, version: str) -> None:
    """Ours is longer three times of four; strong labels where the question says so; v0.1 questions have clusters."""
    asked, ours, theirs = [], [], []
    for n in range(4):
        more = {"cluster": "c"} if version == "v0.1" else {"subcategory": "s"}
        asked.append({"uid": f"u{n}", "category": "hard", "prompt": f"q{n} {'strong' if n < 2 else ''}\u2028?", **more})
        for who, rows, text in (("ours", ours, "x" * (n + 2)), ("base", theirs, "yyyy")):
            old = {"question_id": f"u{n}", "model_id": who, "choices": [{"index": 0, "turns": [{"content": text}]}]}
            new = {"uid": f"u{n}", "model": who, "messages": [{"role": "user", "content": "q"},
                   {"role": "assistant", "content": {"answer": text}}]}  # fmt: skip
            rows.append(old if version == "v0.1" else new)

    def answer(body: dict[str, Any]) -> Any:
        text = body["messages"][-1]["content"]
        a, b = (text.split(f"<answer_{side}>\n")[1].split("\n")[0] for side in "AB")
        sign = "=" if len(a) == len(b) else (">" * (2 if "strong" in text else 1))
        return says(f"[[A{sign}B]]" if len(a) >= len(b) else f"[[B{sign}A]]")

    files = ["--questions", written(tmp_path, "question.jsonl", asked)]
    files += ["--outputs", written(tmp_path, "ours.jsonl", ours), "--reference", written(tmp_path, "b.jsonl", theirs)]
    with served(answer) as server:
        found = judge("arena", *files, "--base-url", server.url, "--model", "judge-1")
        assert len(server.bodies) == 8
    # lost strongly twice (3 battles in each game), tied, won: (2 + 1·2·½) / (12 + 2 + 2)
    assert (found["model"], found["baseline"], found["n"], found["n_null"]) == ("ours", "base", 16, 0)
    assert found["score"] == pytest.approx(100 * 3 / 16)


@pytest.mark.slow
def test_any_two_files_of_answers_are_compared_in_both_orders(judge: Judge, tmp_path: Path) -> None:
    ours = [{"question": f"q{n}", "response": "x" * (n + 1), "model": "ours"} for n in range(3)]
    theirs = [{"prompt": f"q{n}", "answer": "yy", "author": "base"} for n in range(3)]
    files = ["--outputs", written(tmp_path, "ours.jsonl", ours), "--reference", written(tmp_path, "b.jsonl", theirs)]
    with served(longer) as server:
        found = judge("pairwise", *files, "--base-url", server.url, "--model", "judge-1")
        assert len(server.bodies) == 6
        code, err = judge("pairwise", *files[:2], "--reference", written(tmp_path, "q.jsonl", [{"prompt": "a"}]),
                           "--base-url", server.url, "--model", "judge-1")  # fmt: skip
    assert (found["n_wins"], found["n_wins_base"], found["n_draws"], found["flips"]) == (1, 1, 1, 0)
    assert (found["win_rate"], found["model"], found["baseline"]) == (50.0, "ours", "base")
    assert code == 2 and "q.jsonl holds no single answers" in err


@pytest.mark.slow
def test_the_recorded_grades_come_back_through_the_official_prompts(judge: Judge, shared: Path) -> None:
    """The stand-in judge knows a request only by the recorded words: each of the 160 was sent byte for byte."""
    folder = shared / "mt_bench"
    words = ("--questions", str(folder / "question.jsonl"), "--prompts", str(folder / "judge_prompts.jsonl"))
    words += ("--reference", str(folder / "reference_answer_gpt-4.jsonl"), "--concurrency", "16")
    rows = [json.loads(line) for line in (folder / "model_judgment" / "gpt-4_single.jsonl").open()]
    (model,) = {row["model"] for row in rows}
    answers = str(folder / "model_answer" / f"{model}.jsonl")
    with replaying(shared, "--limit-every", "7", "--fail-every", "50") as url:
        found = judge("mtbench", *words, "--answers", answers, "--base-url", url, "--model", "gpt-4")
        assert stats(url)["unknown"] == 0
    assert found["n"] == len(rows) and found["n_failed"] == 0
    assert found["average"] == pytest.approx(sum(row["score"] for row in rows) / len(rows))
    first = [row["score"] for row in rows if row["turn"] == 1]
    assert found["turn_1"] == pytest.approx(sum(first) / len(first))
