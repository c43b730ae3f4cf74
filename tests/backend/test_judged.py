"""Which judge runs may be set beside each other, and what their items say."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from backend import judged, tables
from backend.registry import Call
from backend.report.outcomes import outcomes
from backend.report.slices import slices
from backend.report.win_fractions import win_fractions
from backend.specs import MeasureSpec, RunModel
from backend.workspace import Workspace
from tests import tiny
from tests.backend.exchange.recordings import annotation, imported, written
from tests.judged_world import answers, judge, pairwise, questions


@pytest.fixture
def sides(ws: Workspace) -> list[str]:
    """The answers called base, one and two."""
    asked = questions(ws)
    return [answers(ws, asked, title, seed) for seed, title in enumerate(("base", "one", "two"))]


def test_a_judge_is_the_same_wherever_its_endpoint_is(ws: Workspace, sides: list[str]) -> None:
    base, one, two = sides
    runs = [judge(ws, pairwise("gpt", port), who, base, [1, 1, 0, 0]) for port, who in ((1, one), (2, two))]
    (contest,) = judged.contests(ws, runs)
    assert (contest.judge, contest.reference, contest.title) == (
        "pairwise (gpt)",
        "base",
        "pairwise (gpt) against base",
    )
    assert contest.runs == {"one": {0: runs[0]}, "two": {0: runs[1]}}
    assert contest.every_run == runs


def test_another_model_reference_or_setting_is_another_contest(ws: Workspace, sides: list[str]) -> None:
    base, one, two = sides
    strict = Call(name="pairwise", args={**pairwise("gpt").args, "both_orders": False})
    asked = ((pairwise("gpt"), base), (pairwise("llama"), base), (pairwise("gpt"), two), (strict, base))
    runs = [judge(ws, call, one, reference, [1, 1, 0, 0]) for call, reference in asked]
    titles = {contest.title for contest in judged.contests(ws, runs)}
    plain, other = "pairwise (gpt, both_orders None)", "pairwise (gpt, both_orders False)"
    assert titles == {f"{plain} against base", f"{plain} against two", f"{other} against base",
                      "pairwise (llama) against base"}  # fmt: skip


def test_a_model_that_the_run_serves_is_named_as_everywhere(ws: Workspace, sides: list[str]) -> None:
    """Two commits of one model are two judges; a folder is known by its content."""
    base, one, _ = sides
    models = [{"repo": "org/modèle", "revision": revision * 40} for revision in "ab"] + [{"sha256": "c" * 64}]
    runs = [judge(ws, Call(name="pairwise", args={"model": model}), one, base, [1, 1, 0, 0]) for model in models]
    names = ["org/modèle@aaaaaaaaaaaa", "org/modèle@bbbbbbbbbbbb", "model@cccccccc"]
    assert [contest.judge for contest in judged.contests(ws, runs)] == [f"pairwise ({name})" for name in names]


def test_verdicts_of_one_judge_in_several_files_are_one_contest(ws: Workspace, sides: list[str]) -> None:
    """Who judged is what the files say; where they do not say it, each may have a judge of its own."""
    base, one, two = sides
    files = [Call(name="recorded_alpaca", args={"file": digit * 64, "suffix": "json"}) for digit in "ab"]
    named, silent = ([judge(ws, file, who, base, [1, 1, 0, 0], by=by) for file, who in zip(files, them, strict=True)]
                     for by, them in (("gpt", (one, two)), (None, (two, one))))  # fmt: skip
    assert [(contest.judge, [*contest.runs]) for contest in judged.contests(ws, named)] == [
        ("recorded_alpaca (gpt)", ["one", "two"])
    ]
    assert [[*contest.runs] for contest in judged.contests(ws, silent)] == [["two"], ["one"]]


def test_chosen_and_rejected_answers_of_one_dataset_are_two_references(ws: Workspace, sides: list[str]) -> None:
    base, one, _ = sides
    runs = [judge(ws, pairwise("gpt"), one, base, values, side=side)
            for side, values in (("chosen", [0, 0, 0, 0]), ("rejected", [1, 1, 1, 1]))]  # fmt: skip
    found = judged.contests(ws, runs)
    assert [(contest.reference, [*contest.runs]) for contest in found] == [
        ("base (chosen)", ["one"]),
        ("base (rejected)", ["one"]),
    ]
    assert judged.by_judge(ws, runs)["pairwise (gpt)"]["against"].unique().tolist() == [
        "base (chosen)",
        "base (rejected)",
    ]


@pytest.mark.parametrize("values", [[None, None, None, None], []], ids=["all failed", "nothing asked"])
def test_a_run_without_a_verdict_is_read(ws: Workspace, sides: list[str], values: list[None]) -> None:
    base, one, _ = sides
    run = judge(ws, pairwise("gpt"), one, base, [None] * 4)
    if not values:
        ws.write_table(run, "judgements", tables.build("judgements", []))
    found = judged.read(ws, run)
    assert len(found) == len(values) and found["value"].isna().all()
    assert all(part.mean is None for by in (None, "category") for part in slices([found], by))
    assert sum(outcomes([found]).values()) == len(values)


def test_two_candidates_that_the_judge_compared_are_direct(ws: Workspace, sides: list[str]) -> None:
    base, one, two = sides
    against_base = [judge(ws, pairwise("gpt"), who, base, [1, 1, 0, 0]) for who in (one, two)]
    between = judge(ws, pairwise("gpt"), one, two, [1, 1, 1, 0])
    first, second = judged.contests(ws, [*against_base, between])
    assert first.direct == {("one", "two"): {0: between}}
    assert (second.reference, second.direct) == ("two", {})


def test_rewards_of_one_model_are_one_judge(ws: Workspace, sides: list[str]) -> None:
    base, one, two = sides

    def reward(run: str, model: str) -> str:
        spec = MeasureSpec(responses=run, measure=Call(name="reward"), model=RunModel(run=model))
        return tiny.finished(ws, spec)

    runs = []
    for who, model in ((one, "train-" + "a" * 12), (two, "train-" + "a" * 12), (two, "train-" + "b" * 12)):
        args = {"candidate_reward": reward(who, model), "reference_reward": reward(base, model), "tie": 0.0}
        runs.append(judge(ws, Call(name="reward_model", args=args), who, base, [1, 1, 0, 0]))
    assert [len(contest.runs) for contest in judged.contests(ws, runs)] == [2, 1]


def test_runs_of_one_name_are_told_apart(ws: Workspace) -> None:
    asked = questions(ws)
    base, *others = (answers(ws, asked, title, seed) for seed, title in enumerate(("base", "tuned", "tuned")))
    runs = [judge(ws, pairwise("gpt"), who, base, [1, 1, 0, 0]) for who in others]
    (contest,) = judged.contests(ws, runs)
    assert set(contest.runs) == {f"tuned ({run[-4:]})" for run in others}, "by the runs of their answers"


def test_references_of_one_name_are_told_apart(ws: Workspace) -> None:
    asked = questions(ws)
    tuned, *starts = (answers(ws, asked, title, seed) for seed, title in enumerate(("tuned", "start", "start")))
    runs = [judge(ws, pairwise("gpt"), tuned, start, [1, 1, 0, 0]) for start in starts]
    titles = {contest.title for contest in judged.contests(ws, runs)}
    assert titles == {f"pairwise (gpt) against start ({start[-4:]})" for start in starts}


def test_the_same_answers_in_two_runs_are_one_reference(ws: Workspace, sides: list[str]) -> None:
    """A copy that lacks a question is one with the whole; a run that differs in one answer is another."""
    base, one, two = sides
    whole = ws.table(base, "responses").to_pylist()
    copy, other = (answers(ws, questions(ws), "base", seed) for seed in (7, 8))
    ws.write_table(copy, "responses", tables.build("responses", whole[:3]))
    ws.write_table(other, "responses", tables.build("responses", [*whole[:3], whole[3] | {"response_id": 99}]))
    runs = [judge(ws, pairwise("gpt"), one, base, [1, 1, 0, 0]), judge(ws, pairwise("gpt"), two, other, [1, 0, 0, 0])]
    rows = ws.table(runs[0], "judgements").slice(0, 3)
    third = judge(ws, pairwise("gpt"), answers(ws, questions(ws), "three", 3), base, [1, 1, 1, 0])
    spec = ws.spec(third).model_copy(update={"reference": copy})
    runs.append(tiny.finished(ws, spec, judgements=ws.table(third, "judgements").slice(0, len(rows))))
    found = {contest.reference: list(contest.runs) for contest in judged.contests(ws, runs)}
    assert found == {f"base ({base[-4:]})": ["one", "three"], f"base ({other[-4:]})": ["two"]}


def test_one_baseline_that_two_files_recorded_is_one_reference(ws: Workspace, tmp_path: Path) -> None:
    """The second file lacks a row, so that the baseline's answers are loaded twice."""
    files = [written(tmp_path, f"{name}.json", [annotation(n, 2.0, generator_2=name) for n in range(rows)])
             for name, rows in (("one", 5), ("two", 4))]  # fmt: skip
    made = [one.spec for path in files for one, _ in imported(ws, path)]
    assert made[0].reference != made[1].reference
    (contest,) = judged.contests(ws, [spec.id for spec in made])
    assert (contest.reference, list(contest.runs)) == ("base", ["one", "two"])
    heatmap = win_fractions({name: {0: judged.read(ws, run[0])} for name, run in contest.runs.items()}, "base")
    assert {(f.row, f.column): f.share.prompts for f in heatmap}["one", "two"] == 4


