"""`estimate` of a judge run; measuring is tested with its job."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from backend.__main__ import run
from backend.judges import judges
from backend.registry import Call
from backend.specs import JudgeSpec
from backend.terms import Price, keep_prices
from backend.workspace import Workspace
from tests import small_world


def test_judging_is_estimated_at_the_workspaces_prices(
    ws: Workspace, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    world = small_world.build(ws)
    keep_prices(ws, {"judge-1": Price(input=0, output=1e6 / 40)})
    call = judges.call("pairwise", model="judge-1", endpoint="http://nowhere/v1", max_tokens=2)
    spec = JudgeSpec(candidate=world.candidate, reference=world.baseline, judge=call)
    asked = tmp_path / "judge.json"
    asked.write_text(spec.canonical())
    assert run(["estimate", str(asked), "--workspace", str(ws.root), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["calls"] == found["verdicts"] == 2 * found["answers"] == 40
    assert found["cost"] == pytest.approx(2.0), "40 replies of two tokens at a fortieth of a dollar"
    assert run(["estimate", str(asked), "--workspace", str(ws.root)]) == 0
    assert "at most $2.00 at $0 and $25000 a million" in capsys.readouterr().out


def test_a_judge_that_costs_no_calls_is_just_run(
    ws: Workspace, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    world = small_world.build(ws)
    asked = tmp_path / "judge.json"
    asked.write_text(
        JudgeSpec(candidate=world.candidate, reference=world.baseline, judge=Call(name="gold")).canonical()
    )
    assert run(["estimate", str(asked), "--workspace", str(ws.root)]) == 2
    assert "the judge 'gold' asks no endpoint and costs no calls; just run it." in capsys.readouterr().err
