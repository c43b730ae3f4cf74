from __future__ import annotations

import dataclasses
import itertools
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from backend import runs, specs, tables
from backend.errors import BadData, EndpointError
from backend.jobs import judge
from backend.judges import judges
from backend.registry import Call
from backend.report.outcomes import OUTCOMES
from backend.terms import Terms
from backend.workspace import Workspace
from tests import judge_server, tiny
from tests.judge_server import fails, longer, says, served

ROOT = Path(__file__).parent.parent.parent.parent
QUESTIONS = [f"question {i}" for i in range(6)]


@pytest.fixture(autouse=True)
def no_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)


def answers(ws: Workspace, texts: list[str], name: str, questions: list[str] = QUESTIONS, samples: int = 1) -> str:
    """A finished generate run with these answers."""
    data = tiny.pool(ws, [(q, "x", "y") for q in questions])
    spec = specs.GenerateSpec(prompts=data, model=specs.HubModel(repo=f"some/{name}", revision="1"), samples=samples)
    rows = []
    for number, text in enumerate(texts):
        p, sample = tables.prompt_id(tiny.ask(questions[number // samples])), number % samples
        rows.append({"response_id": tables.response_id(p, text, name, sample), "prompt_id": p, "response": text,
                     "author": name, "sample": sample})  # fmt: skip
    return tiny.finished(ws, spec, responses=tables.build("responses", rows))


def question(ws: Workspace, call: Call, ours: list[str] | None = None) -> specs.JudgeSpec:
    """Six items: the candidate is longer three times, shorter twice, identical once."""
    candidate = answers(ws, ours or ["long answer"] * 3 + ["s"] * 2 + ["same"], "ours")
    reference = answers(ws, ["short"] * 5 + ["same"], "theirs")
    return specs.JudgeSpec(candidate=candidate, reference=reference, judge=call)


def pairwise(server: judge_server.Judge | str, **args: Any) -> Call:
    url = server if isinstance(server, str) else server.url
    return judges.call("pairwise", **{"model": "judge-1", "endpoint": url, **args})


def run(ws: Workspace, spec: specs.JudgeSpec, **terms: Any) -> tuple[dict[str, Any], bool]:
    job = tiny.asked(ws, spec)
    ws.write_json(job.folder / "terms.json", {"retries": 1, "concurrency": 2, **terms})
    summary = judge.run(job)
    return dict(summary.facts), summary.complete


def test_both_orders_are_asked_and_identical_answers_are_ties_without_a_call(ws: Workspace) -> None:
    with served(longer) as server:
        spec = question(ws, pairwise(server))
        facts, complete = run(ws, spec)
        assert len(server.bodies) == 10
    assert (complete, facts["judged"], facts["tied"], facts["flipped"]) == (True, 6, 1, 0)
    assert facts["win_rate"] == pytest.approx(3.5 / 6)
    assert (facts["prompt_tokens"], facts["completion_tokens"]) == (100, 50)
    rows = ws.table(spec.id, "judgements").to_pandas()
    assert set(rows["order"]) == {"candidate_first", "reference_first"} and set(rows["attempt"]) == {1}
    assert set(rows["judge"].dropna()) == {"judge-1"}


def test_a_judge_that_always_takes_the_first_gives_flips_and_no_winner(ws: Workspace) -> None:
    with served(lambda body: says("[[A]]")) as server:
        facts, _ = run(ws, question(ws, pairwise(server)))
        assert [facts[name] for name in ("win_rate", *OUTCOMES)] == [0.5, 0, 1, 5, 0, 0]
        assert facts["first"] == pytest.approx(5.5 / 6) and "prefers the answer shown first" in " ".join(facts["notes"])
        assert facts["verdict"] == "cannot tell" and facts["sentence"].startswith("Cannot tell from the reference at")
        single = question(ws, pairwise(server, both_orders=False))
        facts, _ = run(ws, single)
    assert facts["flipped"] == 0 and len(ws.table(single.id, "judgements")) == 6


@pytest.mark.parametrize(
    ("reply", "status"),
    [
        (says("I like A"), "unparsable"),
        (says("[[A]] no, [[B]]"), "unparsable"),
        (says("[[D]]"), "unparsable"),
        (says("I'm sorry, I can't compare these."), "refused"),
        (says("", refusal="no"), "refused"),
    ],
)
def test_what_cannot_be_read_is_counted_and_the_run_is_incomplete(ws: Workspace, reply: Any, status: str) -> None:
    with served(lambda body: reply) as server:
        facts, complete = run(ws, question(ws, pairwise(server)))
    assert not complete
    assert (facts["judged"], facts["missing"], facts["statuses"]) == (1, 5, {"ok": 2, status: 10})


def test_with_a_limit_the_first_prompts_are_judged_and_what_that_leaves_is_said(ws: Workspace) -> None:
    with served(longer) as server:
        whole = question(ws, pairwise(server))
        facts, _ = run(ws, whole.model_copy(update={"limit": 2}))
        assert (facts["items"], facts["beyond_limit"]) == (2, 4)
        assert facts["notes"][0].startswith("2 of 6 answers are judged: those to the first 2 prompts, in the order of")
        asked = facts["calls"]
        assert "beyond_limit" not in (every := run(ws, whole)[0])
    assert asked + every["calls"] == 10 and every["reused"] == asked, "five items in two orders, the sixth is a tie"


def test_a_candidate_whose_answers_are_all_the_references_own_is_flagged(ws: Workspace) -> None:
    same = question(ws, pairwise("http://127.0.0.1:9/v1"), ours=["short"] * 5 + ["same"])
    facts, complete = run(ws, same)
    assert complete and facts["calls"] == 0 and facts["tied"] == 6
    assert facts["notes"][0] == "All 6 answers are the same text as the reference's; choose another reference."


def test_asking_again_asks_only_for_what_is_missing(ws: Workspace) -> None:
    number = itertools.count()
    with served(lambda body: says("hm") if next(number) % 3 == 0 else longer(body)) as server:
        spec = question(ws, pairwise(server))
        facts, complete = run(ws, spec)
        first, unread = len(server.bodies), facts["statuses"]["unparsable"]
        assert not complete and unread == 4
        server.answer = longer
        facts, complete = run(ws, spec)
        assert complete and len(server.bodies) - first == unread
    assert facts["win_rate"] == pytest.approx(3.5 / 6)
    assert facts["attempts"] == 12 + unread


def test_a_busy_server_is_asked_again_when_it_says_and_every_attempt_is_a_row(ws: Workspace) -> None:
    number = itertools.count()
    with served(lambda body: fails(429, retry_after="0") if next(number) % 2 == 0 else longer(body)) as server:
        spec = question(ws, pairwise(server))
        facts, complete = run(ws, spec, retries=6, concurrency=1)
    assert complete and facts["statuses"] == {"ok": 12, "transport": 10}
    rows = ws.table(spec.id, "judgements").to_pandas()
    assert sorted(rows[rows["status"] == "ok"]["attempt"]) == [1, 1] + [2] * 10
    assert rows[rows["status"] == "transport"]["explanation"].str.startswith("429").all()


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (lambda body: fails(401), r"refuses the API key \(401\); check OPENAI_API_KEY"),
        (lambda body: fails(404), r"has no model 'judge-1' \(404\)"),
        (lambda body: fails(400), r"does not take the request \(400\)"),
        (lambda body: fails(500, retry_after="0"), r"gave no answer in 2 attempts: 500"),
        (lambda body: fails(429, retry_after="0"), r"gave no answer in 2 attempts: 429"),
        (lambda body: (200, {"Retry-After": "0"}, b"<html>hello</html>"), r"gave no answer in 2 attempts"),
        (lambda body: (200, {}, {"choices": []}), r"the reply holds no choice"),
        (judge_server.slow(1.0), r"no answer within 0.3 s"),
    ],
)
def test_a_judge_that_cannot_be_used_ends_the_run_with_one_sentence(
    ws: Workspace, answer: Callable[..., Any], said: str
) -> None:
    with served(answer) as server, pytest.raises(EndpointError, match=said) as caught:
        run(ws, question(ws, pairwise(server)), timeout=0.3)
    assert len(str(caught.value)) < 300


def test_a_judge_that_is_down_and_a_key_that_is_missing_are_named(ws: Workspace) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}/v1"
    with pytest.raises(EndpointError, match="gave no answer in 2 attempts: Connection error"):
        run(ws, question(ws, pairwise(url)))
    hosted = judges.call("pairwise", model="some-model")
    with pytest.raises(EndpointError, match="set OPENAI_API_KEY, or give an endpoint"):
        run(ws, question(ws, hosted))