def test_items_have_their_verdict_category_and_question(ws: Workspace, sides: list[str]) -> None:
    base, one, _ = sides
    found = judged.read(ws, judge(ws, pairwise("gpt"), one, base, [1, 0.25, None, 0.5]))
    assert found["value"].fillna(-1).tolist() == [1, 0.25, -1, 0.5]
    assert found["category"].tolist() == ["writing", "math", "writing", "math"]
    assert found["question"].tolist() == found["prompt_id"].tolist()
    assert not found["flipped"].any()


def test_both_turns_of_a_conversation_are_one_question_and_a_grade_is_a_value(ws: Workspace) -> None:
    asked = questions(ws, 2, turns=2)
    run = judge(ws, Call(name="mt_bench", args={"model": "gpt"}), answers(ws, asked, "one", 1), None, [8, 6, 4, None])
    found = judged.read(ws, run)
    assert found["value"].fillna(-1).tolist() == [8, 6, 4, -1]
    assert found["turn"].tolist() == [1, 2, 1, 2]
    first = [tables.prompt_id([{"role": "user", "content": f"question {n}, turn 1"}]) for n in (0, 0, 1, 1)]
    assert found["question"].tolist() == first
    (contest,) = judged.contests(ws, [run])
    assert (contest.title, contest.reference) == ("graded by mt_bench (gpt)", None)


