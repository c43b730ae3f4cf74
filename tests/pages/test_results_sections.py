"""Results beyond the win rates: who beats whom, categories, grades, how items ended, cost, judges."""

from __future__ import annotations

import pandas as pd
import pytest

from backend.registry import Call
from backend.workspace import Workspace
from pages.parts import charts
from tests.judged_world import answers, judge, pairwise, questions
from tests.pages.conftest import Open, words
from tests.pages.test_results import study
from tests.small_world import World

GPT = Call(name="mt_bench", args={"model": "gpt"})


@pytest.fixture
def sides(ws: Workspace) -> list[str]:
    """The answers called base, one and two, to two questions on writing and two on math."""
    asked = questions(ws)
    return [answers(ws, asked, title, seed) for seed, title in enumerate(("base", "one", "two"))]


def numbers(frame: pd.DataFrame, *keys: str) -> dict:
    """The rows of a table by these columns."""
    return frame.set_index(list(keys)).to_dict("index")


def test_the_heatmap_says_what_a_cell_means_and_has_its_numbers(ws: Workspace, page: Open, sides: list[str]) -> None:
    base, one, two = sides
    judge(ws, pairwise("gpt"), one, base, [1, 1, 0.5, 0])
    judge(ws, pairwise("gpt"), two, base, [0, 1, 0.5, None])
    at = page("results", section="Heatmap")
    cells = numbers(at.dataframe[0].value, "row", "column")
    assert (cells["one", "two"]["share"], cells["one", "two"]["n"]) == (pytest.approx(2 / 3), 3)
    assert cells["one", "two"]["how"] == "through the reference"
    assert (cells["one", "base"]["share"], cells["one", "base"]["how"]) == (2.5 / 4, "direct")
    assert "Framed: pairwise (gpt) saw the two side by side. All others are compared through base" in words(at)
    assert "That is no verdict on the two" in words(at)


def test_several_judges_are_never_in_one_heatmap(ws: Workspace, page: Open, sides: list[str]) -> None:
    base, one, two = sides
    for model, who in (("gpt", one), ("gpt", two), ("llama", one)):
        judge(ws, pairwise(model), who, base, [1, 1, 0, 0])
    at = page("results", section="Heatmap", contest="pairwise (llama) against base")
    assert at.selectbox(key="contest").options == [
        "pairwise (gpt) against base · 2 candidates", "pairwise (llama) against base · 1 candidate",
    ]  # fmt: skip
    assert set(at.dataframe[0].value["row"]) == {"one", "base"}


def test_win_rates_of_one_judge_with_two_models_are_said_to_be_incomparable(
    ws: Workspace, page: Open, sides: list[str]
) -> None:
    base, one, two = sides
    here = Call(name="pairwise", args={"model": {"sha256": "c" * 64}})
    for call, who in ((pairwise("gpt"), one), (here, two)):
        judge(ws, call, who, base, [1, 1, 0, 0])
    at = page("results")
    assert "Different judges (pairwise (gpt), pairwise (model@cccccccc))" in words(at)


def test_a_benchmarks_judge_that_the_run_served_has_its_name_in_the_table(ws: Workspace, page: Open) -> None:
    here = Call(name="mt_bench", args={"model": {"sha256": "c" * 64}})
    one = answers(ws, questions(ws, 2), "one", 1)
    judge(ws, here, one, None, [8, 6], official={"average": 7.0})
    at = page("results", section="Benchmarks")
    assert at.dataframe[0].value["judge"].tolist() == ["mt_bench (model@cccccccc)"]


def test_categories_have_their_own_rates_and_counts(ws: Workspace, page: Open, sides: list[str]) -> None:
    base, one, two = sides
    judge(ws, pairwise("gpt"), one, base, [1, 0, 1, 0.5])
    judge(ws, pairwise("gpt"), two, base, [0, 1, None, 1])
    at = page("results", section="Categories")
    rows = numbers(at.dataframe[0].value, "category", "candidate")
    found = {key: (row["win rate against base"], row["n"], row["missing"]) for key, row in rows.items()}
    assert found == {("math", "one"): (0.25, 2, 0), ("math", "two"): (1.0, 2, 0),
                     ("writing", "one"): (1.0, 2, 0), ("writing", "two"): (0.0, 1, 1)}  # fmt: skip


def test_prompts_without_a_category_say_how_to_get_one(page: Open, world: World) -> None:
    assert "None of these prompts has a category" in words(page("results", section="Categories"))


def test_a_radar_needs_three_categories(ws: Workspace, page: Open, sides: list[str]) -> None:
    judge(ws, pairwise("gpt"), sides[1], sides[0], [1, 0, 1, 0.5])
    at = page("results", section="Categories", drawn="Radar")
    assert at.segmented_control(key="drawn").options == ["Points with intervals"]
    assert not at.error


def test_grades_are_shown_with_their_turns_and_what_failed(ws: Workspace, page: Open) -> None:
    """(8 + 6 + 4) / 3 of four answers; turn 1: 8 and 4, turn 2: 6 and a failure."""
    judge(ws, GPT, answers(ws, questions(ws, 2, turns=2), "one", 1), None, [8, 6, 4, None])
    at = page("results", section="Grades")
    rows = numbers(at.dataframe[0].value, "turns")
    assert {turns: (row["mean grade"], row["n"], row["failed"]) for turns, row in rows.items()} == {
        "all turns": (6.0, 3, 1), "turn 1": (6.0, 2, 0), "turn 2": (6.0, 1, 1),
    }  # fmt: skip
    assert "Graded by mt_bench (gpt)" in words(at) and "over 2 questions" in words(at)


