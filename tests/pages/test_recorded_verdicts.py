"""Judge's tab for recorded verdicts: what files hold, the runs they become; downloads of a run's verdicts."""

from __future__ import annotations

from pathlib import Path

import pytest

from backend import runs
from backend.workspace import Workspace
from tests.backend.exchange.recordings import annotation, conversations, grade, written
from tests.pages.conftest import Open, button, words
from tests.small_world import World


@pytest.mark.slow
def test_a_file_of_two_models_becomes_two_runs(page: Open, ws: Workspace, tmp_path: Path) -> None:
    rows = [annotation(n, p, generator_2=who, output_2=f"{who} {n}")
            for who, p in (("a", 1.0), ("b", 2.0)) for n in range(2)]  # fmt: skip
    path = str(written(tmp_path, "annotations.json", rows))
    at = page("judge")
    at.text_area(key="recorded.paths").set_value(path).run()
    assert not at.exception
    assert list(at.dataframe[0].value["run"]) == ["not made yet"] * 2
    assert any(f"judge recorded --annotations {path}" in code.value for code in at.code)
    button(at, "Make 2 judge runs").click().run()  # type: ignore[attr-defined]
    made = [run for run in ws.run_ids() if run.startswith("judge-")]
    runs.wait(ws, made)
    at.run()
    assert list(at.dataframe[0].value["run"]) == ["finished"] * 2
    assert list(at.dataframe[0].value["figure"]) == [0.0, 100.0]
    assert button(at, "Already made").disabled  # type: ignore[attr-defined]


def test_files_are_told_apart_by_what_is_in_them(page: Open, ws: Workspace, tmp_path: Path) -> None:
    given = [*conversations(tmp_path, "ours"), written(tmp_path, "verdicts.jsonl", [grade(0, 1, 5)])]
    at = page("judge")
    at.text_area(key="recorded.paths").set_value("\n".join(map(str, given))).run()
    assert at.dataframe[0].value[["model", "against", "rows"]].values.tolist() == [["ours", "–", 1]]
    at.text_area(key="recorded.paths").set_value(str(given[-1])).run()
    assert "give these as well: model_answer/ours.jsonl" in words(at)
    at.text_area(key="recorded.paths").set_value("\n".join(map(str, given[:2]))).run()
    assert "none of these files holds verdicts" in words(at)


def test_a_file_of_verdicts_on_the_data_page_leads_to_the_judge_page(page: Open, tmp_path: Path) -> None:
    for name, rows, links in (("a.json", [annotation(0, 2.0)], 1), ("b.json", [{"prompt": "hello"}], 0)):
        shown = page("data", path=str(written(tmp_path, name, rows)))
        assert sum("Verdicts" in str(link.proto.label) for link in shown.get("page_link")) == links


def test_a_judge_form_offers_no_judge_that_needs_a_file(page: Open, world: World) -> None:
    assert not [name for name in page("judge").selectbox(key="judge").options if name.startswith("recorded")]


def test_verdicts_can_be_fetched_in_the_layouts_that_can_tell_them(page: Open, world: World) -> None:
    offered = [b.label for b in page("runs", run=world.judge).get("download_button")]  # pairwise, in both orders
    assert offered[-3:] == ["AlpacaEval", "MT-Bench", "LLM Comparator"]
