"""Runs: the list, one run, and what can be done with it."""

from __future__ import annotations

import json

from backend import runs
from backend.workspace import Workspace
from tests.pages.conftest import Open, button, words
from tests.small_world import World


def test_every_run_is_listed(ws: Workspace, page: Open, world: World) -> None:
    assert set(page("runs").dataframe[0].value["run"]) == set(ws.run_ids())


def test_the_list_can_be_narrowed(page: Open, world: World) -> None:
    assert page("runs", status="failed").dataframe[0].value["run"].tolist() == [world.failed]


def test_a_link_opens_a_run_with_its_error(page: Open, world: World) -> None:
    shown = words(page("runs", run=world.failed))
    assert "line 3 is not JSON" in shown
    assert "broken.jsonl" in shown
    assert f"logs {world.failed}" in shown


def test_a_run_can_be_deleted_and_brought_back(ws: Workspace, page: Open, world: World) -> None:
    at = page("runs", run=world.judge)
    button(at, "Delete").click().run()  # type: ignore[attr-defined]
    assert world.judge not in ws.run_ids()
    assert "This run was deleted" in words(at)
    button(at, "Undo").click().run()  # type: ignore[attr-defined]
    assert world.judge in ws.run_ids()


def test_a_failed_run_can_be_tried_again(ws: Workspace, page: Open, world: World) -> None:
    at = page("runs", run=world.failed)
    button(at, "Retry").click().run()  # type: ignore[attr-defined]
    runs.wait(ws, [world.failed])
    assert runs.status(ws, world.failed) == "failed"  # its file is not there
    assert "no longer there" in (ws.result(world.failed) or {})["error"]


def test_a_waiting_run_can_be_cancelled(ws: Workspace, page: Open, world: World) -> None:
    (ws.folder(world.train) / "result.json").unlink()
    ws.write_json(ws.mark(world.train), {"at": 0})
    at = page("runs", run=world.train)
    button(at, "Cancel").click().run()  # type: ignore[attr-defined]
    assert runs.status(ws, world.train) == "cancelled"


def test_an_empty_workspace_says_what_to_do(page: Open) -> None:
    assert "No runs here" in words(page("runs"))


def test_a_result_is_read_as_numbers_with_what_they_are_of_and_all_of_it_is_there_as_json(
    ws: Workspace, page: Open, world: World
) -> None:
    at = page("runs", run=world.load)
    assert {m.label: m.value for m in at.metric}["pairs"] == "40"
    assert "Rows flagged and kept" in words(at) and ["blank response", "2"] in at.dataframe[-1].value.values.tolist()
    assert json.loads(at.json[0].value)["pairs"] == 40
    judged = page("runs", run=world.judge)
    assert {m.label: m.value for m in judged.metric} == {
        "win rate": "50.0%", "judged": "16 of 20", "flipped": "4",
    }  # fmt: skip
    assert "4 missing, in no rate" in words(judged) and "of 20 items" in words(judged)
    assert {m.label: m.value for m in page("runs", run=world.train).metric} == {"steps": "10"}
    for run in (world.select, world.reward, world.candidate):
        assert page("runs", run=run).metric


def test_a_name_is_read_as_it_is_not_as_markup(ws: Workspace, page: Open, world: World) -> None:
    runs.rename(ws, world.judge, "*best* of_all")
    assert page("runs", run=world.judge).subheader[0].value == r"\*best\* of\_all"
