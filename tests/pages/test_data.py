"""Data: a path becomes a preview, a format and a run."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from backend import runs
from backend.workspace import Workspace
from tests.backend.exchange.recordings import conversations
from tests.pages.conftest import Open, button, words
from tests.small_world import World

ROWS = [{"prompt": f"say {i}", "chosen": f"yes {i}", "rejected": f"no {i}"} for i in range(20)]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    place = tmp_path / "mine.jsonl.gz"
    place.write_bytes(gzip.compress("".join(json.dumps(row) + "\n" for row in ROWS).encode()))
    return place


def test_a_file_is_looked_at_and_its_format_explained(page: Open, path: Path) -> None:
    shown = words(page("data", path=str(path)))
    assert "Read as **preference**" in shown
    assert "say 0" in shown
    assert "python -m backend run -" in shown


def test_the_button_loads_the_file(ws: Workspace, page: Open, path: Path) -> None:
    at = page("data", path=str(path))
    button(at, "Load").click().run()  # type: ignore[attr-defined]
    assert not at.exception
    (run,) = ws.run_ids()
    runs.wait(ws, [run])
    assert runs.answer(ws, run)["pairs"] == 20
    at.run()
    assert "say 3" in words(at)
    assert {m.label: m.value for m in at.metric}["Pairs"] == "20"


def test_what_was_just_loaded_takes_the_place_of_what_was_looked_at(
    ws: Workspace, page: Open, world: World, path: Path
) -> None:
    at = page("data", path=str(path), loaded=world.load)
    before = set(ws.run_ids())
    button(at, "Load").click().run()  # type: ignore[attr-defined]
    (run,) = set(ws.run_ids()) - before
    runs.wait(ws, [run])
    at.run()
    assert at.selectbox(key="loaded").value == run
    at.selectbox(key="loaded").set_value(world.load).run()
    assert at.selectbox(key="loaded").value == world.load, "only what is new moves the box"


def test_a_format_can_be_overruled_and_its_columns_mapped(page: Open, path: Path) -> None:
    at = page("data", path=str(path), format="preference")
    at.text_input(key="columns.preference.chosen").set_value("no_such_column").run()
    assert not at.exception
    assert any("no_such_column" in w.value for w in at.warning)


def test_a_path_that_is_not_there_is_one_sentence(page: Open, tmp_path: Path) -> None:
    at = page("data", path=str(tmp_path / "nothing.jsonl"))
    assert "there is no file" in words(at)


def test_what_is_loaded_is_counted_and_shown(page: Open, world: World) -> None:
    at = page("data")
    assert {m.label: m.value for m in at.metric}["Pairs"] == "40"
    assert "blank_response" in at.dataframe[0].value["reason"].tolist()


def test_a_dataset_that_cannot_be_fetched_is_one_sentence(page: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WINNOW_OFFLINE", "1")
    at = page("data", place="The Hub", repo="nobody/nothing")
    assert "the Hub is switched off" in at.warning[0].value


def test_a_benchmark_is_loaded_from_files_of_ones_own(ws: Workspace, page: Open, tmp_path: Path) -> None:
    at = page("data", place="A benchmark")
    assert "come from the Hub, or from files of yours" in words(at)
    rows = [{"instruction": f"q{n}", "output": f"a{n}", "generator": "base", "dataset": "d"} for n in range(3)]
    (tmp_path / "outputs.json").write_text(json.dumps(rows))
    at = page("data", place="A benchmark", benchmark="AlpacaEval 2",
              **{"alpaca_eval.reference": str(tmp_path / "outputs.json")})  # fmt: skip
    button(at, "Load").click().run()  # type: ignore[attr-defined]
    (run,) = ws.run_ids()
    runs.wait(ws, [run])
    assert (ws.about(run)["title"], ws.about(run)["note"]) == ("AlpacaEval 2", "outputs.json")
    assert runs.answer(ws, run)["responses"] == 3


def test_answers_to_a_benchmark_ask_for_their_questions(ws: Workspace, page: Open, tmp_path: Path) -> None:
    questions, answers = map(str, conversations(tmp_path, "ours"))
    at = page("data", path=answers)
    assert "name or upload its question.jsonl" in words(at) and not any(b.label == "Load" for b in at.button)
    at.text_input(key="questions.path").set_value(questions).run()
    assert at.text_input(key=f"title {'ours'}").placeholder == "ours", "the run is called as the model"
    button(at, "Load").click().run()  # type: ignore[attr-defined]
    (run,) = ws.run_ids()
    runs.wait(ws, [run])
    assert (ws.about(run)["title"], runs.answer(ws, run)["responses"]) == ("ours", 8)


def test_a_link_names_an_uploaded_file_by_its_content(ws: Workspace, page: Open, path: Path) -> None:
    digest = ws.adopt_bytes(path.read_bytes(), path.name)
    at = page("data", path=digest)
    assert f"In use: **{path.name}**" in words(at) and "Read as **preference**" in words(at)
    at.button(key="path.remove").click().run()
    assert "path" not in at.query_params and "In use" not in words(at)
    assert "is no longer there; choose it again" in words(page("data", path="0" * 64))


def test_the_hub_is_asked_for_a_benchmark_at_the_click_and_what_it_refuses_is_one_sentence(
    page: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WINNOW_OFFLINE", "1")
    at = page("data", place="A benchmark", benchmark="AlpacaEval 2")
    assert not at.warning and not at.error, "nothing was asked so far"
    assert "From the Hub, which is asked when you load it: tatsu-lab/alpaca_eval" in words(at)
    button(at, "Load").click().run()  # type: ignore[attr-defined]
    (warning,) = at.warning
    assert "cannot fetch dataset 'tatsu-lab/alpaca_eval': the Hub is switched off" in warning.value
