"""Results of benchmarks and imports: official figures, cost, what to doubt, and the commands that print the same."""

from __future__ import annotations

import json
import shlex
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from backend.__main__ import run as winnow
from backend.judges.length_controlled import Setting, keep, kept
from backend.workspace import Workspace
from tests.backend.exchange.recordings import Rows, annotation, calibration, imported, written
from tests.judged_world import answers, judge, pairwise, questions
from tests.pages.conftest import Open, button, words
from tests.pages.test_results import study
from tests.small_world import World, finish


def recorded(ws: Workspace, place: Path, rows: Rows) -> list[str]:
    """The judge runs that these annotations become."""
    made = imported(ws, written(place, "annotations.json", rows))
    return [finish(ws, one.spec, one.title, {}, found.facts) for one, found in made]


def ours(count: int = 40, **more: Any) -> Rows:
    return [annotation(n, 1 + (n * 7 % 10) / 9, output_2=f"ours {n} " + "x" * (n * 7 % 50), **more)
            for n in range(count)]  # fmt: skip


def printed(at: AppTest, ws: Workspace, capsys: pytest.CaptureFixture[str]) -> Any:
    """What the command says that a page shows."""
    _, _, _, *command = shlex.split(next(code.value for code in at.code if "backend report" in code.value))
    capsys.readouterr()
    assert winnow([*command, "--workspace", str(ws.root), "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def test_imported_verdicts_have_their_official_figures(
    ws: Workspace, page: Open, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """2, 2, 1 and none: two of three are won."""
    recorded(ws, tmp_path, [annotation(n, p) for n, p in enumerate((2.0, 2.0, 1.0, None))])
    at = page("results", section="Benchmarks")
    (row,) = at.dataframe[0].value.to_dict("records")
    assert row["win rate, %"].startswith(" 66.67 (") and (row["verdicts"], row["failed"]) == (3, 1)
    assert "those that failed are in no rate" in words(at) and "AlpacaEval" in words(at)
    (said,) = printed(at, ws, capsys)
    assert (said["model"], said["n_wins"], said["n_failed"]) == ("ours", 2, 1)


def test_imported_verdicts_cost_what_their_file_says(
    ws: Workspace, page: Open, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    recorded(ws, tmp_path, [annotation(n, 2.0, price_per_example=0.005) for n in range(4)])
    at = page("results", section="Cost")
    assert {m.label: m.value for m in at.metric}["Cost"] == "$0.02"
    assert "$5.00 for 1,000 verdicts · $0.02 of it paid before, as recorded" in words(at)
    assert winnow(["report", "cost", "--workspace", str(ws.root)]) == 0
    assert "0 calls, 0.02 US dollars; 0.02 of it paid before, as recorded" in capsys.readouterr().out
    (said,) = printed(at, ws, capsys)
    assert (said["cost"], said["calls"], said["cost_of_1000"]) == (0.02, None, 5.0)


def test_the_calibration_files_are_given_once_and_the_rate_stands_beside_the_others(
    ws: Workspace, page: Open, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    recorded(ws, tmp_path, ours())
    at = page("results", section="Benchmarks")
    assert "length-controlled, %" not in at.dataframe[0].value
    difficulty, gamed = calibration(tmp_path)
    at.text_input(key="calibration.difficulty.path").set_value(str(difficulty))
    at.text_input(key="calibration.gamed.path").set_value(str(gamed)).run()
    button(at, "Keep these files").click().run()  # type: ignore[attr-defined]
    setting = kept(ws)
    assert setting and setting.align == "instruction" and not at.exception
    again = page("results", section="Benchmarks")
    assert "In use: difficulty.csv, gamed.csv." in words(again)
    assert "AlpacaEval's own fit (Dubois et al. 2024), by difficulty.csv and gamed.csv, aligned by" in words(again)
    (said,) = printed(again, ws, capsys)
    shown = again.dataframe[0].value["length-controlled, %"][0]
    assert shown == f"{said['length_controlled_winrate']:6.2f} ({said['lc_lower']:.1f} to {said['lc_upper']:.1f})"


def test_the_judge_of_alpaca_has_a_place_for_the_files(page: Open, world: World) -> None:
    asked = {"candidate": world.candidate, "reference": world.baseline}
    at = page("judge", judge="alpaca_eval", **asked, **{"judge.alpaca_eval.model": "judge-1"})
    assert at.text_input(key="calibration.gamed.path")
    other = page("judge", judge="pairwise", **asked, **{"judge.pairwise.model": "judge-1"})
    assert not [box for box in other.text_input if box.key == "calibration.gamed.path"]


def test_a_calibration_file_that_is_none_is_said_and_not_kept(ws: Workspace, page: Open, tmp_path: Path) -> None:
    recorded(ws, tmp_path, ours())
    difficulty, gamed = calibration(tmp_path)
    at = page("results", section="Benchmarks")
    at.text_input(key="calibration.difficulty.path").set_value(str(gamed))
    at.text_input(key="calibration.gamed.path").set_value(str(difficulty)).run()
    button(at, "Keep these files").click().run()  # type: ignore[attr-defined]
    assert "gamed.csv row 1 has no index" in words(at) and kept(ws) is None


def test_a_run_shows_its_length_controlled_rate_among_its_results(ws: Workspace, page: Open, tmp_path: Path) -> None:
    (run,) = recorded(ws, tmp_path, ours())
    difficulty, gamed = map(ws.adopt, calibration(tmp_path))
    keep(ws, Setting(difficulty=difficulty, gamed=gamed))
    every = next(f.value for f in page("runs", run=run).dataframe if "all questions" in f.value)
    assert "(" in every.loc["length-controlled, %", "all questions"]


@pytest.fixture
def compared(ws: Workspace) -> list[str]:
    """Two runs of one judge: the first with a doubt and a sentence, both with a doubt that they share."""
    asked = questions(ws)
    base, one, two = (answers(ws, asked, title, seed) for seed, title in enumerate(("base", "one", "two")))
    said = {"sentence": "Better than the reference.", "notes": ["It judges the place.", "A *shared* doubt."]}
    return [
        judge(ws, pairwise("gpt"), one, base, [1, 1, 0.5, 0], **said),
        judge(ws, pairwise("gpt"), two, base, [1, 0, 0, 0], notes=["A *shared* doubt."]),
    ]


@pytest.mark.parametrize("section", ["Win rates", "Heatmap", "Categories"])
def test_what_to_doubt_stands_with_the_results(page: Open, compared: list[str], section: str) -> None:
    at = page("results", section=section)
    (box,) = at.warning
    assert "one by pairwise: It judges the place." in box.value and box.value.count("one by pairwise") == 2
    assert r"two by pairwise: A \*shared\* doubt." in box.value or r", one by pairwise: A \*shared\*" in box.value


def test_the_comparison_that_is_looked_at_says_what_it_allows(page: Open, compared: list[str]) -> None:
    assert "**one by pairwise**: Better than the reference." in words(page("results", curve=compared[0]))
    assert "Better than the reference." not in words(page("results", curve=compared[1]))


def test_the_commands_under_results_print_what_the_tabs_show(
    ws: Workspace, page: Open, compared: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    at = page("results")
    shown = dict(zip(at.dataframe[0].value["name"], at.dataframe[0].value["win rate"], strict=True))
    (said,) = printed(at, ws, capsys)
    assert shown == {"one by pairwise": 0.625, "two by pairwise": 0.25}
    assert {row["name"]: row["value"] for row in said["candidates"]} == {"one": 0.625, "two": 0.25}
    base, one = ws.spec(compared[0]).reference, ws.spec(compared[0]).candidate
    judge(ws, pairwise("llama"), one, base, [1, 1, 0, 0])
    at = page("results", section="Judges")
    (said,) = printed(at, ws, capsys)
    assert {m.label: m.value for m in at.metric}["Same verdict"] == f"{said['agree']['share']:.0%}"


def test_a_study_says_what_to_doubt_of_its_judge_runs(ws: Workspace, page: Open, world: World) -> None:
    """The notes of other kinds of run are no doubts."""
    result = ws.result(world.judge) or {}
    notes = {"summary": {**result["summary"], "notes": ["It judges the place."]}, "seconds": 2.5}
    ws.write_json(ws.folder(world.judge) / "result.json", {**result, **notes})
    study(ws, world, "best", "again")
    assert [box.value for box in page("results").warning] == ["tuned against start: It judges the place."]
