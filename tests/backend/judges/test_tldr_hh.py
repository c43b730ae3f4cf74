"""The win-rate protocols of the DPO paper, over real HTTP."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from backend.judges import Asked, Desk, Item, judges, orders
from backend.workspace import Workspace
from tests import tiny
from tests.judge_server import Judge, says, served

ITEMS = [Item(n, n, n + 1, 0, tiny.ask(f"post {n}"), f"ours {n}", f"theirs {n}") for n in range(200)]
TURNS = [{"role": "user", "content": "hi"}, {"role": "assistant", "content": "ho"}, {"role": "user", "content": "so ?"}]


def rows(ws: Workspace, server: Judge, name: str, item: Item, order: Any = "candidate_first", **given: Any) -> Any:
    arguments = judges[name].bind({"model": "judge-1", "endpoint": server.url, **given})
    return list(judges[name].function([Asked(item, order)], Desk(ws), **arguments))


@pytest.mark.parametrize("name", ["tldr", "hh"])
def test_one_order_is_drawn_for_each_item_by_the_seed_unless_both_are_wanted(name: str) -> None:
    member = judges[name]

    def drawn(seed: int) -> list[Any]:
        return [orders(member, member.bind({"model": "m"}), item, seed) for item in ITEMS]

    assert all(len(order) == 1 for order in drawn(0)) and drawn(0) == drawn(0) != drawn(1)
    assert 70 < drawn(0).count(["candidate_first"]) < 130, "four standard deviations are 28"
    assert len(orders(member, member.bind({"model": "m", "both_orders": True}), ITEMS[0], 0)) == 2


@pytest.mark.parametrize(("name", "line"), [("tldr", "Preferred:"), ("hh", "More helpful:")])
def test_the_letter_behind_the_answer_line_is_read_and_nothing_else(ws: Workspace, name: str, line: str) -> None:
    said = {"1": f'Comparison: B is longer, A is right.\n{line} "A"', "2": f"{line} Neither", "3": "A"}
    with served(lambda body: says(said[re.findall(r"post (\d)", body["messages"][0]["content"])[0]])) as server:
        found = [rows(ws, server, name, ITEMS[n], "reference_first")[0] for n in (1, 2, 3)]
        assert server.bodies[0]["temperature"] == 0 and line in server.bodies[0]["messages"][0]["content"]
    assert [(row["status"], row["preference"]) for row in found] == [("ok", 0.0)] + 2 * [("unparsable", None)]
    behind = f"the reply does not hold {line!r}, behind which the verdict stands."
    assert [row["reason"] for row in found[1:]] == ["the reply holds none of 'A', 'B'.", behind]


def test_only_the_concise_wording_asks_for_short_summaries(ws: Workspace) -> None:
    with served(lambda body: says("Preferred: A")) as server:
        for wording in ("concise", "simple"):
            rows(ws, server, "tldr", ITEMS[0], wording=wording)
        concise, simple = (body["messages"][0]["content"] for body in server.bodies)
    assert "short" in concise and "short" not in simple
    assert all("post 0" in words and "<summary_A>\nours 0\n" in words for words in (concise, simple))


def test_a_dialogue_is_shown_with_all_its_turns(ws: Workspace) -> None:
    with served(lambda body: says("More helpful: B")) as server:
        (row,) = rows(ws, server, "hh", Item(1, 2, 3, 0, TURNS, "a", "b"))
        words = server.bodies[0]["messages"][0]["content"]
    assert "[user]\nhi\n\n[assistant]\nho\n\n[user]\nso ?" in words and row["preference"] == 0.0


def test_another_wording_may_be_given_as_a_template(ws: Workspace, tmp_path: Path) -> None:
    (tmp_path / "S.txt").write_text("Post: {question} A: {answer_a} B: {answer_b} Preferred: ?")
    with served(lambda body: says("Preferred: B")) as server:
        rows(ws, server, "tldr", ITEMS[5], prompts=ws.adopt(tmp_path / "S.txt"))
        assert server.bodies[0]["messages"] == [
            {"role": "user", "content": "Post: post 5 A: ours 5 B: theirs 5 Preferred: ?"}
        ]
