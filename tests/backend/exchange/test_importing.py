"""Recorded verdicts become judge runs with the figures that the official tools print from the same files."""

from __future__ import annotations

import csv
from collections import Counter
from dataclasses import asdict
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from backend import files
from backend.errors import BadData, BadInput
from backend.report import alpaca, alpaca_files, arena, mt_bench
from backend.report.arena_files import from_judgments
from backend.workspace import Workspace
from tests.backend.exchange import recordings as rec


def statuses(ws: Workspace, run: str) -> dict[str, int]:
    found = ws.table(run, "judgements")["status"].to_pylist()
    return {name: found.count(name) for name in sorted(set(found))}


def said_instead(ws: Workspace, run: str) -> set[str]:
    return {row["explanation"] for row in ws.table(run, "judgements").to_pylist() if row["status"] != "ok"}


def test_annotations_become_a_run_of_the_same_figures(ws: Workspace, tmp_path: Path) -> None:
    """p = 1, 0, ½ (written as 0 once), ¼; one null with a text, one without: (1 + 0 + ½ + ½ + ¼) / 5."""
    given = [2, 1, 1.5, 0, 1.25]
    rows = [rec.annotation(n, p, price_per_example=0.25, time_per_example=2.0) for n, p in enumerate(given)]
    rows += [rec.annotation(5, None, raw={"message": {"content": "who knows"}}), rec.annotation(6, None)]
    ((one, summary),) = rec.imported(ws, rec.written(tmp_path, "annotations.json", rows))
    found = summary.facts["official"]
    assert found["win_rate"] == pytest.approx(45.0)
    assert [found[k] for k in ("n_wins", "n_wins_base", "n_draws", "n_total", "n_failed")] == [1, 2, 2, 5, 2]
    assert statuses(ws, one.spec.id) == {"ok": 5, "unparsable": 2}
    assert said_instead(ws, one.spec.id) == {
        "who knows",
        "the file records the preference null and no reply, no verdict.",
    }
    assert (one.title, summary.complete, summary.facts["calls"]) == ("ours against base, recorded", False, 0)
    assert summary.facts["cost"] == 1.25
    table = ws.table(one.spec.id, "judgements").to_pylist()
    assert {row["judge"] for row in table} == {"judge-1"} and {row["seconds"] for row in table} == {2.0, None}
    assert {row["category"] for row in ws.table(one.spec.candidate, "prompts").to_pylist()} == {"d"}


@pytest.mark.parametrize("official_order", [True, False])
def test_the_order_shown_is_the_one_that_the_completions_confirm(
    ws: Workspace, tmp_path: Path, official_order: bool
) -> None:
    given = [1.0, 2.0, 1.0, 1.0, 2.0, 2.0, 1.0, 2.0]
    rows = [rec.annotation(n, p, raw=rec.completion(n, p, official_order=official_order)) for n, p in enumerate(given)]
    ((one, summary),) = rec.imported(ws, rec.written(tmp_path, "annotations.json", rows))
    orders = set(ws.table(one.spec.id, "judgements")["order"].to_pylist())
    assert orders == ({"candidate_first", "reference_first"} if official_order else {"reference_first"})
    assert not any("something else" in note for note in summary.facts["notes"])


def test_what_was_recorded_counts_where_the_completion_says_something_else(ws: Workspace, tmp_path: Path) -> None:
    rows = [rec.annotation(n, 1.0, raw=rec.completion(n, 2.0 if n == 3 else 1.0)) for n in range(8)]
    ((_, summary),) = rec.imported(ws, rec.written(tmp_path, "annotations.json", rows))
    assert summary.facts["official"]["win_rate"] == 0
    assert "1 of 8 replies say something else than was recorded, which counts." in summary.facts["notes"]


def test_without_completions_nothing_is_said_of_places(ws: Workspace, tmp_path: Path) -> None:
    ((one, summary),) = rec.imported(ws, rec.written(tmp_path, "a.json", [rec.annotation(n, 2.0) for n in range(3)]))
    assert set(ws.table(one.spec.id, "judgements")["order"].to_pylist()) == {"unordered"}
    assert any("order in which the answers were shown is not known" in note for note in summary.facts["notes"])


