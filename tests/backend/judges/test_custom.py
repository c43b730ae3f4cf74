"""Judges that users define: their template, their labels, over real HTTP."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from backend.errors import BadSpec
from backend.judges import Asked, Desk, Item, judges
from backend.workspace import Workspace
from tests import tiny
from tests.judge_server import Judge, says, served

TEMPLATE = "{category}: {question} ({reference}) 1) {answer_a} 2) {answer_b} {}"
ONE = Item(1, 2, 3, 0, tiny.ask("why ?"), "ours", "theirs", category="maths", right=("because",))


def template(ws: Workspace, place: Path, text: str = TEMPLATE) -> str:
    (place / "template.txt").write_text(text)
    return ws.adopt(place / "template.txt")


def rows(ws: Workspace, server: Judge, name: str, asked: list[Asked], **given: Any) -> list[dict[str, Any]]:
    member = judges[name]
    arguments = member.bind({"model": "judge-1", "endpoint": server.url, **given})
    return list(member.function(asked, Desk(ws), **arguments))


def test_the_template_is_filled_and_the_users_own_labels_are_read(ws: Workspace, tmp_path: Path) -> None:
    asked = [Asked(ONE, "candidate_first"), Asked(ONE, "reference_first")]
    with served(lambda body: says("I take ONE.")) as server:
        found = rows(ws, server, "custom", asked, prompts=template(ws, tmp_path), first="ONE", second="TWO")
        sent = {body["messages"][0]["content"] for body in server.bodies}
        settings = {(body["temperature"], body["max_tokens"]) for body in server.bodies}
    assert {row["order"]: row["preference"] for row in found} == {"candidate_first": 1.0, "reference_first": 0.0}
    assert sent == {f"maths: why ? (because) 1) {a} 2) {b} {{}}" for a, b in [("ours", "theirs"), ("theirs", "ours")]}
    assert settings == {(0.0, 512)}


def test_what_cannot_be_read_is_kept_with_its_reason(ws: Workspace, tmp_path: Path) -> None:
    with served(lambda body: says("Neither.")) as server:
        (row,) = rows(ws, server, "custom", [Asked(ONE, "candidate_first")], prompts=template(ws, tmp_path))
    assert (row["status"], row["preference"]) == ("unparsable", None)
    assert row["reason"] == "the reply holds none of '[[A]]', '[[B]]', '[[C]]'."


def test_for_a_token_one_token_with_its_alternatives_is_asked_for(ws: Workspace, tmp_path: Path) -> None:
    def answer(body: dict[str, Any]) -> Any:
        status, headers, document = says("1")
        top = [{"token": "1", "logprob": -0.5}, {"token": "2", "logprob": -0.5}]
        document["choices"][0]["logprobs"] = {"content": [{"token": "1", "top_logprobs": top}]}
        return status, headers, document

    given = {"prompts": template(ws, tmp_path), "reply": "token", "first": "1", "second": "2"}
    with served(answer) as server:
        (row,) = rows(ws, server, "custom", [Asked(ONE, "candidate_first")], **given)
        (body,) = server.bodies
    assert row["preference"] == pytest.approx(0.5)
    assert (body["max_tokens"], body["logprobs"], body["top_logprobs"]) == (1, True, 5)


def test_each_answer_alone_gets_a_number_within_bounds(ws: Workspace, tmp_path: Path) -> None:
    alone = [Asked(item, "unordered") for item in (ONE, ONE._replace(candidate_id=9, candidate="x"))]
    with served(lambda body: says("[[4]]" if "ours" in body["messages"][0]["content"] else "[[6]]")) as server:
        found = rows(ws, server, "custom_grade", alone, prompts=template(ws, tmp_path, "{question} {answer}"),
                     lowest=0, highest=5)  # fmt: skip
    by_answer = {row["candidate_id"]: (row["status"], row.get("grade"), row.get("reason")) for row in found}
    assert by_answer == {2: ("ok", 4.0, None), 9: ("unparsable", None, "the grade 6 is not within 0 to 5.")}


@pytest.mark.parametrize(
    ("text", "item", "said"),
    [
        ("{question} {answer_a}", ONE, r"does not hold \{answer_b\}"),
        ("{answer_a} {answer_b} {qestion}", ONE, r"\{qestion\}, which is not known; did you mean 'question'"),
        (
            "{answer_a} {answer_b} {reference}",
            ONE._replace(right=()),
            r"asks for \{reference\}, but a question has none",
        ),
    ],
)
def test_a_template_that_cannot_be_filled_is_refused_before_anything_is_asked(
    ws: Workspace, tmp_path: Path, text: str, item: Item, said: str
) -> None:
    with served(lambda body: says("[[A]]")) as server:
        with pytest.raises(BadSpec, match=said):
            rows(ws, server, "custom", [Asked(item, "candidate_first")], prompts=template(ws, tmp_path, text))
        assert server.bodies == []


def test_bounds_and_labels_that_make_no_sense_are_refused() -> None:
    read = judges["custom_grade"].attributes["reads"]
    with pytest.raises(BadSpec, match="the lowest grade 5 is not below the highest 5"):
        read(judges["custom_grade"].bind({"model": "m", "prompts": "x", "lowest": 5, "highest": 5}))
    with pytest.raises(BadSpec, match="blank or alike"):
        judges["custom"].attributes["reads"](judges["custom"].bind({"model": "m", "prompts": "x", "second": "[[A]]"}))
