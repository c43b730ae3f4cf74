"""AlpacaEval's length-controlled win rate of judge runs: the workspace's two files, and the benchmark's order."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from backend.errors import BadData
from backend.judges.figures import benchmark, spending
from backend.judges.length_controlled import KEPT, Setting, figures, keep, kept, length_controlled
from backend.report.alpaca import Questions, summaries
from backend.report.alpaca_files import read_annotations, read_calibration
from backend.workspace import Workspace
from tests.backend.exchange.recordings import Rows, annotation, calibration, imported, written


def rows(model: str = "ours", count: int = 40) -> Rows:
    """Verdicts on answers of varied length; the longer ones win more often."""
    return [annotation(n, 1 + (n * 7 % 10) / 14, generator_2=model, output_2=f"{model} {n} " + "x" * (n * 7 % 50))
            for n in range(count)]  # fmt: skip


def setting(ws: Workspace, place: Path, align: str = "instruction") -> Setting:
    difficulty, gamed = calibration(place)
    found = Setting(difficulty=ws.adopt(difficulty), gamed=ws.adopt(gamed), align=align)  # type: ignore[arg-type]
    keep(ws, found)
    return found


@pytest.mark.parametrize("align", ["instruction", "position"])
def test_a_run_has_the_figures_that_report_alpaca_has_for_its_file(ws: Workspace, tmp_path: Path, align: str) -> None:
    path = written(tmp_path, "annotations.json", rows())
    ((one, _),) = imported(ws, path)
    given = setting(ws, tmp_path, align)
    found, notes = length_controlled(ws, one.spec.id, given, resamples=50)
    (of,) = read_annotations([path])
    questions = Questions(read_calibration(*calibration(tmp_path)), of.instructions, align == "position")
    (official,) = summaries([of], questions, resamples=50)
    assert found == {name: pytest.approx(official[name]) for name in found}
    assert not [note for note in notes if "No length" in note]
    assert found["lc_lower"] < found["length_controlled_winrate"] < found["lc_upper"]


def test_a_run_that_lacks_questions_takes_the_order_of_one_beside_it(ws: Workspace, tmp_path: Path) -> None:
    ((whole, _),) = imported(ws, written(tmp_path, "whole.json", rows()))
    ((part, _),) = imported(ws, written(tmp_path, "part.json", rows("part", 39)))
    given = setting(ws, tmp_path)
    alone, why = length_controlled(ws, part.spec.id, given)
    assert alone["length_controlled_winrate"] is None and "39 different instructions" in why[0]
    beside, why = length_controlled(ws, part.spec.id, given, [whole.spec.id])
    assert beside["length_controlled_winrate"] and "39 different" not in str(why)


def test_without_the_files_a_run_keeps_its_figures_and_a_file_that_is_gone_is_named(
    ws: Workspace, tmp_path: Path
) -> None:
    ((one, found),) = imported(ws, written(tmp_path, "annotations.json", rows()))
    run = one.spec.id
    ws.write_json(ws.folder(run) / "result.json", {"outcome": "finished", "summary": found.facts})
    assert figures(ws, run, {run: "alpaca_eval"}) == found.facts["official"]
    setting(ws, tmp_path)
    assert figures(ws, run, {run: "alpaca_eval"})["length_controlled_winrate"] is not None
    (tmp_path / "gamed.csv").unlink()
    gone = figures(ws, run, {run: "alpaca_eval"})
    assert gone["win_rate"] == found.facts["official"]["win_rate"] and gone["length_controlled_winrate"] is None
    assert "is no longer there; choose it again" in gone["length_notes"][0]


def test_files_that_cannot_be_read_are_not_kept_and_a_damaged_setting_says_what_to_do(
    ws: Workspace, tmp_path: Path
) -> None:
    assert kept(ws) is None
    difficulty, gamed = calibration(tmp_path)
    with pytest.raises(BadData, match=r"gamed\.csv row 1 has no index"):
        keep(ws, Setting(difficulty=ws.adopt(gamed), gamed=ws.adopt(difficulty)))
    assert kept(ws) is None
    (ws.root / KEPT).write_text(json.dumps({"difficulty": "x"}))
    with pytest.raises(BadData, match="names no two calibration files; delete it"):
        kept(ws)


def test_a_benchmark_is_known_by_its_figures_and_recorded_verdicts_cost_what_their_file_says() -> None:
    assert (benchmark("recorded_alpaca"), benchmark("recorded_arena_v2")) == ("alpaca_eval", "arena_hard_v2")
    assert benchmark("pairwise") is None and benchmark("recorded_llm_comparator") is None
    took = spending("recorded_alpaca", {"judged": 4, "missing": 1, "calls": 0, "cost": 0.02})
    assert took and (took["calls"], took["cost"], took["cost_of_1000"]) == (None, 0.02, 5.0)
    assert spending("gold", {"judged": 4, "calls": 0, "cost": None}) is None