def test_a_file_of_several_models_becomes_a_run_for_each_and_one_load_of_the_baseline(
    ws: Workspace, tmp_path: Path
) -> None:
    rows = [rec.annotation(n, p, generator_2=who, output_2=f"{who} {n}")
            for who, p in (("a", 1.0), ("b", 2.0)) for n in range(3)]  # fmt: skip
    made = rec.imported(ws, rec.written(tmp_path, "annotations.json", rows))
    assert [(one.recording.candidate, rec.official((one, s))["win_rate"]) for one, s in made] == [
        ("a", 0.0),
        ("b", 100.0),
    ]
    assert len({one.spec.reference for one, _ in made}) == 1
    assert [s.facts["items"] for _, s in made] == [3, 3]


def test_two_answers_of_one_model_to_one_instruction_are_refused(ws: Workspace, tmp_path: Path) -> None:
    rows = [rec.annotation(0, 1.0), rec.annotation(0, 2.0, output_2="another")]
    with pytest.raises(BadData, match=r"row 2 holds a second answer of 'ours' to 'say 0'"):
        rec.imported(ws, rec.written(tmp_path, "annotations.json", rows))


@pytest.mark.parametrize(("change", "why"), [
    ({"preference": 3}, "row 2: preference is 3"), ({"output_2": None}, "row 2 has no output_2"),
    ({"generator_1": None}, "row 2 has no generator_1"), ({"output_1": 7}, "row 2: output_1 is '7'"),
])  # fmt: skip
def test_a_row_that_cannot_be_read_is_named(ws: Workspace, tmp_path: Path, change: dict[str, Any], why: str) -> None:
    file = rec.written(tmp_path, "annotations.json", [rec.annotation(0, 1.0), rec.annotation(1, 1.0) | change])
    with pytest.raises(BadData, match=why):
        rec.imported(ws, file)


def test_repeated_rows_are_said_and_the_last_counts(ws: Workspace, tmp_path: Path) -> None:
    rows = [rec.annotation(0, 1.0), rec.annotation(1, 1.0), rec.annotation(0, 2.0)]
    ((_, summary),) = rec.imported(ws, rec.written(tmp_path, "annotations.json", rows))
    assert summary.facts["official"]["win_rate"] == 50
    assert any(note.startswith("1 rows repeat an item") for note in summary.facts["notes"])


def test_grades_are_the_tables_and_absent_rows_are_no_failures(ws: Workspace, tmp_path: Path) -> None:
    """8 answers, 5 rows of which one repeats and one has no grade: (7 + 3.5 + 9) / 3 of 4 items."""
    rows = [
        rec.grade(0, 1, 2),
        rec.grade(0, 1, 7),
        rec.grade(0, 2, 3.5),
        rec.grade(1, 1, -1, "I cannot say."),
        rec.grade(2, 2, 9),
    ]
    file = rec.written(tmp_path, "gpt-4_single.jsonl", rows)
    ((one, summary),) = rec.imported(ws, file, *rec.conversations(tmp_path, "ours"))
    (table,) = mt_bench.grade_table([mt_bench.grade(p, r) for p, r in files.placed_rows(file)], {81: "writing",
                                    82: "math", 83: "writing"})  # fmt: skip
    found = summary.facts["official"]
    assert (found["turn_1"], found["turn_2"], found["average"], found["n"], found["n_failed"]) == (7, 6.25, 6.5, 3, 1)
    assert {**table.row(), "n_duplicates": 0} == {"model": "ours", **found}
    assert statuses(ws, one.spec.id) == {"ok": 3, "refused": 1}
    assert any("no row on 4 of the answers" in note for note in summary.facts["notes"])


