"""`report judges` on the runs of a workspace."""

from __future__ import annotations

import json

import pytest

from backend.workspace import Workspace
from tests.backend.commands.conftest import Report
from tests.judged_world import answers, judge, pairwise, questions


@pytest.fixture
def runs(ws: Workspace) -> list[str]:
    """Two judges on two candidates; they differ on one item of eight, and one of them misses one."""
    asked = questions(ws)
    base, one, two = (answers(ws, asked, title, seed) for seed, title in enumerate(("base", "one", "two")))
    said = {"gpt": ([1, 1, 1, 0], [1, 0, 0, 0]), "llama": ([1, 1, 0, 0], [1, 0, 0, None])}
    return [judge(ws, pairwise(model), who, base, values) for model, both in said.items()
            for who, values in zip((one, two), both, strict=True)]  # fmt: skip


def test_the_figures_as_json(report: Report, runs: list[str]) -> None:
    code, out, _ = report("judges", "--json")
    (pair,) = json.loads(out)
    assert code == 0
    assert (pair["judge_1"], pair["judge_2"], pair["against"]) == ("pairwise (gpt)", "pairwise (llama)", "base")
    assert (pair["models"], pair["kendall"], pair["spearman"]) == (2, pytest.approx(1), pytest.approx(1))
    assert (pair["agree"]["share"], pair["agree"]["n"], pair["unread"]) == (6 / 7, 7, 1)
    assert pair["decided"]["n"] == 7
    # won 4 and 3 of 7: by chance (4·3 + 3·4) / 49
    assert pair["kappa"] == pytest.approx((6 / 7 - 24 / 49) / (1 - 24 / 49))
    assert [(s["model"], s["judge_1"], s["judge_2"], s["n"]) for s in pair["scores"]] == [
        ("one", 0.75, 0.5, 4), ("two", 1 / 3, 1 / 3, 3),
    ]  # fmt: skip


def test_people_read_the_same(report: Report, runs: list[str]) -> None:
    code, out, _ = report("judges", *runs)
    assert code == 0
    assert "pairwise (gpt) and pairwise (llama), against base" in out
    assert "order of 2 models: Kendall's tau 1.00, Spearman's rho 1.00" in out
    assert "same verdict 85.7 % (48.7 to 97.4, n = 7)" in out
    assert "1 item that one of them has no verdict on" in out


def test_grades_that_agree_or_nearly(report: Report, ws: Workspace) -> None:
    from backend.registry import Call

    asked = questions(ws, 2, turns=2)
    one = answers(ws, asked, "one", 1)
    for model, grades in (("gpt", [8, 6, 4, 2]), ("llama", [8, 7, 9, 2])):
        judge(ws, Call(name="mt_bench", args={"model": model}), one, None, grades)
    (pair,) = json.loads(report("judges", "--json")[1])
    assert (pair["against"], pair["agree"]["share"], pair["within_one"]["share"]) == (None, 0.5, 0.75)
    assert (pair["models"], pair["kendall"]) == (1, None)


def test_one_judge_alone_has_nobody_to_agree_with(report: Report, runs: list[str]) -> None:
    code, out, err = report("judges", *runs[:2])
    assert (code, out) == (2, "") and "no two judges judged the same answers" in err and "\n" not in err.strip()


def test_a_run_that_judges_nothing_is_named(report: Report, ws: Workspace) -> None:
    asked = questions(ws)
    code, _, err = report("judges", asked)
    assert code == 2 and f"run {asked} is no judge run" in err
    code, _, err = report("judges", "judge-000000000000")
    assert code == 2 and "there is no run 'judge-000000000000'" in err
