from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.report.alpaca import Annotations, Questions, benchmark_order, summaries, win_rates
from backend.report.alpaca_files import read_annotations, read_calibration, read_instructions
from backend.report.length_control import Calibration

QUESTIONS = tuple(f"question {number}" for number in range(30))
DIFFICULTY = (np.arange(30) % 11 - 5) / 2.0


def verdicts(
    preferences: list[float] | None = None, questions: tuple[str | None, ...] = QUESTIONS, **changes: object
) -> Annotations:
    """Answers of varied length to `questions`; the preference follows the question's difficulty."""
    number = [int(q.split()[1]) if q else 0 for q in questions]
    values = preferences if preferences is not None else [1 + 1 / (1 + np.exp(-1 - DIFFICULTY[n % 30])) for n in number]
    fields = {
        "model": "m", "baseline": "b", "file": "m.json",
        "preferences": np.array(values, float), "instructions": questions,
        "baseline_outputs": ("x" * 50,) * len(number), "outputs": tuple(f"{n} " + "y" * (7 * n % 40) for n in number),
    }  # fmt: skip
    return Annotations(**{**fields, **changes})  # type: ignore[arg-type]


def questions(order: tuple[str | None, ...] | None = QUESTIONS, **changes: bool) -> Questions:
    return Questions(Calibration(DIFFICULTY, np.array([-1.0, 1]), np.zeros(2), np.array([0.7, 0.3])), order, **changes)


def test_counts_and_rates_by_hand() -> None:
    """p = 1, 0.9, 0.5, 0, and one unreadable: mean 0.6; deviations 0.4, 0.3, −0.1, −0.6: sd² = 0.62/3; (2 + ½)/4."""
    found = win_rates(np.array([2, 1.9, 1.5, 1, np.nan]))
    assert found == {
        "win_rate": pytest.approx(60), "standard_error": pytest.approx(100 * (0.62 / 3) ** 0.5 / 2), "n_wins": 2,
        "n_wins_base": 1, "n_draws": 1, "n_total": 4, "n_failed": 1, "discrete_win_rate": pytest.approx(62.5),
    }  # fmt: skip


def test_too_few_rows_have_no_rate_rather_than_nan() -> None:
    assert win_rates(np.array([2.0]))["standard_error"] is None
    nothing = win_rates(np.array([np.nan]))
    assert [nothing[k] for k in ("win_rate", "discrete_win_rate", "n_total", "n_failed")] == [None, None, 0, 1]


@given(st.lists(st.one_of(st.floats(1, 2), st.just(1.5), st.just(float("nan"))), min_size=2))
def test_the_other_side_has_the_rest(preferences: list[float]) -> None:
    values = np.array(preferences)
    one, other = win_rates(values), win_rates(3 - values)
    assert (one["n_draws"], one["n_total"]) == (other["n_draws"], other["n_total"])
    if one["n_total"]:
        assert one["win_rate"] + other["win_rate"] == pytest.approx(100)  # type: ignore[operator]


def test_without_calibration_the_raw_figures_stand_and_a_note_says_why() -> None:
    [row] = summaries([verdicts()], None)
    assert row["win_rate"] is not None and row["length_controlled_winrate"] is None and row["coefficients"] is None
    assert row["notes"] == [
        "No length-controlled win rate: it needs the two calibration files (--difficulty and --gamed)."
    ]


def test_average_length_counts_characters_not_bytes_and_is_cut() -> None:
    [row] = summaries([verdicts([1.0, 2.0], ("question 0", "question 1"), outputs=("é" * 4, "日本語"))], None)
    assert row["avg_length"] == 3


def test_the_order_of_the_rows_changes_nothing_when_they_are_matched_by_instruction() -> None:
    shuffled = tuple(np.random.default_rng(1).permutation(QUESTIONS).tolist())
    straight, mixed = (summaries([verdicts(questions=q)], questions())[0] for q in (QUESTIONS, shuffled))
    assert straight["length_controlled_winrate"] == pytest.approx(mixed["length_controlled_winrate"], abs=1e-8)
    [by_position] = summaries([verdicts(questions=shuffled)], questions(by_position=True))
    assert by_position["length_controlled_winrate"] != pytest.approx(straight["length_controlled_winrate"], abs=1e-3)


def test_a_missing_row_takes_no_other_questions_difficulty() -> None:
    """Without its first question, by position every later row would be taken for the question before it."""
    [matched] = summaries([verdicts(questions=QUESTIONS[1:])], questions())
    shifted = Questions(questions().calibration, QUESTIONS[1:] + QUESTIONS[:1])
    [by_position] = summaries([verdicts(questions=QUESTIONS[1:])], questions(by_position=True))
    [wrong] = summaries([verdicts(questions=QUESTIONS[1:])], shifted)
    assert matched["n_failed"] == 0
    assert by_position["length_controlled_winrate"] == pytest.approx(wrong["length_controlled_winrate"])
    assert by_position["length_controlled_winrate"] != pytest.approx(matched["length_controlled_winrate"], abs=1e-3)
    assert any("Rows are missing" in note for note in by_position["notes"])


def test_the_order_comes_from_a_complete_file_unless_two_disagree() -> None:
    part, whole = verdicts(questions=QUESTIONS[3:]), verdicts()
    assert benchmark_order([part, whole], 30) == QUESTIONS
    assert benchmark_order([part], 30) is None
    assert benchmark_order([whole, verdicts(questions=QUESTIONS[::-1])], 30) is None
    assert benchmark_order([verdicts(questions=(None,) * 30)], 30) is None


