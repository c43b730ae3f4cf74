"""The document that LLM Comparator reads: the keys and types of its own example, and our verdicts in it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from backend import inputs, sources
from backend.__main__ import run
from backend.errors import BadData
from backend.exchange import llm_comparator
from backend.formats import formats
from backend.jobs import load
from backend.report.verdicts import verdicts
from backend.workspace import Workspace
from tests import tiny
from tests.small_world import World, build


@pytest.fixture
def world(ws: Workspace) -> World:
    return build(ws)


def test_every_item_with_a_verdict_is_an_example(ws: Workspace, world: World) -> None:
    found = llm_comparator.document(ws, world.judge)
    seen = verdicts(ws.table(world.judge, "judgements")).rows.sort_values(["prompt_id", "sample"])
    assert [one["score"] for one in found["examples"]] == [2 * p - 1 for p in seen["preference"]]
    assert found["models"] == [{"name": "tuned"}, {"name": "start"}]
    assert found["examples"][0]["output_text_a"] in ws.table(world.candidate, "responses")["response"].to_pylist()
    assert found["examples"][0]["output_text_b"] in ws.table(world.baseline, "responses")["response"].to_pylist()


def test_both_orders_are_raters_and_the_exchanged_one_says_so(ws: Workspace, world: World) -> None:
    flip = next(one for one in llm_comparator.document(ws, world.judge)["examples"]
                if {r["score"] for r in one["individual_rater_scores"]} == {-1.0, 1.0})  # fmt: skip
    assert flip["score"] == 0
    assert [(r["is_flipped"], r["rating_label"]) for r in flip["individual_rater_scores"]] == [
        (False, "A is better"),
        (True, "B is better"),
    ]
    assert all(r["rationale"] for r in flip["individual_rater_scores"])


@pytest.mark.parametrize(("preference", "words"), [
    (1.0, "A is better"), (0.75, "A is slightly better"), (0.5, "same"), (0.25, "B is slightly better"),
    (0.0, "B is better"),
])  # fmt: skip
def test_scores_have_their_words(preference: float, words: str) -> None:
    assert llm_comparator.label(llm_comparator.score(preference)) == words


def shape(value: Any) -> Any:
    """The keys and types of a document; of a list, those of its first entry that has most keys."""
    if isinstance(value, dict):
        return {key: shape(part) for key, part in value.items()}
    if isinstance(value, list):
        return [shape(max(value, key=lambda part: len(str(part))))] if value else []
    return "number" if isinstance(value, int | float) and not isinstance(value, bool) else type(value).__name__


def test_the_layout_is_that_of_their_own_example(ws: Workspace, world: World, shared: Path) -> None:
    theirs = json.loads((shared / "llm_comparator_example_tiny.json").read_text())
    ours = llm_comparator.document(ws, world.judge)
    assert ours.keys() == theirs.keys()
    assert shape(ours["models"]) == shape(theirs["models"])
    mine, their = ours["examples"][0], theirs["examples"][0]
    assert mine.keys() == their.keys()
    assert {k: type(v) for k, v in mine.items()} == {k: type(v) for k, v in their.items()}
    assert shape(mine["individual_rater_scores"]) == shape(their["individual_rater_scores"])


def test_the_command_writes_it(ws: Workspace, world: World, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["export", world.judge, str(tmp_path / "v.json"), "--llm-comparator", "--workspace", str(ws.root), "--json"]
    assert run(words) == 0
    assert json.loads(capsys.readouterr().out)["rows"] == 16
    assert json.loads((tmp_path / "v.json").read_text()) == llm_comparator.document(ws, world.judge)


@pytest.mark.parametrize("arguments", [
    ["{load}", "v.json", "--llm-comparator"], ["{judge}", "v.jsonl", "--llm-comparator"],
    ["{judge}", "v.json", "--llm-comparator", "--table", "judgements"], ["{judge}", "v.json"],
])  # fmt: skip
def test_what_cannot_be_written_is_said_in_one_line(
    ws: Workspace, world: World, arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    given = [word.format(load=world.load, judge=world.judge) for word in arguments]
    assert run(["export", *given, "--workspace", str(ws.root)]) == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_their_own_example_is_loaded_as_pairs(ws: Workspace, shared: Path) -> None:
    path = shared / "llm_comparator_example_tiny.json"
    source = sources.from_file(ws, path)
    call, why = sources.format_of(sources.first_rows(ws, source))
    assert (call.name, "LLM Comparator" in why) == ("llm_comparator", True)
    job = tiny.asked(ws, sources.load_spec(source, call))
    load.run(job)
    theirs = json.loads(path.read_text())["examples"]
    truth = [(e["output_text_a"], e["output_text_b"])[:: 1 if e["score"] > 0 else -1] for e in theirs if e["score"]]
    found = inputs.texts(ws, job.run)
    assert list(zip(found["chosen"].to_pylist(), found["rejected"].to_pylist(), strict=True)) == truth
    assert ws.table(job.run, "prompts").num_rows == len(theirs)


def test_what_was_exported_is_loaded_as_the_judges_preferences(ws: Workspace, world: World, tmp_path: Path) -> None:
    document = llm_comparator.document(ws, world.judge)
    (tmp_path / "v.json").write_text(json.dumps(document))
    source = sources.from_file(ws, tmp_path / "v.json")
    job = tiny.asked(ws, sources.load_spec(source, sources.format_of(sources.first_rows(ws, source))[0]))
    load.run(job)
    won = [one["output_text_a"] for one in document["examples"] if one["score"] > 0]
    lost = [one["output_text_b"] for one in document["examples"] if one["score"] < 0]
    assert sorted(inputs.texts(ws, job.run)["chosen"].to_pylist()) == sorted(won + lost)


@pytest.mark.parametrize(("score", "pairs"), [(1.5, [(0, 1)]), (-0.6, [(1, 0)]), (0.5, []), (0, [])])
def test_a_small_score_makes_no_pair(score: float, pairs: list) -> None:
    row = {"input_text": "say", "output_text_a": "yes", "output_text_b": "no", "score": score, "tags": ["talk"]}
    member = formats["llm_comparator"]
    found = member.function(row, **member.bind({"min_score": 0.5}))
    assert (found.pairs, found.category) == (pairs, "talk")


def test_an_example_without_a_score_is_refused() -> None:
    with pytest.raises(BadData, match="score"):
        formats["llm_comparator"].function({"input_text": "say", "output_text_a": "a", "output_text_b": "b"})
