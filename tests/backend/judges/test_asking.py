"""What is asked, how often, and what is kept of it."""

from __future__ import annotations

import itertools
import json
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from backend.errors import BadSpec, EndpointError, LimitReached
from backend.judges import Asked, Desk, Item, judges
from backend.replies import Replies
from backend.terms import Terms
from backend.workspace import Workspace
from tests import tiny
from tests.judge_server import by_length, fails, longer, says, served, slow, weighs


def asked(*candidates: str) -> list[Asked]:
    """Questions about answers that are compared to "theirs", by different models."""
    return [
        Asked(Item(1, number, 100, 0, tiny.ask("why ?"), text, "theirs"), "candidate_first")
        for number, text in enumerate(candidates)
    ]


def rows(ws: Workspace, url: str, questions: list[Asked], name: str = "pairwise", **terms: Any) -> list[dict[str, Any]]:
    member = judges[name]
    arguments = member.bind({"model": "judge-1", "endpoint": url})
    return list(member.function(questions, Desk(ws, Terms(**terms)), **arguments))


def test_what_was_said_once_is_known_to_every_later_run(ws: Workspace) -> None:
    questions = asked("a", "a long one", "b")
    with served(longer) as server:
        first = rows(ws, server.url, questions)
        again = rows(ws, server.url, questions)
        assert len(server.bodies) == 3
    by_answer = {row["candidate_id"]: row["preference"] for row in first}
    assert {row["candidate_id"]: row["preference"] for row in again} == by_answer == {0: 0.0, 1: 1.0, 2: 0.0}
    assert all(row["prompt_tokens"] is None and row["seconds"] is None for row in map(dict, again) if "seconds" in row)
    assert {row["judge"] for row in again} == {"judge-1"}


def test_another_model_another_server_and_another_setting_are_asked_themselves(ws: Workspace) -> None:
    with served(longer) as server, served(longer) as other:
        rows(ws, server.url, asked("a"))
        rows(ws, other.url, asked("a"))
        member = judges["pairwise"]
        for change in ({"model": "judge-2"}, {"temperature": 0.5}):
            arguments = member.bind({"model": "judge-1", "endpoint": server.url, **change})
            list(member.function(asked("a"), Desk(ws), **arguments))
        assert (len(server.bodies), len(other.bodies)) == (3, 1)


def test_failures_are_never_remembered_as_answers(ws: Workspace) -> None:
    replies = iter([says("hm"), says("I'm sorry, I can't."), longer, longer])

    def answer(body: dict[str, Any]) -> Any:
        reply = next(replies)
        return reply(body) if callable(reply) else reply

    with served(answer) as server:
        first = rows(ws, server.url, asked("a", "b"), concurrency=1)
        second = rows(ws, server.url, asked("a", "b"), concurrency=1)
    assert [row["status"] for row in first] == ["unparsable", "refused"]
    assert [row["status"] for row in second] == ["ok", "ok"]


def test_items_that_are_asked_about_in_the_same_words_share_one_call(ws: Workspace) -> None:
    with served(longer) as server:
        found = rows(ws, server.url, asked("same", "same", "same", "other"))
        assert len(server.bodies) == 2
    assert sorted(row["candidate_id"] for row in found) == [0, 1, 2, 3]
    assert sum(row.get("seconds") is not None for row in found) == 2, "a copy is no call"


def test_the_cap_on_calls_is_kept_and_what_was_answered_stays(ws: Workspace) -> None:
    with served(longer) as server:
        found: list[dict[str, Any]] = []
        with pytest.raises(LimitReached, match=r"cap of 3 calls is used up; raise it \(--max-calls\)"):
            for row in _rows(ws, server.url, asked("a", "b", "c", "d", "e"), max_calls=3):
                found.append(row)
        assert len(server.bodies) == 3
    assert [row["status"] for row in found] == ["ok"] * 3


def _rows(ws: Workspace, url: str, questions: list[Asked], **terms: Any) -> Any:
    member = judges["pairwise"]
    return member.function(questions, Desk(ws, Terms(**terms)), **member.bind({"model": "judge-1", "endpoint": url}))


def test_the_cap_on_money_is_never_exceeded(ws: Workspace) -> None:
    """A call costs 10 prompt and 5 completion tokens: with a dollar for each, 15; it might have cost 890."""
    million = 1e6
    with served(longer) as server:
        found: list[dict[str, Any]] = []
        with pytest.raises(LimitReached, match="the cap of 950 dollars is used up"):
            for row in _rows(ws, server.url, asked(*"abcdefgh"), max_cost=950, price_in=million, price_out=million):
                found.append(row)
        assert len(server.bodies) == 5, "a sixth might have passed the cap: 75 + 890"
    assert sum(row["cost"] for row in found) <= 950
    assert {row["cost"] for row in found} <= {15.0}


def test_a_busy_server_is_asked_less_at_a_time_and_more_again_when_it_recovers(ws: Workspace) -> None:
    number = itertools.count()
    nap = slow(0.02)

    def answer(body: dict[str, Any]) -> Any:
        return fails(429, retry_after="0.05") if next(number) in range(8, 20) else nap(body)

    with served(answer) as server:
        found = rows(ws, server.url, asked(*(f"answer {n}" for n in range(60))), concurrency=8)
    assert server.most == 8
    assert sum(row["status"] == "ok" for row in found) == 60