def test_matches_are_the_table_also_where_rows_name_the_two_the_other_way_round(ws: Workspace, tmp_path: Path) -> None:
    rows = [
        rec.match(0, 1, "model_1", "model_1"),
        rec.match(0, 2, "model_1", "model_2"),
        rec.match(1, 1, "tie", "tie"),
        rec.match(1, 2, "model_1", "error"),
        rec.match(2, 1, "model_1", "model_1", ("theirs", "ours")),
        rec.match(3, 1, "model_2", "tie", ("theirs", "ours")),
    ]
    file = rec.written(tmp_path, "gpt-4_pair.jsonl", rows)
    ((one, summary),) = rec.imported(ws, file, *rec.conversations(tmp_path, "ours", "theirs"))
    (table,) = mt_bench.match_table([mt_bench.match(p, r) for p, r in files.placed_rows(file)])
    found = summary.facts["official"]
    assert {"model_1": "ours", "model_2": "theirs", **found} == asdict(table)
    assert [found[k] for k in ("win", "loss", "tie", "inconsistent", "errors")] == [1, 1, 3, 2, 1]
    assert statuses(ws, one.spec.id) == {"ok": 11, "unparsable": 1}, "nothing failed in transport here"
    (why,) = [note for note in summary.facts["notes"] if "could not be read" in note]
    assert why.endswith("because the file records the winner 'error' and the reply $ERROR$, no verdict.")
    assert not any("something else" in note for note in summary.facts["notes"])


@pytest.mark.parametrize(("version", "n"), [("v0.1", 15), ("v2.0", 14)])
def test_arena_rows_are_the_leaderboard(ws: Workspace, tmp_path: Path, version: str, n: int) -> None:
    """The model is B in game 1. Battles: 3 + 3 lost, 1 + 1 won, 3 + 3 won; v0.1 counts the last tie."""
    labels = [("A>>B", "B>>A"), ("B>A", "A>B"), ("B>>A", "A>>B"), ("A=B", None)]
    file = rec.written(tmp_path, "ours.jsonl", [rec.battle(i, *both, version) for i, both in enumerate(labels)])
    ((one, summary),) = rec.imported(ws, file, *rec.arena_answers(tmp_path, "ours", "base"))
    seen = from_judgments(files.placed_rows(file), "base")
    (row,) = [asdict(r) for r in arena.leaderboard(seen, "base") if r.model == "ours"]
    found = summary.facts["official"]
    assert (found["n"], found["n_null"], one.reference) == (n, 1, "base")
    assert found["score"] == pytest.approx(row["score"], abs=1e-9)
    assert found["score"] == pytest.approx(100 * (8.5 / 15 if version == "v0.1" else 8 / 14))


def test_verdicts_without_their_answers_say_whose_are_missing(ws: Workspace, tmp_path: Path) -> None:
    file = rec.written(tmp_path, "single.jsonl", [rec.grade(0, 1, 5), rec.grade(0, 1, 5, model="other")])
    with pytest.raises(BadInput, match="verdicts on 'ours', but no answers; give these as well: model_answer/ours"):
        rec.imported(ws, file)
    ((one, _),) = rec.imported(ws, file, *rec.conversations(tmp_path, "other"))
    assert one.recording.candidate == "other"
    with pytest.raises(BadInput, match="need its questions"):
        rec.imported(ws, file, rec.conversations(tmp_path, "other")[1])
    with pytest.raises(BadData, match="holds no verdicts"):
        rec.imported(ws, rec.conversations(tmp_path, "other")[1])


@pytest.mark.parametrize("judge", ["", "gpt-4"])
def test_answers_in_the_official_folder_are_found_there(ws: Workspace, tmp_path: Path, judge: str) -> None:
    rec.conversations(tmp_path, "ours", "theirs")
    (tmp_path / "model_answer").mkdir()
    (tmp_path / "ours.jsonl").rename(tmp_path / "model_answer" / "ours.jsonl")
    (tmp_path / "theirs.jsonl").rename(tmp_path / "model_answer" / "theirs.jsonl")
    file = rec.written(tmp_path / "model_judgment" / judge, "pair.jsonl", [rec.match(0, 1, "model_1", "model_1")])
    ((one, summary),) = rec.imported(ws, file)
    assert (one.recording.candidate, one.reference, summary.facts["official"]["win"]) == ("ours", "theirs", 1)
    single = [rec.grade(0, 1, 5), rec.grade(0, 1, 7, model="theirs"), rec.grade(0, 1, 9, model="gone")]
    found = rec.imported(ws, rec.written(tmp_path / "model_judgment" / judge, "single.jsonl", single))
    assert [one.recording.candidate for one, _ in found] == ["ours", "theirs"]


