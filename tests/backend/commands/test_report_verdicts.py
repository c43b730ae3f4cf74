"""`report verdicts` on the runs of a workspace."""

from __future__ import annotations

import json

import pytest

from backend.registry import Call
from backend.workspace import Workspace
from tests.backend.commands.conftest import Report
from tests.judged_world import answers, judge, pairwise, questions


@pytest.fixture
def runs(ws: Workspace) -> list[str]:
    """one: won, tied, won, lost; two: lost, won, missing, won. Odd questions are writing, even ones math."""
    asked = questions(ws)
    base, one, two = (answers(ws, asked, title, seed) for seed, title in enumerate(("base", "one", "two")))
    said = ((one, [1, 0.5, 1, 0]), (two, [0, 1, None, 1]))
    return [judge(ws, pairwise("gpt"), who, base, values) for who, values in said]


def test_win_rates_categories_and_every_two_as_json(report: Report, runs: list[str]) -> None:
    code, out, _ = report("verdicts", "--json")
    (contest,) = json.loads(out)
    assert (code, contest["judge"], contest["against"]) == (0, "pairwise (gpt)", "base")
    two, one = contest["candidates"]  # the higher win rate first
    assert (one["name"], one["value"], one["n"]) == ("one", 0.625, 4)
    assert [one[name] for name in ("won", "tied", "flipped", "lost", "missing")] == [2, 1, 0, 1, 0]
    assert (two["value"], two["n"], two["missing"]) == (pytest.approx(2 / 3), 3, 1)
    assert two["categories"]["writing"] == {"value": 0.0, "low": 0.0, "high": 1.0, "n": 1, "missing": 1}
    assert (one["categories"]["math"]["value"], one["categories"]["math"]["n"]) == (0.25, 2)
    cells = {(f["row"], f["column"]): f for f in contest["fractions"]}
    # both have a verdict on three prompts: one is ahead on the first, two on the others
    assert (cells["one", "two"]["value"], cells["one", "two"]["n"], cells["one", "two"]["direct"]) == (1 / 3, 3, False)
    assert (cells["two", "base"]["value"], cells["two", "base"]["direct"]) == (2 / 3, True)


def test_people_read_percent(report: Report, runs: list[str]) -> None:
    code, out, _ = report("verdicts", runs[0])
    assert code == 0
    assert out.startswith("pairwise (gpt) against base, in percent\n")
    assert "one        62.50" in out and "one        writing  100.00" in out


def test_an_official_figure_that_is_another_stands_beside_with_its_reason(
    report: Report, ws: Workspace, runs: list[str]
) -> None:
    """Nothing was asked about two of six items: they are missing as well."""
    facts = ws.result(runs[0])
    assert facts
    facts["summary"] |= {"items": 6, "official": {"win_rate": 25.0, "win_rate_adjusted": 50.0}}
    ws.write_json(ws.folder(runs[0]) / "result.json", facts)
    _, one = json.loads(report("verdicts", "--json")[1])[0]["candidates"]
    assert (one["value"], one["official"], one["missing"]) == (0.625, 0.5, 2)
    assert "FastChat's win rate with half the ties" in one["official_is"]
    out = report("verdicts")[1]
    assert "official  n" in out and "official: FastChat's win rate with half the ties" in out


def test_grades_have_their_turns(report: Report, ws: Workspace) -> None:
    asked = questions(ws, 2, turns=2)
    judge(ws, Call(name="mt_bench", args={"model": "gpt"}), answers(ws, asked, "one", 1), None, [8, 6, 4, None])
    (contest,) = json.loads(report("verdicts", "--json")[1])
    (one,) = contest["candidates"]
    assert (contest["against"], one["value"], one["n"], one["missing"]) == (None, 6.0, 3, 1)
    assert {name: part["value"] for name, part in one["turns"].items()} == {"1": 6.0, "2": 6.0}
    assert "won" not in one
    assert "graded by mt_bench (gpt)\n" in report("verdicts")[1]


def test_nothing_judged_and_no_judge_run_are_said_so(report: Report, ws: Workspace) -> None:
    assert report("verdicts")[::2] == (2, "nothing is judged here; `python -m backend judge` compares answers.\n")
    asked = questions(ws)
    code, _, err = report("verdicts", asked)
    assert code == 2 and f"run {asked} is no judge run" in err