def test_a_server_that_falls_silent_ends_the_run_without_trying_every_question(ws: Workspace) -> None:
    number = itertools.count()
    with served(lambda body: longer(body) if next(number) < 2 else fails(500, retry_after="0")) as server:
        with pytest.raises(LimitReached, match="fell silent: the last 3 questions had no answer in 2 attempts"):
            rows(ws, server.url, asked(*(f"answer {n}" for n in range(30))), retries=1, concurrency=1)
        assert len(server.bodies) == 2 + 3 * 2


def test_nobody_there_is_said_within_seconds(ws: Workspace) -> None:
    with served(longer) as server:
        url = server.url
    with pytest.raises(EndpointError, match="gave no answer in 3 attempts: Connection error"):
        rows(ws, url, asked("a", "b"))


def test_the_key_comes_from_the_variable_that_is_named(ws: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    member = judges["pairwise"]
    with pytest.raises(EndpointError, match="set MY_KEY, or give an endpoint"):
        desk = Desk(ws, Terms(api_key_env="MY_KEY"))
        list(member.function(asked("a"), desk, **member.bind({"model": "judge-1"})))


def test_a_reply_that_was_cut_by_a_kill_is_asked_again(ws: Workspace) -> None:
    with served(weighs(by_length)) as server:
        rows(ws, server.url, asked("a", "bb"), "alpaca_eval", concurrency=1)
        (path,) = (ws.root / "replies").rglob("*.jsonl")
        path.write_bytes(path.read_bytes()[:-5])
        found = rows(ws, server.url, asked("a", "bb"), "alpaca_eval")
        assert len(server.bodies) == 3
    assert {row["candidate_id"]: row["preference"] for row in found} == pytest.approx({0: 1 / 7, 1: 2 / 8})
    assert Replies(ws, "nobody").find("nothing") is None


def test_half_a_character_in_a_reply_costs_nothing(ws: Workspace) -> None:
    with served(lambda body: says("\ud83d [[A]]")) as server:
        (row,) = rows(ws, server.url, asked("a"))
    assert (row["explanation"], row["preference"]) == ("? [[A]]", 1.0)


def test_a_reply_in_parts_is_no_verdict_but_is_kept(ws: Workspace) -> None:
    with served(lambda body: says([{"type": "text", "text": "[[A]]"}])) as server:  # type: ignore[arg-type]
        (row,) = rows(ws, server.url, asked("a"))
    assert (row["status"], row["explanation"]) == ("unparsable", '[{"type": "text", "text": "[[A]]"}]')


def test_what_is_no_url_is_said_at_once(ws: Workspace) -> None:
    with pytest.raises(BadSpec, match="'localhost:8000/v1' is no URL; it begins with http://"):
        rows(ws, "localhost:8000/v1", asked("a"))


def test_a_template_of_fastchat_serves_the_pairwise_judge(ws: Workspace, tmp_path: Path) -> None:
    path = tmp_path / "judge_prompts.jsonl"
    template = {"name": "pair-v2", "system_prompt": "Judge.", "prompt_template": "{question}|{answer_a}|{answer_b}"}
    path.write_text(json.dumps(template))
    member = judges["pairwise"]
    with served(lambda body: says("[[B]]")) as server:
        arguments = member.bind({"model": "judge-1", "endpoint": server.url, "prompts": ws.adopt(path)})
        (row,) = member.function(asked("ours"), Desk(ws), **arguments)
    assert [m["content"] for m in server.bodies[0]["messages"]] == ["Judge.", "why ?|ours|theirs"]
    assert row["preference"] == 0.0


def test_a_question_is_tried_eight_times_again_before_it_is_given_up(ws: Workspace) -> None:
    number = itertools.count()

    def answer(body: dict[str, Any]) -> Any:
        return longer(body) if next(number) in (0, 9) else fails(503, retry_after="0.01")

    with served(answer) as server:
        found = rows(ws, server.url, asked("a", "b"), concurrency=1)
        assert len(server.bodies) == 1 + 9
    assert [row["status"] for row in found] == ["ok", *["transport"] * 8, "ok"]
    assert [row["attempt"] for row in found] == [1, *range(1, 10)]


def test_a_server_that_takes_three_at_a_time_is_served_all_the_same(ws: Workspace) -> None:
    """No Retry-After: the calls in flight shrink until the limit is met, and every question is answered."""
    place = threading.Semaphore(3)

    def answer(body: dict[str, Any]) -> Any:
        if not place.acquire(blocking=False):
            return fails(429)
        time.sleep(0.02)
        place.release()
        return longer(body)

    with served(answer) as server:
        found = rows(ws, server.url, asked(*(f"answer {n}" for n in range(80))), concurrency=16)
    assert sum(row["status"] == "ok" for row in found) == 80
    assert sum(row["status"] == "transport" for row in found) < 80, "fewer refusals than answers"


def test_the_key_is_sent_as_a_bearer_token(ws: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MY_KEY", "secret")
    with served(longer) as server:
        rows(ws, server.url, asked("a"), api_key_env="MY_KEY")
    assert server.keys == {"Bearer secret"}
    kept = [path for path in ws.root.rglob("*") if path.is_file() and b"secret" in path.read_bytes()]
    assert kept == [], "and never written down"
