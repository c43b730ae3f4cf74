"""The index: complete, exact, rebuilt when missing or broken, owned by one process."""

from __future__ import annotations

import shutil
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from backend import runs
from backend.errors import IndexBusy, sentence
from backend.store.database import INDEXED, Index, open_index
from backend.workspace import Workspace
from tests.small_world import World, build

ROOT = Path(__file__).parent.parent.parent.parent
HOLD = "import sys, time, duckdb; c = duckdb.connect(sys.argv[1]); print('held', flush=True); time.sleep(60)"


def rows_in_folders(ws: Workspace) -> dict[str, int]:
    counts = dict.fromkeys(INDEXED, 0)
    for run in ws.run_ids():
        for table in INDEXED:
            if (ws.folder(run) / f"{table}.parquet").exists():
                counts[table] += ws.table(run, table).num_rows
    return counts


def test_every_row_of_every_ended_run_is_in_the_index(ws: Workspace, index: Index) -> None:
    counts = index.counts()
    assert counts.pop("runs") == len(ws.run_ids())
    assert counts == rows_in_folders(ws)
    assert min(counts[t] for t in ("pairs", "measurements", "selected", "training", "judgements")) > 0


def test_ids_of_64_bits_survive(ws: Workspace, index: Index, world: World) -> None:
    ours = index.table("SELECT pair_id FROM pairs WHERE run = ?", [world.load])["pair_id"].to_pylist()
    assert ours == ws.table(world.load, "pairs")["pair_id"].to_pylist()


def test_a_refresh_that_finds_nothing_new_changes_nothing(index: Index) -> None:
    again = index.refresh()
    assert (again.added, again.removed) == (0, 0)


def test_a_run_that_ends_later_comes_in_once(ws: Workspace, index: Index, world: World) -> None:
    result = ws.folder(world.train) / "result.json"
    text = result.read_text()
    result.unlink()
    assert index.refresh().removed == 1
    assert index.rows("SELECT count(*) AS n FROM training")[0]["n"] == 0
    result.write_text(text)
    assert index.refresh().added == 1
    assert index.rows("SELECT count(*) AS n FROM training")[0]["n"] == 50


def test_a_run_whose_answer_changed_is_read_again(ws: Workspace, index: Index, world: World) -> None:
    ws.write_table(world.judge, "judgements", ws.table(world.judge, "judgements").slice(0, 6))
    ws.write_json(ws.folder(world.judge) / "result.json", {"outcome": "finished", "summary": {}})
    index.refresh()
    found = index.rows("SELECT outcome FROM runs WHERE run = ?", [world.judge])
    assert found == [{"outcome": "finished"}]
    assert index.rows("SELECT count(*) AS n FROM judgements")[0]["n"] == 6


def test_a_deleted_run_leaves_the_index_and_comes_back_when_restored(ws: Workspace, index: Index, world: World) -> None:
    runs.delete(ws, world.select)
    assert index.refresh().removed == 1
    assert not index.rows("SELECT * FROM selected")
    runs.restore(ws, world.select)
    assert index.refresh().added == 1
    assert index.rows("SELECT * FROM selected")


def test_a_deleted_index_is_rebuilt_and_nothing_is_lost(ws: Workspace, world: World) -> None:
    first = open_index(ws)
    before = first.counts()
    first.close()
    (ws.root / "index.duckdb").unlink()
    second = open_index(ws)
    assert second.counts() == before
    second.close()


def test_a_broken_index_is_rebuilt(ws: Workspace, world: World) -> None:
    (ws.root / "index.duckdb").write_bytes(b"this is no database" * 1000)
    opened = open_index(ws)
    assert opened.counts()["pairs"] == 40
    opened.close()


def test_an_index_that_is_broken_in_the_middle_is_rebuilt(ws: Workspace, world: World) -> None:
    open_index(ws).close()
    path = ws.root / "index.duckdb"
    with path.open("r+b") as file:
        file.seek(3 * 4096)  # behind the headers
        file.write(b"\xff" * (path.stat().st_size - 3 * 4096))
    opened = open_index(ws)
    assert opened.counts()["pairs"] == 40
    opened.close()


def test_an_index_of_another_version_is_rebuilt(ws: Workspace, world: World) -> None:
    opened = open_index(ws)
    opened.rows("SELECT 1")
    opened._connection.execute("UPDATE version SET number = 0; DELETE FROM pairs")
    opened.close()
    again = open_index(ws)
    assert again.counts()["pairs"] == 40
    again.close()


def test_an_index_that_another_process_holds_is_refused_in_one_sentence(ws: Workspace, world: World) -> None:
    held = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(ws.root / "index.duckdb")], stdout=subprocess.PIPE, text=True
    )
    try:
        assert held.stdout and held.stdout.readline() == "held\n"
        with pytest.raises(IndexBusy) as refusal:
            open_index(ws)
        assert str(ws.root) in sentence(refusal.value)
        assert len(sentence(refusal.value)) < 300
    finally:
        held.kill()
        held.wait()
    open_index(ws).close()


def test_threads_may_ask_while_another_refreshes(ws: Workspace, index: Index, world: World) -> None:
    problems: list[Exception] = []

    def ask() -> None:
        try:
            for _ in range(20):
                index.refresh()
                assert index.rows("SELECT count(*) AS n FROM pairs")[0]["n"] in (0, 40)
        except Exception as problem:
            problems.append(problem)

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for _ in range(5):
        runs.delete(ws, world.load)
        runs.restore(ws, world.load)
    for thread in threads:
        thread.join()
    assert not problems


def test_failed_runs_are_listed_without_their_rows(ws: Workspace, index: Index, world: World) -> None:
    (row,) = index.rows("SELECT outcome, error FROM runs WHERE run = ?", [world.failed])
    assert row == {"outcome": "failed", "error": "line 3 is not JSON; mend it."}


def test_a_workspace_that_was_copied_has_the_same_index(ws: Workspace, tmp_path: Path) -> None:
    build(ws)
    shutil.copytree(ws.root, tmp_path / "copy")
    copy = open_index(Workspace(tmp_path / "copy"))
    assert copy.counts()["runs"] == len(ws.run_ids())
    copy.close()
