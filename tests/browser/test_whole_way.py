"""Click by click: load → measure → explore → select → train → judge → results, as a new user does."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from backend import runs
from backend.workspace import Workspace
from tests import judge_server, tiny
from tests.browser.conftest import Screen, Server

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def answered(ws: Workspace, kind: str) -> list[str]:
    return [run for run in ws.run_ids() if run.startswith(kind) and runs.status(ws, run) == "finished"]


@pytest.fixture
def material(tmp_path: Path) -> tuple[Path, Path]:
    """A file of 40 pairs and the folder of a tiny model."""
    rows = [
        {"prompt": f"say {i}", "chosen": f"yes {i}" + " please" * (i % 4), "rejected": f"no {i}"} for i in range(40)
    ]
    path = tmp_path / "mine.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path, tiny.model_folder(tmp_path / "model")


def test_from_a_file_to_a_win_rate(
    dashboard: Callable[..., Server], screen: Callable[[Server], Screen], material: tuple[Path, Path], tmp_path: Path
) -> None:
    path, model = material
    user = screen(dashboard())
    ws = Workspace(tmp_path / "workspace")

    user.open("")
    user.go("Data")
    user.types("Path of a file of JSON, JSON Lines, CSV or Parquet, also .gz", str(path))
    user.sees("Read as preference")
    user.clicks("^Load$")
    user.sees("Already answered")
    assert len(answered(ws, "load")) == 1

    user.go("Explore")
    user.sees("Not measured yet")
    user.unfolds("Measure: run a model")
    user.chooses("Measure", "ifd")
    user.clicks("A folder", "radio")
    user.types("Folder with the model's files", str(model))
    user.clicks("^Measure$")
    user.waits(lambda: len(answered(ws, "measure")) == 1, "measure ifd")
    user.open("explore")
    user.sees("external_margin needs reward; implicit_margin")
    user.go("Select")
    user.chooses("Strategy", "low_gap")
    user.sees("4 of 40 pairs: 10.0%")
    user.clicks("Save the subset")
    user.sees("Already answered")
    assert len(answered(ws, "select")) == 1

    user.go("Train")
    user.clicks("A folder", "radio")
    user.types("Folder with the model's files", str(model))
    user.chooses("Learn from", "low_gap")
    user.clicks("^Train$")
    user.sees("Already answered", within=120)

    user.go("Judge")
    user.types("Longest answer (tokens)", "8")
    user.clicks("^Generate$")
    user.sees("Already answered", within=120)
    user.clicks("A folder", "radio")
    user.types("Folder with the model's files", str(model))
    user.clicks("^Generate$")
    user.sees("Already answered", within=120)
    assert len(answered(ws, "generate")) == 2

    with judge_server.served(judge_server.longer) as judge:
        user.clicks("Compare the answers", "tab")
        ours, theirs = sorted(answered(ws, "generate"), key=lambda r: ws.spec(r).model.model_dump_json(), reverse=True)
        user.open(f"judge?candidate={ours}&reference={theirs}")
        user.clicks("Compare the answers", "tab")
        user.chooses("Judge", "pairwise")
        user.clicks("A running server", "radio")
        user.types("Base URL of the server", judge.url)
        user.types("model", "judge-1")
        user.clicks("^Judge$")
        user.sees("Already answered", within=120)
    assert len(answered(ws, "judge")) == 1

    user.go("Results")
    user.sees("Win rates are over the verdicts", within=30)
    assert user.complaints == []


def test_a_link_opens_the_same_view(
    dashboard: Callable[..., Server], screen: Callable[[Server], Screen], tmp_path: Path
) -> None:
    ws = Workspace.open(tmp_path / "workspace")
    pools = [tiny.pool(ws, [(f"say {i}", "yes", "no") for i in range(size)]) for size in (10, 20)]
    server = dashboard()
    for pool, size in zip(pools, (10, 20), strict=True):
        user = screen(server)
        user.open(f"select?pairs={pool}&strategy=random&budget=5")
        user.sees(f"5 of {size} pairs")
        assert f"pairs={pool}" in user.page.url


def test_an_uploaded_file_is_read_and_loaded(
    dashboard: Callable[..., Server], screen: Callable[[Server], Screen], material: tuple[Path, Path], tmp_path: Path
) -> None:
    user = screen(dashboard())
    user.open("data")
    user.clicks("Upload")
    user.page.locator("input[type=file]").set_input_files(str(material[0]))
    user.sees("Read as preference")
    user.clicks("^Load$")
    user.sees("Already answered")
    ws = Workspace(tmp_path / "workspace")
    assert ws.result(answered(ws, "load")[0])["summary"]["pairs"] == 40  # type: ignore[index]


def test_brushing_a_histogram_shows_the_pairs_behind_it_and_puts_the_region_into_the_url(
    dashboard: Callable[..., Server], screen: Callable[[Server], Screen], tmp_path: Path
) -> None:
    ws = Workspace.open(tmp_path / "workspace")
    pool = tiny.pool(ws, [(f"say {i}", "yes" + "!" * i, "no") for i in range(40)])
    user = screen(dashboard())
    user.open(f"explore?pairs={pool}")
    chart = user.page.get_by_test_id("stVegaLiteChart").first
    chart.scroll_into_view_if_needed()
    user.page.wait_for_timeout(1500)
    box = chart.bounding_box()
    middle = box["y"] + 0.4 * box["height"]
    user.page.mouse.move(box["x"] + 0.7 * box["width"], middle)
    user.page.mouse.down()
    user.page.mouse.move(box["x"] + 0.95 * box["width"], middle, steps=8)
    user.page.mouse.up()
    user.page.wait_for_url(re.compile("region="))
    user.sees(r"[0-9]+ of 40 pairs")
    assert user.complaints == []