def test_a_failure_after_the_first_answer_costs_only_its_item(ws: Workspace) -> None:
    number = itertools.count()
    with served(lambda body: longer(body) if next(number) < 4 else fails(500, retry_after="0")) as server:
        facts, complete = run(ws, question(ws, pairwise(server)), concurrency=1)
    assert not complete
    assert (facts["judged"], facts["missing"]) == (3, 3)


def test_a_judge_that_goes_away_between_launches_leaves_the_earlier_verdicts_readable(ws: Workspace) -> None:
    number = itertools.count()
    with served(lambda body: longer(body) if next(number) < 4 else says("hm")) as server:
        spec = question(ws, pairwise(server))
        run(ws, spec, concurrency=1)
        server.answer = lambda body: fails(401)
        facts, complete = run(ws, spec)
    assert not complete and facts["judged"] == 3
    assert "refuses the API key" in facts["ended_by"]


def test_the_prompt_shows_both_answers_and_all_turns(ws: Workspace) -> None:
    from backend.judges import Asked, Item
    from backend.judges.pairwise import own

    turns = [
        {"role": "user", "content": "hi"},
        {"role": "assistant", "content": "hey"},
        {"role": "user", "content": "go"},
    ]
    item = Item(1, 2, 3, 0, turns, "ours {x}", "theirs")
    first = own(Asked(item, "candidate_first"))[-1]["content"]
    second = own(Asked(item, "reference_first"))[-1]["content"]
    assert "[user]\nhi\n\n[assistant]\nhey\n\n[user]\ngo" in first
    assert first.index("ours {x}") < first.index("theirs") and second.index("theirs") < second.index("ours {x}")