@pytest.mark.parametrize(
    ("of", "asked", "said"),
    [
        (verdicts(), questions(None), "order is not known"),
        (verdicts(), questions(QUESTIONS[:9]), "the benchmark has 9 different instructions, the difficulty file 30"),
        (
            verdicts(questions=(*QUESTIONS[:28], "question 88", None)),
            questions(),
            "2 of 30 instructions are not the bench",
        ),
        (verdicts(questions=QUESTIONS * 2), questions(by_position=True), "m.json has 60 rows, the difficulty file 30"),
        (verdicts(outputs=(None,) * 30), questions(), "30 rows lack output_1 or output_2"),
        (verdicts([float("nan")] * 30), questions(), "no verdict can be read"),
    ],
)
def test_where_length_control_cannot_be_had_a_note_says_why(of: Annotations, asked: Questions, said: str) -> None:
    [row] = summaries([of], asked, resamples=5)
    assert row["length_controlled_winrate"] is None and row["lc_standard_error"] is None and row["lc_lower"] is None
    assert sum(said in note for note in row["notes"]) == 1


def test_the_baseline_against_itself_is_50_by_construction() -> None:
    [row] = summaries([verdicts([1.5] * 30, model="b", outputs=("x" * 50,) * 30)], questions(), resamples=5)
    assert (row["lc_lower"], row["lc_upper"]) == (50, 50)
    assert (row["win_rate"], row["n_draws"], row["length_controlled_winrate"], row["lc_standard_error"]) == (
        50,
        30,
        50,
        0,
    )
    assert row["coefficients"] == {"length": 0, "difficulty": 0, "model": 0}


def test_what_a_reader_should_know_is_noted() -> None:
    [plain] = summaries([verdicts()], questions())
    assert plain["notes"] == []
    [constant] = summaries([verdicts(outputs=("choose me",) * 30, baseline_outputs=tuple(map(str, QUESTIONS)))], None)
    assert "30 of 30 answers are one and the same text" in constant["notes"][0]
    [failed] = summaries([verdicts([2, 1, float("nan"), float("nan")], QUESTIONS[:4])], None)
    assert "2 of 4 verdicts are missing" in failed["notes"][0]
    assert "25.0 if all of them were lost, 75.0 if all were won" in failed["notes"][0]
    [twice] = summaries([verdicts(questions=(*QUESTIONS, QUESTIONS[0]))], None)
    assert "1 rows repeat an instruction" in twice["notes"][0]
    named = [row["notes"][0] for row in summaries([verdicts(), verdicts(file="n.json")], None)]
    assert "this row is m.json against b" in named[0] and "this row is n.json against b" in named[1]


def test_a_jump_of_the_win_rate_is_noted_as_the_official_tool_warns() -> None:
    """Long answers that win by their length alone."""
    lengths = np.arange(30)
    p = 1 / (1 + np.exp(4 * np.tanh((50 - 60 - 20 * lengths) / (20 * lengths).std(ddof=1))))
    [row] = summaries(
        [verdicts((1 + p).tolist(), outputs=tuple(f"{n} " + "y" * (58 + 20 * n) for n in lengths))], questions()
    )
    assert "so far that the fit may be wrong" in row["notes"][-1]


def leaderboard(shared: Path) -> dict[str, dict[str, float]]:
    with (shared / "alpaca_eval" / "leaderboard.csv").open() as file:
        return {
            row.pop("model"): {k: float(v) for k, v in row.items() if v and k != "mode"} for row in csv.DictReader(file)
        }


def test_every_figure_of_the_published_table_is_found(shared: Path) -> None:
    """Raw to 1e-6. Length-controlled within 0.17 points, 0.03 on average: there, single labels turn the choice of C."""
    place = shared / "alpaca_eval"
    calibration = read_calibration(place / "calibration/instruction_difficulty.csv", place / "calibration/df_gamed.csv")
    published = leaderboard(shared)
    models = [name for name in published if (place / name / "annotations.json.gz").exists()]
    every = read_annotations(place / name / "annotations.json.gz" for name in models)
    rows = dict(zip(models, summaries(every, Questions(calibration, None, by_position=True)), strict=True))
    assert len(rows) == 11
    for name, row in rows.items():
        raw = {
            key: value for key, value in published[name].items() if "length_controlled" not in key and key[:2] != "lc"
        }
        assert {key: row[key] for key in raw} == pytest.approx(raw, abs=1e-6), name
        if "lc_standard_error" in published[name]:
            assert row["lc_standard_error"] == pytest.approx(published[name]["lc_standard_error"], abs=0.002)
    off = [abs(row["length_controlled_winrate"] - published[n]["length_controlled_winrate"]) for n, row in rows.items()]
    assert max(off) < 0.17 and np.mean(off) < 0.03


def test_the_one_incomplete_model_is_put_right_by_its_instructions_from_either_source(shared: Path) -> None:
    """alpaca-7b_concise lacks a row: 4.47 is published, 4.67 is right."""
    place = shared / "alpaca_eval"
    calibration = read_calibration(place / "calibration/instruction_difficulty.csv", place / "calibration/df_gamed.csv")
    [concise, claude] = read_annotations(place / n / "annotations.json.gz" for n in ("alpaca-7b_concise", "claude"))
    orders = (
        read_instructions(place / "gpt4_1106_preview" / "model_outputs.json.gz"),
        benchmark_order([concise, claude], 805),
    )
    for order in orders:
        [row] = summaries([concise], Questions(calibration, order))
        assert row["length_controlled_winrate"] == pytest.approx(4.67, abs=0.02)


def test_the_model_that_always_gives_one_answer_is_flagged_and_no_other(shared: Path) -> None:
    every = read_annotations(sorted((shared / "alpaca_eval").glob("*/annotations.json.gz")))
    flagged = [
        row["model"] for row in summaries(every, None) if any("one and the same text" in n for n in row["notes"])
    ]
    assert flagged == ["example"]  # the name that NullModel's file gives
