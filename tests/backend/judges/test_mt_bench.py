"""Grades and matches of conversations."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from backend.errors import BadSpec
from backend.judges import Asked, Desk, Item, Judged, judges
from backend.judges.mt_bench import grades, on_right_answers, record
from backend.workspace import Workspace
from tests.judge_server import says, served

ASKED = [{"role": "user", "content": "one ?"}, {"role": "user", "content": "two ?"}]


def first(**change: Any) -> Item:
    """The first turn of a question."""
    return Item(1, 10, 11, 0, ASKED[:1], "a1", "b1", category="writing", question="81")._replace(**change)


def second(**change: Any) -> Item:
    """The second turn of the same question."""
    item = Item(2, 20, 21, 0, ASKED, "a2", "b2", earlier=(("a1", "b1"),), category="writing", question="81")
    return item._replace(**change)


def judged(ws: Workspace, url: str, name: str, *asked: Asked, **args: Any) -> list[dict[str, Any]]:
    member = judges[name]
    return list(member.function(asked, Desk(ws), **member.bind({"model": "judge-1", "endpoint": url, **args})))


@pytest.mark.parametrize(
    ("reply", "status", "grade"),
    [
        ("Good. [[7]]", "ok", 7.0),
        ("[[7.5]] and [[2]]", "ok", 7.5),
        ("Rating: [8]", "ok", 8.0),
        ("[[15]]", "unparsable", None),
        ("[[0]]", "unparsable", None),
        ("very good", "unparsable", None),
        ("I'm sorry, I can't grade this.", "refused", None),
    ],
)
def test_a_grade_is_one_to_ten_or_none(ws: Workspace, reply: str, status: str, grade: float | None) -> None:
    with served(lambda body: says(reply)) as server:
        (row,) = judged(ws, server.url, "mt_bench", Asked(first(), "unordered"))
    assert (row["status"], row.get("grade"), row["preference"]) == (status, grade, None)


def test_a_later_turn_is_shown_with_what_came_before_it_and_the_right_answers_where_they_belong(ws: Workspace) -> None:
    right = second(category="math", right=("r1", "r2"))
    with served(lambda body: says("[[5]]")) as server:
        judged(ws, server.url, "mt_bench", Asked(right, "unordered"))
        judged(ws, server.url, "mt_bench", Asked(right._replace(category="writing"), "unordered"))
        judged(ws, server.url, "mt_bench", Asked(first(), "unordered"))
    with_right, without, one = (body["messages"][1]["content"] for body in server.bodies)
    talk = "[user]\none ?\n\n[assistant]\na1\n\n[user]\ntwo ?\n\n[assistant]\na2"
    assert talk in with_right and talk in without and "two ?" not in one
    assert talk.replace("a1", "r1").replace("a2", "r2") in with_right and "r1" not in without


def test_matches_are_shown_in_both_orders_and_the_preference_is_the_candidates(ws: Workspace) -> None:
    def answer(body: dict[str, Any]) -> Any:
        text = body["messages"][1]["content"]
        return says("[[A]]" if text.index("a2") < text.index("b2") else "[[B]]")

    with served(answer) as server:
        rows = judged(
            ws, server.url, "mt_bench_pair", Asked(second(), "candidate_first"), Asked(second(), "reference_first")
        )
    assert [row["preference"] for row in rows] == [1.0, 1.0] and [row["turn"] for row in rows] == [2, 2]


def test_the_table_of_grades_by_hand() -> None:
    def one(item: Item, grade: float | None) -> Judged:
        return Judged(item, {"unordered": None if grade is None else {"grade": grade}})

    found = grades(
        [one(first(), 8), one(second(), 5), one(first(category="math"), 3), one(second(category="math"), None)]
    )
    # the average is that of all rows, (8 + 5 + 3) / 3, not that of the turns' means, (5.5 + 5) / 2
    assert (found["turn_1"], found["turn_2"], found["average"]) == (5.5, 5.0, pytest.approx(16 / 3))
    assert (found["n"], found["n_failed"], found["n_duplicates"]) == (3, 1, 0)
    assert found["categories"] == {"math": 3.0, "writing": 6.5}
    assert grades([one(first(), None)])["average"] is None


def test_the_table_of_matches_by_hand() -> None:
    def one(*preferences: float | None) -> Judged:
        rows = [None if p is None else {"preference": p} for p in preferences]
        return Judged(first(), dict(zip(("candidate_first", "reference_first"), rows, strict=True)))  # type: ignore[arg-type]

    found = record([one(1, 1), one(1, 1), one(0, 0), one(0.5, 0.5), one(1, 0), one(0.5, 1), one(1, None)])
    assert found == {
        "win": 2, "loss": 1, "tie": 3, "inconsistent": 2, "errors": 1,
        "win_rate": pytest.approx(100 * 2 / 6), "win_rate_adjusted": pytest.approx(100 * 3.5 / 6),
    }  # fmt: skip


def test_questions_that_lack_their_right_answer_are_said() -> None:
    lacking = [Judged(first(category=name), {}) for name in ("math", "math", "coding", "writing")]
    assert list(on_right_answers(lacking)) == [
        "No reference answer beside 1 of coding, 2 of math: MT-Bench gives one there; name the file with --reference."
    ]
    assert list(on_right_answers([Judged(first(category="math", right=("r",)), {})])) == []


def test_reference_answers_to_everything_may_be_a_model_to_compare_with() -> None:
    assert "name it with --against" in next(on_right_answers([Judged(first(right=("r",)), {})]))
    assert list(on_right_answers([Judged(first(right=(None,)), {})])) == []


def test_three_turns_are_too_many_for_fastchats_templates(ws: Workspace, tmp_path: Path) -> None:
    path = tmp_path / "judge_prompts.jsonl"
    path.write_text(json.dumps({"name": "single-v1", "system_prompt": "", "prompt_template": "{question}"}))
    three = Item(3, 30, 30, 0, [*ASKED, *ASKED[:1]], "a3", "a3", earlier=(("a1", "a1"), ("a2", "a2")))
    with served(lambda body: says("[[5]]")) as server, pytest.raises(BadSpec, match="show two turns"):
        judged(ws, server.url, "mt_bench", Asked(three, "unordered"), prompts=ws.adopt(path))