def test_a_workspace_of_grades_alone_points_to_them(ws: Workspace, page: Open) -> None:
    judge(ws, GPT, answers(ws, questions(ws), "one", 1), None, [8, 6, 4, 2])
    assert "Nothing is compared yet: see Grades" in words(page("results"))
    rows = numbers(page("results", section="Categories").dataframe[0].value, "category")
    assert (rows["writing"]["mean grade"], rows["math"]["mean grade"]) == (6.0, 4.0)


def test_a_run_without_a_readable_grade_is_named(ws: Workspace, page: Open) -> None:
    judge(ws, GPT, answers(ws, questions(ws), "one", 1), None, [None] * 4)
    assert "No readable grade: one" in words(page("results", section="Grades"))


def test_cost_has_the_estimate_beside_what_it_took(ws: Workspace, page: Open, sides: list[str]) -> None:
    """0.5 dollars for 4 verdicts are 125 for a thousand; the unpriced run is counted, not added."""
    base, one, two = sides
    asked = {"calls": 9, "retries": 1, "reused": 0, "prompt_tokens": 1200, "completion_tokens": 80}
    guess = {"calls": 8, "prompt_tokens": 1000, "cost": 0.75}
    judge(ws, pairwise("gpt"), one, base, [1, 1, 0, 0], **asked, cost=0.5, estimate=guess)
    judge(ws, pairwise("local"), two, base, [1, 1, 0, 0], **asked, cost=None)
    at = page("results", section="Cost")
    rows = at.dataframe[0].value.to_dict("records")
    first = next(row for row in rows if row["cost"] == 0.5)
    assert [first[name] for name in ("calls", "estimated_calls", "prompt_tokens", "estimated_prompt_tokens")] == [
        9, 8, 1200, 1000,
    ]  # fmt: skip
    assert (first["estimated_cost"], first["cost_of_1000"]) == (0.75, 125.0)
    assert {m.label: m.value for m in at.metric} == {
        "Calls": "18", "Prompt tokens": "2,400", "Reply tokens": "160", "Cost": "$0.50",
    }  # fmt: skip
    assert "$125.00 for 1,000 verdicts · 1 run without a price" in words(at)


def test_judges_that_cost_nothing_say_so(page: Open, world: World) -> None:
    assert "No judge here asked an endpoint" in words(page("results", section="Cost"))


def test_two_judges_are_compared(ws: Workspace, page: Open, sides: list[str]) -> None:
    base, one, two = sides
    for model, both in {"gpt": ([1, 1, 1, 0], [1, 0, 0, 0]), "llama": ([1, 1, 0, 0], [1, 0, 0, None])}.items():
        for who, values in zip((one, two), both, strict=True):
            judge(ws, pairwise(model), who, base, values)
    at = page("results", section="Judges")
    shown = {m.label: m.value for m in at.metric}
    assert (shown["Kendall's τ of the order"], shown["Same verdict"]) == ("1.00", "86%")
    assert "n = 7" in words(at)
    assert "1 item that one of them has no verdict on" in words(at)


def test_two_judges_of_one_candidate_are_named(ws: Workspace, page: Open, sides: list[str]) -> None:
    for model in ("gpt", "llama"):
        judge(ws, pairwise(model), sides[1], sides[0], [1, 1, 0, 0])
    shown = words(page("results", section="Judges"))
    assert "pairwise (gpt) and pairwise (llama), against base" in shown and "1 candidate; " in shown


def test_one_judge_has_nobody_to_agree_with(page: Open, world: World) -> None:
    assert "No two judges judged the same answers yet" in words(page("results", section="Judges"))


def test_the_arms_of_a_study_are_set_against_each_other(ws: Workspace, page: Open, world: World) -> None:
    """Two arms with the same verdicts, level on all 16 prompts; 4 won, 4 lost and 8 ties with the start."""
    study(ws, world, "best", "again")
    at = page("results", section="Heatmap")
    cells = numbers(at.dataframe[0].value, "row", "column")
    assert [cells["best", "again"][name] for name in ("share", "neither", "n")] == [0.5, 1, 16]
    assert (cells["best", "start"]["share"], cells["best", "start"]["neither"]) == (0.5, 0.5)


def test_every_section_of_an_unfinished_study_says_what_comes(ws: Workspace, page: Open, world: World) -> None:
    study(ws, world, "best")
    (ws.folder(world.judge) / "result.json").unlink()
    for section in ("Win rates", "Heatmap", "Categories", "Grades"):
        assert "The numbers appear here as runs finish" in words(page("results", section=section))


@pytest.mark.parametrize(("section", "box"), [("Win rates", "curve"), ("Answers", "verdicts")])
def test_a_link_to_a_run_that_is_gone_is_said_in_every_section(
    page: Open, world: World, section: str, box: str
) -> None:
    at = page("results", section=section, **{box: "judge-000000000000"})
    assert "There is no 'judge-000000000000' here" in words(at)


def test_ticks_of_grades_are_plain_numbers() -> None:
    """Vega writes the last of 1, 2, … 10 as 1e+1 in the format ~g."""
    frame = pd.DataFrame({"name": ["math"], "value": [9.5], "series": ["all"]})
    assert charts.points(frame, "mean grade", (1, 10)).to_dict()["encoding"]["x"]["axis"]["format"] == "~f"
