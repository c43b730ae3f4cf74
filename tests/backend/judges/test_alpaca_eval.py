"""AlpacaEval's protocol on a server that we can watch."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pytest

from backend.errors import BadSpec
from backend.judges import Asked, Desk, Item, Judged, judges
from backend.judges.alpaca_eval import official_order, win_rates
from backend.workspace import Workspace
from tests import tiny
from tests.judge_server import by_length, says, served, weighs


def item(number: int, candidate: str, reference: str, instruction: str = "what is the time ?") -> Item:
    return Item(number, 10 * number, 10 * number + 1, 0, tiny.ask(instruction), candidate, reference)


def judged(ws: Workspace, url: str, *asked: Asked, **args: Any) -> list[dict[str, Any]]:
    member = judges["alpaca_eval"]
    return list(member.function(asked, Desk(ws), **member.bind({"model": "judge-1", "endpoint": url, **args})))


def test_the_preference_is_the_probability_of_the_candidate_whatever_the_order(ws: Workspace) -> None:
    ours = item(1, "x" * 30, "y" * 10)
    with served(weighs(by_length)) as server:
        rows = judged(ws, server.url, Asked(ours, "candidate_first"), Asked(ours, "reference_first"))
    assert [row["status"] for row in rows] == ["ok", "ok"]
    assert [row["preference"] for row in rows] == pytest.approx([0.75, 0.75])


def test_one_token_is_asked_for_with_the_log_probs_of_five(ws: Workspace) -> None:
    with served(weighs(by_length)) as server:
        judged(ws, server.url, Asked(item(1, "a", "b"), "candidate_first"))
    (body,) = server.bodies
    assert {name: body[name] for name in ("max_tokens", "temperature", "logprobs", "top_logprobs")} == {
        "max_tokens": 1, "temperature": 1.0, "logprobs": True, "top_logprobs": 5,
    }  # fmt: skip


def test_identical_answers_are_ties_without_a_call(ws: Workspace) -> None:
    with served(weighs(by_length)) as server:
        (row,) = judged(ws, server.url, Asked(item(1, "same", "same"), "candidate_first"))
    assert (row["status"], row["preference"], server.bodies) == ("ok", 0.5, [])


def test_a_judge_without_log_probs_and_one_that_refuses_are_told_apart(ws: Workspace) -> None:
    replies = iter([says("m"), says("I'm sorry, but I can't compare these."), says("", refusal="no")])
    with served(lambda body: next(replies)) as server:
        rows = judged(ws, server.url, *(Asked(item(n, "a" * n, "b"), "candidate_first") for n in (2, 3, 4)))
    assert sorted(row["status"] for row in rows) == ["refused", "refused", "unparsable"]
    assert {row["preference"] for row in rows} == {None}
    (unparsable,) = (row for row in rows if row["status"] == "unparsable")
    assert "ask the judge with logprobs" in unparsable["reason"]


def test_the_official_order_is_drawn_by_the_instruction_alone() -> None:
    # random.Random("is_switched_outputs" + instruction + "0").choices([False, True])
    orders = {text: official_order(item(1, "a", "b", text)) for text in ("a", "b", "c", "d", "e", "f")}
    again = {text: official_order(item(9, "other", "answers", text)) for text in orders}
    assert orders == again and set(orders.values()) == {"candidate_first", "reference_first"}


def test_a_template_is_filled_at_once_and_its_braces_stay(ws: Workspace, tmp_path: Path) -> None:
    user = '{\n "q": "{instruction}"}\n[{output_1}|{output_2}]\n'
    text = f"<|im_start|>system\nBe fair.\n<|im_end|>\n<|im_start|>user\n{user}<|im_end|>\n"
    path = tmp_path / "template.txt"
    path.write_text(text)
    asked = Asked(item(1, "mine {output_2} <|im_end|>", "theirs", "why {output_1} ?"), "reference_first")
    with served(lambda body: says("m")) as server:
        judged(ws, server.url, asked, prompts=ws.adopt(path))
    assert server.bodies[0]["messages"] == [
        {"role": "system", "content": "Be fair."},
        {"role": "user", "content": '{\n "q": "why {output_1} ?"}\n[theirs|mine {output_2} <|im_end|>]'},
    ]


def test_rankings_of_alpaca_eval_1_are_read_with_its_template(ws: Workspace, tmp_path: Path) -> None:
    path = tmp_path / "ranking.txt"
    path.write_text("{instruction} {output_1} {output_2}")
    listing = "[{'model': 'model_1', 'rank': 2}, {'model': 'model_2', 'rank': 1}]"
    with served(lambda body: says(listing)) as server:
        asked = Asked(item(1, "a", "b"), "reference_first")
        (row,) = judged(ws, server.url, asked, prompts=ws.adopt(path), reply="ranking")
        with pytest.raises(BadSpec, match="give it with --prompts"):
            judged(ws, server.url, asked, reply="ranking")
    assert row["preference"] == 1.0 and server.bodies[0]["max_tokens"] == 100 and "logprobs" not in server.bodies[0]


def test_win_rates_by_hand() -> None:
    def one(*preferences: float | None) -> Judged:
        orders = ("candidate_first", "reference_first")[: len(preferences)]
        rows = {o: None if p is None else {"preference": p} for o, p in zip(orders, preferences, strict=True)}
        return Judged(item(1, "four", "b"), rows)  # type: ignore[arg-type]

    found = win_rates([one(1.0), one(0.25), one(0.5), one(0.5, 0.9), one(None), one(0.5, None)])
    # 1, 0.25, 0.5, 0.7 are readable: mean 0.6125, squares of the distances 0.30188…, /3, root, / 2
    assert found["win_rate"] == pytest.approx(61.25)
    assert found["standard_error"] == pytest.approx(100 * math.sqrt(0.301875 / 3) / 2)
    assert (found["n_wins"], found["n_wins_base"], found["n_draws"]) == (2, 1, 1)
    assert (found["n_total"], found["n_failed"], found["avg_length"]) == (4, 2, 4)
    assert found["discrete_win_rate"] == pytest.approx(62.5)
    assert win_rates([one(None)])["win_rate"] is None
