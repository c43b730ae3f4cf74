"""What the Review page asks the index, checked against the folders' tables and the report."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from backend import files, runs, tables
from backend.registry import Call
from backend.report.verdicts import verdicts
from backend.specs import GenerateSpec, HubModel, JudgeSpec
from backend.store import facets, queries_review
from backend.store.database import Index, open_index
from backend.workspace import Workspace
from tests import judged_world, tiny
from tests.backend.exchange.recordings import annotation, imported, written
from tests.small_world import World


def test_every_item_is_there_once_with_the_reports_verdict(ws: Workspace, index: Index, world: World) -> None:
    found = queries_review.items(index, [world.judge])
    seen = verdicts(ws.table(world.judge, "judgements"))
    assert len(found) == seen.items == 20
    assert found["preference"].notna().sum() == len(seen.rows)
    both = found.merge(seen.rows, on=["candidate_id", "reference_id"], suffixes=("", "_report"))
    assert both["preference"].tolist() == both["preference_report"].tolist()
    assert ((both["lowest"] < 0.5) & (both["highest"] > 0.5)).tolist() == both["flipped"].tolist()


def test_an_item_without_a_verdict_says_how_its_last_attempt_ended(index: Index, world: World) -> None:
    found = queries_review.items(index, [world.judge])
    assert (found["failure"] == "unparsable").sum() == 4
    assert (found["failure"].notna() == found["preference"].isna()).all()


def test_length_differences_are_in_characters_candidate_minus_reference(
    ws: Workspace, index: Index, world: World
) -> None:
    found = queries_review.items(index, [world.judge])
    said = {row["response_id"]: row["response"] for run in (world.candidate, world.baseline)
            for row in ws.table(run, "responses").to_pylist()}  # fmt: skip
    truth = [len(said[c]) - len(said[r]) for c, r in zip(found["candidate_id"], found["reference_id"], strict=True)]
    assert found["longer"].tolist() == truth
    assert not found["identical"].any()


def test_characters_are_not_bytes_and_identical_answers_are_seen(ws: Workspace) -> None:
    pool = tiny.pool(ws, [("say", "größer ☃", "kleiner"), ("sing", "same", "no")])
    asked = ws.table(pool, "prompts")["prompt_id"].to_pylist()
    sides = []
    for seed, texts in enumerate((["größer ☃", "same"], ["abc", "same"])):
        rows = [{"response_id": 10 * seed + n, "prompt_id": p, "response": text, "author": "m", "sample": 0}
                for n, (p, text) in enumerate(zip(asked, texts, strict=True))]  # fmt: skip
        spec = GenerateSpec(prompts=pool, model=HubModel(repo="a/b", revision="c"), seed=seed)
        sides.append(tiny.finished(ws, spec, responses=tables.build("responses", rows)))
    judge = JudgeSpec(candidate=sides[0], reference=sides[1], judge=Call(name="gold"))
    rows = [{"prompt_id": p, "candidate_id": n, "reference_id": 10 + n, "sample": 0, "turn": 1, "order": "unordered",
             "attempt": 1, "status": "ok", "preference": 0.5} for n, p in enumerate(asked)]  # fmt: skip
    run = tiny.finished(ws, judge, judgements=tables.build("judgements", rows))
    opened = open_index(ws)
    found = queries_review.items(opened, [run]).sort_values("candidate_id")
    opened.close()
    assert found["longer"].tolist() == [5, 0]
    assert found["identical"].tolist() == [False, True]
    assert found["strategy"].unique().tolist() == [sides[0]]


def test_the_strategy_is_the_one_that_chose_what_the_model_was_trained_on(ws: Workspace, world: World) -> None:
    assert queries_review.strategy(ws, world.candidate) == "top"
    assert queries_review.strategy(ws, world.load) == "pool.jsonl"
    runs.delete(ws, world.select)
    assert queries_review.strategy(ws, world.candidate) == queries_review.GONE


def test_answers_from_a_file_go_by_the_author_that_it_names(ws: Workspace, tmp_path: Path) -> None:
    """Every model of a leaderboard has a model_outputs.json."""
    rows = [annotation(n, 1.0) for n in range(2)]
    ((one, _),) = imported(ws, written(tmp_path, "annotations.json", rows))
    assert queries_review.strategy(ws, one.spec.candidate) == rows[0]["generator_2"]


def test_several_runs_are_read_together(ws: Workspace, index: Index, world: World) -> None:
    spec = JudgeSpec(candidate=world.baseline, reference=world.candidate, judge=Call(name="gold"))
    given = ws.table(world.judge, "judgements")
    names = ["reference_id" if n == "candidate_id" else "candidate_id" if n == "reference_id" else n
             for n in given.column_names]  # fmt: skip
    other = tiny.finished(ws, spec, judgements=given.rename_columns(names))
    index.refresh()
    found = queries_review.items(index, [world.judge, other])
    assert found.groupby("run").size().to_dict() == {world.judge: 20, other: 20}
    judges = found.groupby("run")["judge"].unique().map(list)
    assert judges.to_dict() == {world.judge: ["pairwise (m)"], other: ["gold"]}
    longer = {run: part.set_index("prompt_id")["longer"] for run, part in found.groupby("run")}
    assert (longer[world.judge] == -longer[other]).all()


def test_answers_that_were_deleted_leave_the_verdicts_readable(ws: Workspace, index: Index, world: World) -> None:
    runs.delete(ws, world.baseline)
    index.refresh()
    found = queries_review.items(index, [world.judge])
    assert len(found) == 20 and found["longer"].isna().all()
    assert len(queries_review.asked(index, found, np.arange(3))) == 3


def test_the_order_keeps_what_is_inside_and_puts_what_is_unknown_last(index: Index, world: World) -> None:
    found = queries_review.items(index, [world.judge])
    inside = np.arange(20) % 2 == 0
    assert not {"grade, low first", "long answers first"} & set(queries_review.orders(found))
    for order in queries_review.orders(found):
        assert sorted(queries_review.ordered(found, inside, order)) == list(range(0, 20, 2))
    by = found["preference"].to_numpy()[queries_review.ordered(found, np.ones(20, bool), "score, high first")]
    assert np.isnan(by[-4:]).all() and (np.diff(by[:-4]) <= 0).all()


def test_the_prompts_of_a_page_are_those_of_its_rows(ws: Workspace, index: Index, world: World) -> None:
    found = queries_review.items(index, [world.judge])
    rows = np.array([7, 3, 3, 11])
    truth = {row["prompt_id"]: row["prompt"][0]["content"] for row in ws.table(world.load, "prompts").to_pylist()}
    assert queries_review.asked(index, found, rows) == [truth[found["prompt_id"].iloc[row]] for row in rows]


def test_an_items_name_leads_back_to_it(index: Index, world: World) -> None:
    found = queries_review.items(index, [world.judge])
    for row in (0, 9, 19):
        name = queries_review.name(found.iloc[row].to_dict())
        assert queries_review.find(found, name) == queries_review.find(found, name.rpartition(".")[0]) == row


def test_an_answer_that_was_compared_with_two_others_is_two_items(index: Index, world: World) -> None:
    found = queries_review.items(index, [world.judge]).iloc[:2]
    found = found.assign(candidate_id=found["candidate_id"].iloc[0])
    names = [queries_review.name(row) for row in found.to_dict("records")]
    assert [queries_review.find(found, name) for name in names] == [0, 1]


@pytest.mark.parametrize("name", ["", "judge", "judge-1.xyz", "judge-000000000000.0000000000000001", "..", "x.1.y"])
def test_a_name_of_nothing_leads_nowhere(index: Index, world: World, name: str) -> None:
    assert queries_review.find(queries_review.items(index, [world.judge]), name) is None


def test_an_opened_item_has_both_texts_and_every_attempt(index: Index, world: World) -> None:
    found = queries_review.items(index, [world.judge])
    (flip,) = np.flatnonzero(found["failure"].notna())[:1]
    item = queries_review.opened(index, found.iloc[flip].to_dict())
    assert item.preference is None
    assert [(a["order"], a["status"]) for a in item.attempts] == [
        ("candidate_first", "ok"),
        ("reference_first", "unparsable"),
    ]
    assert item.prompt and [len(turn) for turn in item.turns] == [2]


def test_a_prompt_of_two_benchmarks_keeps_the_category_of_each(ws: Workspace) -> None:
    judged = {}
    for number, category in enumerate(("koala", "", "vicuna")):
        pool = tiny.pool(ws, [("say", f"one {number}", "two")])
        prompts = [row | {"category": category or None} for row in ws.table(pool, "prompts").to_pylist()]
        ws.write_table(pool, "prompts", tables.build("prompts", prompts))
        ids = [row["response_id"] for row in ws.table(pool, "responses").to_pylist()]
        rows = [{"prompt_id": prompts[0]["prompt_id"], "candidate_id": ids[0], "reference_id": ids[1], "sample": 0,
                 "turn": 1, "order": "unordered", "attempt": 1, "status": "ok", "preference": 0.5}]  # fmt: skip
        spec = JudgeSpec(candidate=pool, reference=pool, judge=Call(name="gold"))
        judged[tiny.finished(ws, spec, judgements=tables.build("judgements", rows))] = category
    opened = open_index(ws)
    found = queries_review.items(opened, list(judged)).set_index("run")["category"]
    opened.close()
    assert found.fillna("").to_dict() == judged


@pytest.fixture
def graded(ws: Workspace) -> str:
    """Two questions of two turns, the first with reference answers: grades 9, 2 and 5, none."""
    asked = judged_world.questions(ws, 2, turns=2)
    rows = [
        row | {"reference": f"right {n}" if n < 2 else None}
        for n, row in enumerate(ws.table(asked, "prompts").to_pylist())
    ]
    ws.write_table(asked, "prompts", tables.build("prompts", rows))
    said = judged_world.answers(ws, asked, "tuned", 1)
    return judged_world.judge(ws, Call(name="mt_bench", args={"model": "m"}), said, None, [9, 2, 5, None])


def test_graded_answers_have_a_grade_and_a_length_of_their_own(ws: Workspace, graded: str) -> None:
    index = open_index(ws)
    found = queries_review.items(index, [graded]).sort_values("candidate_id")
    index.close()
    assert "preference" not in found and "longer" not in found
    assert found["grade"].fillna(0).tolist() == [9, 2, 5, 0]
    assert found["characters"].tolist() == [len("tuned 0")] * 4
    assert not found["identical"].any()
    assert found["failure"].fillna("").tolist() == ["", "", "", "unparsable"]
    assert found["category"].tolist() == ["writing", "writing", "math", "math"]
    assert found["turn"].tolist() == [1, 2, 1, 2]


def test_an_opened_grade_has_the_conversation_before_it_and_the_right_answers(ws: Workspace, graded: str) -> None:
    index = open_index(ws)
    found = queries_review.items(index, [graded]).sort_values("candidate_id")
    first, second, *_, last = (queries_review.opened(index, row) for row in found.to_dict("records"))
    index.close()
    assert (first.grade, second.grade, last.grade, second.preference) == (9, 2, None, None)
    assert first.turns == [("tuned 0",)]
    assert second.turns == [("tuned 0",), ("tuned 1",)]
    assert second.right == ["right 0", "right 1"] and last.right == [None, None]
    assert [message["content"] for message in second.prompt] == ["question 0, turn 1", "question 0, turn 2"]
    assert [attempt["grade"] for attempt in second.attempts] == [2]


def test_an_opened_comparison_of_a_later_turn_has_what_both_sides_said_before(ws: Workspace) -> None:
    asked = judged_world.questions(ws, 1, turns=2)
    ours, theirs = (judged_world.answers(ws, asked, title, seed) for seed, title in ((1, "ours"), (2, "theirs")))
    run = judged_world.judge(ws, judged_world.pairwise("m"), ours, theirs, [1.0, 0.0])
    index = open_index(ws)
    found = queries_review.items(index, [run])
    (later,) = found[found["turn"] == 2].to_dict("records")
    assert queries_review.opened(index, later).turns == [("ours 0", "theirs 0"), ("ours 1", "theirs 1")]
    index.close()


def test_grades_are_ordered_by_grade_and_by_length(ws: Workspace, graded: str) -> None:
    index = open_index(ws)
    found = queries_review.items(index, [graded])
    index.close()
    assert queries_review.orders(found) == [
        "prompt", "grade, low first", "grade, high first", "long answers first", "short answers first",
    ]  # fmt: skip
    rows = queries_review.ordered(found, np.ones(4, bool), "grade, low first")
    assert found["grade"].iloc[rows].tolist()[:3] == [2, 5, 9]


def test_graded_answers_that_were_deleted_leave_the_grades_readable(ws: Workspace, graded: str) -> None:
    runs.delete(ws, ws.spec(graded).candidate)
    index = open_index(ws)
    found = queries_review.items(index, [graded])
    index.close()
    assert len(found) == 4 and found["characters"].isna().all() and found["grade"].notna().sum() == 3
    known = facets.of_items(found)
    assert (known["characters"].codes == -1).all() and (known["grade"].codes >= 0).sum() == 3


def test_recorded_grades_are_counted_as_their_file_has_them(ws: Workspace, shared: Path) -> None:
    folder = shared / "mt_bench"
    said = folder / "model_judgment" / "gpt-4_single.jsonl"
    ((made, _),) = imported(ws, said, folder / "model_answer" / "phi-3-dpo.jsonl", folder / "question.jsonl")
    for run in ws.run_ids():
        ws.write_json(ws.folder(run) / "result.json", {"outcome": "finished", "summary": {}})
    index = open_index(ws)
    found = queries_review.items(index, [made.spec.id])
    index.close()
    rows = [row for _, row in files.placed_rows(said)]
    bars = facets.bars(facets.of_items(found), "grade", {"turn": ["2"]})
    scores = Counter(row["score"] for row in rows if row["turn"] == 2)
    assert dict(zip(map(int, bars["label"]), bars["items"], strict=True)) == {n: scores[n] for n in range(1, 11)}
    assert len(found) == len(rows) == 160