def test_gold_and_reward_model_need_no_server(ws: Workspace) -> None:
    sample = "a bear has a baby , what is it ?"
    ours, theirs = (
        answers(ws, ["it is a cub ."], "ours", [sample]),
        answers(ws, ["it is a kitten ."], "theirs", [sample]),
    )
    facts, complete = run(ws, specs.JudgeSpec(candidate=ours, reference=theirs, judge=judges.call("gold")))
    assert complete and (facts["win_rate"], facts["judged"]) == (1.0, 1)
    measures = []
    for number, answered in enumerate((ours, theirs)):
        said = ws.table(answered, "responses")["response_id"]
        rows = tables.build("measurements", {"response_id": said, "value": [float(number)]})
        spec = specs.MeasureSpec(responses=answered, measure=Call(name="rating"))
        measures.append(tiny.finished(ws, spec, measurements=rows))
    call = judges.call("reward_model", candidate_reward=measures[0], reference_reward=measures[1])
    spec = specs.JudgeSpec(candidate=ours, reference=theirs, judge=call)
    assert set(spec.inputs) == {ours, theirs, *measures}
    assert run(ws, spec)[0]["win_rate"] == 0.0


def test_answers_are_matched_by_sample_and_one_reference_answer_stands_for_all(ws: Workspace) -> None:
    four = answers(ws, ["aa", "a", "aaa", "a"], "ours", QUESTIONS[:2], samples=2)
    two = answers(ws, ["bb", "bb"], "theirs", QUESTIONS[:2])
    with served(longer) as server:
        facts, _ = run(ws, specs.JudgeSpec(candidate=four, reference=two, judge=pairwise(server)))
    assert (facts["items"], facts["win_rate"]) == (4, pytest.approx(1.5 / 4))


def test_runs_that_answer_no_prompt_in_common_are_refused(ws: Workspace) -> None:
    other = answers(ws, ["x"], "theirs", ["elsewhere"])
    spec = specs.JudgeSpec(candidate=answers(ws, ["a"], "ours", ["here"]), reference=other, judge=judges.call("gold"))
    with pytest.raises(BadData, match="answer no prompt in common"):
        run(ws, spec)


@pytest.mark.slow
def test_a_killed_judge_repeats_no_finished_call(ws: Workspace) -> None:
    with served(judge_server.slow(0.2)) as server:
        spec = question(ws, pairwise(server), [f"answer {i} " + "x" * i for i in range(6)])
        runs.launch(ws, spec, terms=Terms(concurrency=1))
        kept = ws.folder(spec.id) / "judgements.jsonl"
        until = time.monotonic() + 60
        while len(ws.read_lines(kept)) < 3 and time.monotonic() < until:
            time.sleep(0.02)
        os.killpg((ws.read_json(ws.folder(spec.id) / "process.json") or {})["pid"], signal.SIGKILL)
        while runs.status(ws, spec.id) != "lost" and time.monotonic() < until:
            time.sleep(0.02)
        runs.launch(ws, spec, terms=Terms(concurrency=1))
        runs.wait(ws, [spec.id])
        assert runs.answer(ws, spec.id)["judged"] == 6
        assert len(server.bodies) <= 12 + 1 and server.repeats <= 1, "only the call in flight is asked again"


