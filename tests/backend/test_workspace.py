"""The workspace: whole files, adopted files, clear refusals."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from backend import tables
from backend.errors import NotFound, WorkspaceError
from backend.workspace import Workspace


def test_a_failed_write_leaves_the_old_file_whole(ws: Workspace) -> None:
    path = ws.root / "a.json"
    ws.write_json(path, {"a": 1})

    def fail(place: Path) -> None:
        place.write_text("half")
        raise RuntimeError

    with pytest.raises(RuntimeError):
        ws.write(path, fail)
    assert ws.read_json(path) == {"a": 1}
    assert [p.name for p in ws.root.glob(".a*")] == []


def test_a_line_cut_by_a_kill_is_left_out(ws: Workspace) -> None:
    path = ws.root / "lines.jsonl"
    ws.append(path, {"a": 1})
    with path.open("ab") as file:
        file.write(b'{"a": 2')
    assert ws.read_lines(path) == [{"a": 1}]


def test_lines_split_at_newlines_only(ws: Workspace) -> None:
    path = ws.root / "lines.jsonl"
    ws.append(path, {"text": "one\u2028two"})
    assert ws.read_lines(path) == [{"text": "one\u2028two"}]


def test_an_adopted_file_is_found_by_its_content(ws: Workspace, tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_text("{}\n")
    digest = ws.adopt(path)
    assert ws.adopted(digest).read_text() == "{}\n"
    assert ws.adopted_name(digest) == "rows.jsonl"


def test_an_adopted_file_that_changed_is_refused(ws: Workspace, tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_text("{}\n")
    digest = ws.adopt(path)
    path.write_text("{} \n")
    with pytest.raises(NotFound, match="has changed"):
        ws.adopted(digest)


def test_an_adopted_file_that_is_gone_is_refused(ws: Workspace, tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_text("{}\n")
    digest = ws.adopt(path)
    path.unlink()
    with pytest.raises(NotFound, match="no longer there"):
        ws.adopted(digest)


def test_a_folder_is_known_by_all_its_files(ws: Workspace, tmp_path: Path) -> None:
    folder = tmp_path / "model"
    folder.mkdir()
    (folder / "config.json").write_text("{}")
    before = ws.adopt(folder)
    (folder / "config.json").write_text("{ }")
    assert ws.adopt(folder) != before


def test_a_missing_path_is_named(ws: Workspace) -> None:
    with pytest.raises(NotFound, match="nowhere"):
        ws.adopt("/nowhere/at/all")


def test_tables_come_back_as_they_were_written(ws: Workspace) -> None:
    rows = tables.build("selected", {"pair_id": [3, 1, 2], "rank": [0, 1, 2]})
    ws.write_table("select-000000000000", "selected", rows)
    assert ws.table("select-000000000000", "selected").equals(rows)


def test_a_workspace_below_a_file_is_one_clear_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(WorkspaceError, match="choose another workspace"):
        Workspace.open(tmp_path / "file" / "workspace")


@pytest.fixture
def small_disk(tmp_path: Path):
    """A disk of 64 KiB, where this user may mount one."""
    place = tmp_path / "disk"
    place.mkdir()
    mounted = os.geteuid() == 0 and not subprocess.call(
        ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(place)], stderr=subprocess.DEVNULL
    )
    if not mounted:
        pytest.skip("this user may not mount a small disk")
    yield place
    subprocess.call(["umount", str(place)])


def test_a_full_disk_is_one_clear_sentence_and_loses_nothing(small_disk: Path) -> None:
    ws = Workspace.open(small_disk / "workspace")
    path = ws.root / "a.json"
    ws.write_json(path, {"a": 1})
    with pytest.raises(WorkspaceError, match=r"the disk is full: could not write a\.json"):
        ws.write_json(path, {"a": "x" * 200_000})
    assert ws.read_json(path) == {"a": 1}


def test_a_read_only_disk_is_one_clear_sentence(small_disk: Path) -> None:
    subprocess.check_call(["mount", "-o", "remount,ro", str(small_disk)])
    with pytest.raises(WorkspaceError, match="Read-only file system; choose another workspace"):
        Workspace.open(small_disk / "workspace")
