"""`judge custom`, `tldr` and `hh` from files to figures, with real processes; the first request without asking."""

from __future__ import annotations

import gzip
import json
import re
from itertools import islice
from pathlib import Path
from typing import Any

import pytest

from backend.formats.dialogue import dialogue
from tests.backend.commands.conftest import Judge, written
from tests.judge_server import says, served

POSTS = [f"post {n}" for n in range(4)]


def files(place: Path, reference: list[dict[str, Any]]) -> list[str]:
    ours = [{"prompt": post, "completion": f"mine of {post}"} for post in POSTS]
    return ["--outputs", written(place, "ours.jsonl", ours), "--reference", written(place, "theirs.jsonl", reference)]


def mine(body: dict[str, Any]) -> Any:
    """Prefers summaries that begin with "mine", but not of post 3."""
    words = body["messages"][0]["content"]
    first = "<summary_A>\nmine" in words or "A: mine" in words
    letter = "A" if first != ("post 3" in words) else "B"
    return says(f"Comparison: A, B.\nPreferred: {letter}")


@pytest.mark.slow
def test_summaries_are_judged_in_one_order_against_those_that_people_wrote(judge: Judge, tmp_path: Path) -> None:
    words = files(tmp_path, [{"prompt": post, "completion": f"theirs of {post}"} for post in POSTS])
    with served(mine) as server:
        found = judge("tldr", *words, "--base-url", server.url, "--model", "judge-1")
        assert len(server.bodies) == 4
        both = judge("tldr", *words, "--base-url", server.url, "--model", "judge-1", "--orders", "both")
        assert len(server.bodies) == 8, "the orders that were known are not asked again"
    assert (found["win_rate"], found["n_wins"], found["n_wins_base"], found["n_failed"]) == (75.0, 3, 1, 0)
    assert found["lower"] < 75 < found["upper"] and both["win_rate"] == 75.0 and both["flips"] == 0


@pytest.mark.slow
def test_the_users_template_is_shown_first_and_compares_with_the_chosen_of_pairs(judge: Judge, tmp_path: Path) -> None:
    pairs = [{"prompt": post, "chosen": f"theirs of {post}", "rejected": "bad"} for post in POSTS]
    (tmp_path / "mine.txt").write_text("{question}\nA: {answer_a}\nB: {answer_b}")
    words = ["custom", *files(tmp_path, pairs), "--template", str(tmp_path / "mine.txt"), "--model", "judge-1"]
    words += ["--first", "A", "--second", "B", "--tie", "none", "--after", "Preferred:"]
    with served(mine) as server:
        shown = judge(*words, "--base-url", server.url, "--dry-run")
        assert server.bodies == []
        found = judge(*words, "--base-url", server.url)
        assert shown["messages"] in [body["messages"] for body in server.bodies] and len(server.bodies) == 8
    assert shown["settings"] == {"temperature": 0.0, "max_tokens": 512}
    assert (found["win_rate"], found["n_total"], found["n_failed"], found["flips"]) == (75.0, 4, 0, 0)


def test_a_custom_judge_without_its_template_or_with_an_unknown_flag_is_refused(judge: Judge, tmp_path: Path) -> None:
    words = files(tmp_path, [{"prompt": post, "completion": "x"} for post in POSTS])
    code, err = judge("custom", *words, "--model", "m")
    assert (code, err) == (2, "judge custom needs the template: name its file with --template.")
    (tmp_path / "mine.txt").write_text("{answer_a} {answer_b}")
    code, err = judge("custom", *words, "--model", "m", "--template", str(tmp_path / "mine.txt"), "--frist", "A")
    assert code == 2 and "did you mean '--first'" in err


@pytest.mark.slow
def test_real_dialogues_are_compared_with_their_chosen_responses(judge: Judge, shared: Path, tmp_path: Path) -> None:
    """The rejected responses of 60 rows of HH as a candidate, judged by length: the wins are counted."""
    with gzip.open(shared / "preference" / "hh_harmless_base_test.jsonl.gz", "rt", encoding="utf-8") as file:
        rows = [json.loads(line) for line in islice(file, 60)]
    examples = [dialogue(row) for row in rows]
    ours = [{"prompt": one.prompt, "output": one.answers[1].text, "generator": "worse"} for one in examples]
    files = ["--outputs", written(tmp_path, "ours.jsonl", ours), "--reference", written(tmp_path, "hh.jsonl", rows)]

    def weight(text: str) -> tuple[int, str]:
        return len(text), text

    def longer(body: dict[str, Any]) -> Any:
        words = body["messages"][0]["content"]
        first, second = (re.search(rf"<response_{x}>\n(.*)\n</response_{x}>", words, re.DOTALL)[1] for x in "AB")  # type: ignore[index]
        return says(f"Comparison: length.\nMore helpful: {'A' if weight(first) > weight(second) else 'B'}")

    wins = sum(weight(one.answers[1].text) > weight(one.answers[0].text) for one in examples)
    with served(longer) as server:
        found = judge("hh", *files, "--base-url", server.url, "--model", "judge-1")
        assert len(server.bodies) == 60
    assert found["n_wins"] == wins and 10 < wins < 50
    assert (found["n_total"], found["n_failed"], found["model"]) == (60, 0, "worse")