def test_a_model_with_fewer_answers_stands_in_the_same_comparison(ws: Workspace, tmp_path: Path) -> None:
    rows = [
        rec.annotation(n, 1.0, generator_2=who, output_2=f"{who} {n}")
        for who, n in (("few", 1), ("all", 0), ("all", 1))
    ]
    made = rec.imported(ws, rec.written(tmp_path, "annotations.json", rows))
    assert [(one.recording.candidate, s.facts["items"]) for one, s in made] == [("all", 2), ("few", 1)]
    assert len({one.spec.reference for one, _ in made}) == 1
    other = [rec.annotation(0, 1.0, generator_2="else", output_2="e", output_1="another answer")]
    ((one, _),) = rec.imported(ws, rec.written(tmp_path, "other.json", other))
    assert one.spec.reference != made[0][0].spec.reference


def test_verdicts_on_runs_that_are_here_need_no_files(ws: Workspace, tmp_path: Path) -> None:
    file = rec.written(tmp_path, "single.jsonl", [rec.grade(0, 1, 5), rec.grade(3, 2, 6)])
    ((first, _),) = rec.imported(ws, file, *rec.conversations(tmp_path, "ours"))
    ((again, summary),) = rec.imported(ws, file, runs={"ours": first.spec.candidate})
    assert (again.spec, summary.facts["official"]["average"]) == (first.spec, 5.5)


def test_raters_of_both_orders_are_orders_where_they_make_up_the_score(ws: Workspace, tmp_path: Path) -> None:
    """(1 + 0) / 2 is the score of the first, order by order; the second's rater says something else: one verdict."""

    def example(n: int, score: float, *raters: tuple[float, bool]) -> dict[str, object]:
        said = [{"score": s, "is_flipped": f, "rationale": f"because {s}"} for s, f in raters]
        return {"input_text": f"q{n}", "tags": ["t"], "output_text_a": f"a{n}", "output_text_b": f"b{n}",
                "score": score, "individual_rater_scores": said}  # fmt: skip

    examples = [example(0, 0.5, (1, False), (0, True)), example(1, -1, (1.0, False)), example(2, 1.5)]
    document = {"metadata": {}, "models": [{"name": "new"}, {"name": "old"}], "examples": examples}
    ((one, summary),) = rec.imported(ws, rec.written(tmp_path, "v.json", document))
    assert (one.recording.candidate, one.reference) == ("new", "old")
    rows = sorted((r["order"], r["preference"]) for r in ws.table(one.spec.id, "judgements").to_pylist())
    assert rows == [("candidate_first", 1.0), ("reference_first", 0.5), ("unordered", 0.0), ("unordered", 1.0)]
    assert summary.facts["official"]["win_rate"] == pytest.approx(100 * (0.75 + 0 + 1) / 3)
    assert any("beyond 1" in note for note in summary.facts["notes"])


