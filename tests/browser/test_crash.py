"""The server is killed during training: the run goes on, and the page shows it after a restart."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pytest

from backend import runs, specs
from backend.workspace import Workspace
from tests import tiny
from tests.browser.conftest import Screen, Server

pytestmark = [pytest.mark.browser, pytest.mark.slow]
PAIRS = [(f"say {i}", f"yes {i}", f"no {i}") for i in range(32)]


def test_training_outlives_the_server_and_the_restarted_page_shows_it(
    dashboard: Callable[..., Server], screen: Callable[[Server], Screen], tmp_path: Path
) -> None:
    ws = Workspace.open(tmp_path / "workspace")
    model, data = tiny.model_folder(tmp_path / "model"), tiny.pool(ws, PAIRS)
    server = dashboard()
    user = screen(server)
    user.open(f"train?pairs={data}")
    user.clicks("A folder", "radio")
    user.types("Folder with the model's files", str(model))
    user.types("Epochs", "60")
    user.clicks("^Train$")
    user.sees("training [0-9]+/240 steps", within=120)
    run = next(r for r in ws.run_ids() if isinstance(ws.spec(r), specs.TrainSpec))
    server.kill()
    assert runs.status(ws, run) == "running"
    until = time.monotonic() + 120
    while runs.status(ws, run) == "running" and time.monotonic() < until:
        time.sleep(0.2)
    assert runs.answer(ws, run)["steps"] == 240

    after = screen(dashboard())
    after.open(f"runs?run={run}")
    after.sees("finished")
    assert after.complaints == []


def test_a_deleted_index_is_rebuilt_and_nothing_is_lost(
    dashboard: Callable[..., Server], screen: Callable[[Server], Screen], tmp_path: Path
) -> None:
    ws = Workspace.open(tmp_path / "workspace")
    pool = tiny.pool(ws, PAIRS)
    server = dashboard()
    screen(server).open(f"data?loaded={pool}")
    server.kill()
    for path in ws.root.glob("index.duckdb*"):
        path.unlink()
    user = screen(dashboard())
    user.open(f"data?loaded={pool}")
    user.sees("say 0")
    assert user.complaints == []


def test_a_second_dashboard_on_a_workspace_says_so(
    dashboard: Callable[..., Server], screen: Callable[[Server], Screen], tmp_path: Path
) -> None:
    ws = Workspace.open(tmp_path / "workspace")
    tiny.pool(ws, PAIRS)
    screen(dashboard()).open("")
    user = screen(dashboard(ws.root))
    user.open("")
    user.sees("another|already open|second dashboard")