@pytest.mark.slow
def test_recorded_verdicts_come_back_through_rate_limits_and_failures(
    ws: Workspace, shared: Path, tmp_path: Path
) -> None:
    """The stand-in judge answers by the text of the answers: the win rate is that of the recorded preferences."""
    import gzip
    import json

    folder = shared / "alpaca_eval" / "OpenHermes-2.5-Mistral-7B"
    recorded = [
        r for r in json.loads(gzip.decompress((folder / "annotations.json.gz").read_bytes())) if r["preference"]
    ][:40]
    texts = {"ours": [r["output_2"] for r in recorded], "theirs": [r["output_1"] for r in recorded]}
    asked = [r["instruction"] for r in recorded]
    ours, theirs = (answers(ws, texts[name], name, asked) for name in ("ours", "theirs"))
    server = subprocess.Popen(
        [sys.executable, str(shared.parent / "tools" / "replay_judge.py"), "--port", "0",
         "--limit-every", "7", "--fail-every", "9"],
        stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        assert server.stdout
        url = server.stdout.readline().strip()
        spec = specs.JudgeSpec(candidate=ours, reference=theirs, judge=pairwise(url))
        facts, complete = run(ws, spec, retries=8, concurrency=4)
    finally:
        server.kill()
        server.wait()
    wins = sum((r["preference"] > 1.5) + (r["preference"] == 1.5) / 2 for r in recorded)
    assert complete and facts["flipped"] == 0
    assert facts["win_rate"] == pytest.approx(wins / len(recorded))
    assert facts["statuses"]["transport"] > 0


def test_an_item_the_judge_cannot_take_is_asked_once_and_costs_only_itself(ws: Workspace) -> None:
    """The first answer is too long for the judge: 400 in both orders, after others were answered."""
    with served(lambda body: fails(400) if "too long" in body["messages"][-1]["content"] else longer(body)) as server:
        spec = question(ws, pairwise(server), ["fine"] * 5 + ["too long"])
        prompts = tables.prompt_id(tiny.ask(QUESTIONS[5]))
        facts, complete = run(ws, spec, retries=5, concurrency=1)
        rows = ws.table(spec.id, "judgements").to_pandas()
    assert not complete and facts["missing"] == 1
    assert set(rows[rows["status"] == "transport"]["prompt_id"]) == {prompts}
    assert facts["statuses"] == {"ok": 10, "transport": 2}


def test_what_was_answered_before_the_end_is_not_asked_again(ws: Workspace) -> None:
    """The key is refused while a slower call is in flight; its answer is kept all the same."""
    number = itertools.count()

    def answer(body: dict[str, Any]) -> Any:
        if next(number) % 2:
            time.sleep(1.0)
            return longer(body)
        time.sleep(0.3)  # by then the other call is in flight, on a busy machine too
        return fails(401)

    with served(answer) as server:
        spec = question(ws, pairwise(server))
        with pytest.raises(EndpointError, match="refuses the API key"):
            run(ws, spec)
        kept = [r for r in ws.read_lines(ws.folder(spec.id) / "judgements.jsonl") if r.get("judge")]
        first = len(server.bodies)
        assert kept, "the slower call was answered"
        server.answer = longer
        _, complete = run(ws, spec)
        assert complete and len(server.bodies) - first == 10 - len(kept)


def test_the_pause_that_the_server_asks_for_is_kept(ws: Workspace) -> None:
    times: list[float] = []

    def answer(body: dict[str, Any]) -> Any:
        times.append(time.monotonic())
        return fails(429, retry_after="1.5") if len(times) == 1 else longer(body)

    with served(answer) as server:
        assert run(ws, question(ws, pairwise(server)), concurrency=1)[1]
    assert times[1] - times[0] >= 1.5, "without the header the first pause is at most 1 s"


@pytest.mark.parametrize(("low", "flips", "said"), [(0.55, 9, True), (0.45, 9, False), (0.55, None, False)])
def test_a_mild_liking_for_a_place_is_noted_where_both_orders_were_asked(
    low: float, flips: int | None, said: bool
) -> None:
    from backend.report.estimate import share
    from backend.report.judge_bias import JudgeBias

    first = dataclasses.replace(share(65, 100), low=low, high=0.75)
    bias = JudgeBias(100, flips and share(flips, 100), first, None, [])  # type: ignore[arg-type]
    assert any("prefers the answer shown first" in note for note in judge._notes([], [], bias)) == said