def test_every_model_of_the_leaderboard_keeps_its_figures(ws: Workspace, shared: Path) -> None:
    with (shared / "alpaca_eval" / "leaderboard.csv").open() as file:
        published = {row["model"]: float(row["win_rate"]) for row in csv.DictReader(file)}
    for path in sorted((shared / "alpaca_eval").glob("*/annotations.json.gz")):
        ((one, summary),) = rec.imported(ws, path)
        (report,) = alpaca.summaries(alpaca_files.read_annotations([path]), None)
        found = summary.facts["official"]
        assert found["win_rate"] == pytest.approx(published[path.parent.name], abs=1e-6)
        drawn = ("length_matched_lower", "length_matched_upper")  # a bootstrap, here over rows in another order
        same = {name: value for name, value in report.items() if name not in ("model", "notes", *drawn)}
        assert {name: value for name, value in found.items() if name not in drawn} == {
            name: pytest.approx(value, abs=1e-9) if isinstance(value, float) else value for name, value in same.items()
        }
        assert not any("something else" in note for note in summary.facts["notes"])
        rows = ws.table(one.spec.id, "judgements")
        raw = any(r.get("raw_completion") for _, r in files.placed_rows(path))
        assert ("unordered" in rows["order"].to_pylist()) != raw


@pytest.mark.parametrize("kind", ["single", "pair"])
def test_the_recorded_mt_bench_tables_come_back(ws: Workspace, shared: Path, kind: str) -> None:
    folder = shared / "mt_bench"
    file = folder / "model_judgment" / f"gpt-4_{kind}.jsonl"
    beside = [folder / "question.jsonl", *(folder / "model_answer").glob("*.jsonl")]
    ((_, summary),) = rec.imported(ws, file, *beside)
    rows = list(files.placed_rows(file))
    of = mt_bench.categories(files.placed_rows(folder / "question.jsonl"))
    found = summary.facts["official"]
    if kind == "single":
        (table,) = mt_bench.grade_table([mt_bench.grade(*row) for row in rows], of)
        assert {"model": table.model, **found} == table.row()
    else:
        (pair,) = mt_bench.match_table([mt_bench.match(*row) for row in rows])
        assert {"model_1": pair.model_1, "model_2": pair.model_2, **found} == pair.row()
    assert not any("something else" in note for note in summary.facts["notes"])


def test_the_recorded_battles_of_arena_hard_come_back_as_the_published_score(
    ws: Workspace, shared: Path, tmp_path: Path
) -> None:
    """A model's battle rows as the two labels that make as many of them, on stand-in answers."""
    counted: dict[str, Counter[str]] = {}
    for _, row in files.placed_rows(shared / "arena_hard" / "battles_v0.1.jsonl.gz"):
        if row["model_b"] == "llama3_70b":
            counted.setdefault(row["question_id"], Counter())[row["winner"]] += 1
    made = {label: Counter({winner: count}) for label, winner, count in (
        ("A>>B", "model_a", 3), ("A>B", "model_a", 1), ("A=B", "tie", 1), ("B>A", "model_b", 1), ("B>>A", "model_b", 3)
    )} | {None: Counter()}  # fmt: skip
    swapped = {"A>>B": "B>>A", "A>B": "B>A", "B>A": "A>B", "B>>A": "A>>B"}
    judgments = []
    for question, battles in counted.items():
        one, two = next(pair for pair in product(made, repeat=2) if made[pair[0]] + made[pair[1]] == battles)
        games = [{"judgment": f"[[{x}]]", "score": x} for x in (one, swapped.get(two, two))]
        judgments.append({"question_id": question, "model": "llama3_70b", "judge": "gpt-4", "games": games})
    file = rec.written(tmp_path, "verdicts.jsonl", judgments)
    answers = [
        rec.written(tmp_path, f"{who}.jsonl", [
            {"question_id": q, "model_id": who, "choices": [{"turns": [{"content": f"{who} {q}"}]}]} for q in counted
        ])
        for who in ("llama3_70b", "gpt-4-0314")
    ]  # fmt: skip
    ((_, summary),) = rec.imported(ws, file, *answers, shared / "arena_hard" / "question_v0.1.jsonl")
    with (shared / "arena_hard" / "leaderboard_v0.1.csv").open() as table:
        published = {row["model"]: float(row["score"]) for row in csv.DictReader(table)}["llama3_70b"]
    assert summary.facts["official"]["n"] == sum(map(Counter.total, counted.values()))
    assert summary.facts["official"]["score"] == pytest.approx(published, abs=0.005)
