"""The verdicts of a judge run as annotations.json: `report alpaca` finds the same win rate in them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from backend.__main__ import run
from backend.errors import BadInput
from backend.exchange import alpaca as alpaca_annotations
from backend.report.verdicts import verdicts
from backend.workspace import Workspace
from tests.small_world import World, build


@pytest.fixture
def world(ws: Workspace) -> World:
    return build(ws)


def test_the_report_finds_the_runs_verdicts_in_its_export(
    ws: Workspace, world: World, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "annotations.json"
    assert run(["export", world.judge, str(file), "--alpaca", "--workspace", str(ws.root)]) == 0
    capsys.readouterr()
    assert run(["report", "alpaca", "--annotations", str(file), "--json"]) == 0
    (found,) = json.loads(capsys.readouterr().out)
    seen = verdicts(ws.table(world.judge, "judgements"))
    assert found["win_rate"] == pytest.approx(100 * seen.rows["preference"].mean())
    assert (found["n_total"], found["n_failed"]) == (len(seen.rows), seen.missing)
    rows = json.loads(file.read_text())
    assert {row["generator_2"] for row in rows} != {row["generator_1"] for row in rows}
    assert rows[0]["output_2"] in ws.table(world.candidate, "responses")["response"].to_pylist()


def test_a_run_without_two_sides_is_refused_in_a_sentence(ws: Workspace, world: World) -> None:
    with pytest.raises(BadInput, match="has no verdicts"):
        alpaca_annotations.document(ws, world.load)