def test_verdicts_outlive_the_answers_they_are_on(ws: Workspace, sides: list[str]) -> None:
    base, one, _ = sides
    run = judge(ws, pairwise("gpt"), one, base, [1, 1, 0, 0])
    shutil.rmtree(ws.folder(one))
    (contest,) = judged.contests(ws, [run])
    assert list(contest.runs) == [f"{one} (deleted)"]
    found = judged.read(ws, run)
    assert found["value"].tolist() == [1, 1, 0, 0] and found["category"].isna().all()


def test_the_arms_of_a_study_are_a_contest(ws: Workspace, sides: list[str]) -> None:
    base, one, two = sides
    gold = Call(name="gold")
    arms = {
        "best": {0: judge(ws, gold, one, base, [1, 1, 0, 0])},
        "random": {0: judge(ws, gold, two, base, [1, 0, 0, 0])},
    }
    contest = judged.of_arms(ws, arms)
    assert (contest.title, list(contest.runs), contest.direct) == ("gold against base", ["best", "random"], {})


def test_items_by_judge_name_both_sides(ws: Workspace, sides: list[str]) -> None:
    base, one, two = sides
    runs = [judge(ws, pairwise(model), who, base, [1, 1, 0, 0]) for model in ("gpt", "llama") for who in (one, two)]
    found = judged.by_judge(ws, runs)
    assert set(found) == {"pairwise (gpt)", "pairwise (llama)"}
    for rows in found.values():
        assert rows.groupby("candidate").size().to_dict() == {"one": 4, "two": 4}
        assert set(rows["against"]) == {"base"}
