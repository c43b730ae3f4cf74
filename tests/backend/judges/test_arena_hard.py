"""Five labels in two games."""

from __future__ import annotations

from typing import Any

import pytest

from backend.judges import Asked, Desk, Item, Judged, judges
from backend.judges.arena_hard import score, score_v2
from backend.workspace import Workspace
from tests import tiny
from tests.judge_server import says, served

ITEM = Item(1, 10, 11, 0, tiny.ask("which ?"), "ours", "theirs", category="hard_prompt")


def judged(ws: Workspace, url: str, name: str, *orders: str) -> list[dict[str, Any]]:
    member = judges[name]
    asked = [Asked(ITEM, order) for order in orders]  # type: ignore[arg-type]
    return list(member.function(asked, Desk(ws), **member.bind({"model": "judge-1", "endpoint": url})))


@pytest.mark.parametrize(
    ("version", "reply", "first"),
    [
        ("v01", "[[A>>B]]", 1.0),
        ("v01", "[[A>B]] … [[A>B]]", 0.75),
        ("v01", "[[A=B]]", 0.5),
        ("v01", "[[B>A]] then [[A>B]]", None),
        ("v2", "[[B>A]] then [[A>B]]", 0.75),
        ("v2", "[[b>>a]]", 0.0),
        ("v2", "[[A<B]]", 0.25),
        ("v2", "[B=A]", 0.5),
    ],
)
def test_a_label_is_a_preference_from_the_candidates_side(
    ws: Workspace, version: str, reply: str, first: float | None
) -> None:
    with served(lambda body: says(reply)) as server:
        one, other = judged(ws, server.url, f"arena_hard_{version}", "candidate_first", "reference_first")
        assert len(server.bodies) == 2
    by_order = {row["order"]: row["preference"] for row in (one, other)}
    expected = (None, None) if first is None else (first, 1 - first)
    assert (by_order["candidate_first"], by_order["reference_first"]) == expected


def test_v01_asks_once_more_where_there_is_no_label_at_all_and_reads_both_replies_as_one(ws: Workspace) -> None:
    replies = iter([says("let me think"), says("so: [[A>B]]")])
    with served(lambda body: next(replies)) as server:
        first, second = judged(ws, server.url, "arena_hard_v01", "candidate_first")
        again = judged(ws, server.url, "arena_hard_v01", "candidate_first")
    assert [m["role"] for m in server.bodies[1]["messages"]] == ["system", "user", "assistant", "user"]
    assert server.bodies[1]["messages"][2]["content"] == "let me think"
    assert (first["status"], second["status"], second["preference"]) == ("unparsable", "ok", 0.75)
    assert second["explanation"] == "let me think\nso: [[A>B]]" and (first["attempt"], second["attempt"]) == (1, 2)
    assert [(row["preference"], row["explanation"]) for row in again] == [(0.75, second["explanation"])], "known now"


def test_v01_gives_up_after_two_replies_and_v2_after_one(ws: Workspace) -> None:
    with served(lambda body: says("hm")) as server:
        assert len(judged(ws, server.url, "arena_hard_v01", "candidate_first")) == 2
        assert len(judged(ws, server.url, "arena_hard_v2", "candidate_first")) == 1
        assert len(server.bodies) == 3


def test_the_score_by_hand() -> None:
    def one(*preferences: float | None) -> Judged:
        rows = [None if p is None else {"preference": p} for p in preferences]
        return Judged(ITEM, dict(zip(("candidate_first", "reference_first"), rows, strict=True)))  # type: ignore[arg-type]

    games = [one(1.0, 0.75), one(0.5, 0.0), one(0.25, None)]
    # won: 3 + 1, tied: 1 (½), lost: 3, and in v0.1 one more
    for found, battles in ((score(games), 9), (score_v2(games), 8)):
        assert (found["score"], found["n"], found["n_null"]) == (pytest.approx(100 * 4.5 / battles), battles, 1)
        assert found["lower"] <= found["score"] <= found["upper"]
    nothing = {"score": None, "lower": None, "upper": None, "n": 0, "n_null": 2}
    assert score([one(None, None)]) == nothing
