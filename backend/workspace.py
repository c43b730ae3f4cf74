"""Where runs lie, and how their files are written.

    <workspace>/
        runs/<run id>/    spec.json, about.json, terms.json, events.jsonl, log.txt, lock, process.json, cancelled,
                          <table>.parquet, model/, checkpoints/, and result.json, written last
        queue/<run id>    a mark: this run waits for its turn
        values/<weights>/ what a model said of each text (`values.py`); may be deleted at any time
        replies/<judge>/  what a judge replied to each request (`replies.py`); may be deleted at any time
        prices.json       what judges cost (`terms.py`); to be edited
        calibration.json  AlpacaEval's two calibration files (`judges/length_controlled.py`)
        files/<sha256>/   a link to (or the bytes of) a file or model folder that a spec names by its content
        votes.jsonl       people's verdicts, append-only
        index.duckdb      the index of finished runs; may be deleted at any time

Every file appears whole or not at all: it is written beside its place, flushed, and renamed.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import json
import os
import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from . import specs, tables
from .errors import NotFound, WorkspaceError

# Rows of a Parquet group. Small groups where texts lie: a page of them is fetched by reading only the groups that hold
# it. Large ones where only numbers lie: those are read whole.
TEXT_GROUP, NUMBER_GROUP = 1024, 131_072
TEXTS = ("prompts", "responses", "judgements")


@contextlib.contextmanager
def clear(action: str) -> Iterator[None]:
    """Turns the operating system's refusals into one sentence."""
    try:
        yield
    except OSError as error:
        if error.errno == errno.ENOSPC:
            raise WorkspaceError(f"the disk is full: could not {action}; free some space and try again.") from error
        if error.errno in (errno.EROFS, errno.EACCES, errno.EPERM, errno.ENOTDIR, errno.EFBIG, errno.EDQUOT):
            raise WorkspaceError(
                f"could not {action}: {error.strerror}; choose another workspace with --workspace or WINNOW_WORKSPACE."
            ) from error
        raise


class Workspace:
    """A folder of runs."""

    def __init__(self, root: str | Path) -> None:
        self.root = Path(root).expanduser().resolve()

    @classmethod
    def open(cls, root: str | Path) -> Workspace:
        """The workspace at `root`, made where it is missing; WorkspaceError where it cannot be written."""
        ws = cls(root)
        with clear(f"write to the workspace {ws.root}"):
            for folder in ("runs", "queue", "files"):
                (ws.root / folder).mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=ws.root):
                pass
        return ws

    # --- runs

    def folder(self, run: str) -> Path:
        """The folder of a run, whether it exists or not."""
        return self.root / "runs" / run

    def mark(self, run: str) -> Path:
        """The queue mark of a run."""
        return self.root / "queue" / run

    def run_ids(self) -> list[str]:
        """The ids of all runs that have a spec."""
        folder = self.root / "runs"
        return sorted(p.name for p in folder.iterdir() if (p / "spec.json").exists()) if folder.exists() else []

    def spec(self, run: str) -> Any:
        """The frozen question of a run (one of `specs.Spec`); NotFound where there is no such run."""
        try:
            return specs.parse((self.folder(run) / "spec.json").read_bytes())
        except (FileNotFoundError, NotADirectoryError):
            raise NotFound(f"there is no run {run!r} in {self.root}; `python -m backend runs` lists them.") from None

    def result(self, run: str) -> dict[str, Any] | None:
        """What the run ended with, or None where it has not ended."""
        return self.read_json(self.folder(run) / "result.json")

    def about(self, run: str) -> dict[str, Any]:
        """Title, notes, tags: beside the question, editable."""
        return self.read_json(self.folder(run) / "about.json") or {}

    # --- files

    @staticmethod
    def read_json(path: Path) -> dict[str, Any] | None:
        """A JSON object, or None where there is no such file."""
        try:
            return json.loads(path.read_bytes())
        except (FileNotFoundError, NotADirectoryError):
            return None

    @staticmethod
    def write(path: Path, fill: Callable[[Path], object]) -> None:
        """Writes a file whole: `fill` gets a place beside it, which is then flushed and renamed."""
        with clear(f"write {path.name}"):
            path.parent.mkdir(parents=True, exist_ok=True)
            whole(path, fill)

    def write_json(self, path: Path, value: Mapping[str, Any]) -> None:
        """A JSON object, whole or not at all."""
        text = json.dumps(value, ensure_ascii=False, indent=1)
        self.write(path, lambda p: p.write_text(text, encoding="utf-8"))

    def append(self, path: Path, value: Mapping[str, Any]) -> None:
        """One JSON object as a line at the end of a file, flushed."""
        with clear(f"append to {path.name}"), path.open("ab") as file:
            file.write(json.dumps(value, ensure_ascii=False).encode() + b"\n")

    @staticmethod
    def read_lines(path: Path) -> list[dict[str, Any]]:
        """The JSON objects of an append-only file; a last line that a kill cut short is left out."""
        try:
            *whole, _ = path.read_bytes().split(b"\n")
        except FileNotFoundError:
            return []
        rows = []
        for line in whole:
            with contextlib.suppress(json.JSONDecodeError):  # a cut line, completed by the next writer's newline
                rows.append(json.loads(line))
        return rows

    # --- tables

    def write_table(self, run: str, table: str, rows: pa.Table) -> None:
        """A table of a run, checked against its schema."""
        checked = tables.check(table, rows)
        path = self.folder(run) / f"{table}.parquet"
        group = TEXT_GROUP if table in TEXTS else NUMBER_GROUP
        self.write(path, lambda p: pq.write_table(checked, p, row_group_size=group, compression="zstd"))

    def table(self, run: str, table: str, columns: list[str] | None = None) -> pa.Table:
        """A table of a finished run; NotFound where the run has none."""
        path = self.folder(run) / f"{table}.parquet"
        if not path.exists():
            raise NotFound(f"run {run} has no table {table!r}: it has not finished, or is of another kind.")
        return pq.read_table(path, columns=columns)

    # --- files and folders that specs name by their content

    def adopt(self, path: str | Path, name: str | None = None) -> str:
        """The sha256 of a file or folder, which the workspace can find from now on (by a link, not a copy).

        A folder's hash covers the relative names and contents of all its files.
        """
        path = Path(path).expanduser().resolve()
        if not path.exists():
            raise NotFound(f"there is no file or folder {str(path)!r}; check the path.")
        digest = content_sha256(path)
        self._keep(digest, name or path.name, lambda place: place.symlink_to(path))
        return digest

    def adopt_bytes(self, content: bytes, name: str) -> str:
        """As `adopt`, for an upload: the bytes themselves are kept."""
        digest = hashlib.sha256(content).hexdigest()
        self._keep(digest, name, lambda place: place.write_bytes(content))
        return digest

    def _keep(self, digest: str, name: str, make: Callable[[Path], object]) -> None:
        with clear(f"keep {name} in the workspace"):
            folder = self.root / "files" / digest
            folder.mkdir(parents=True, exist_ok=True)
            beside = folder / f".{os.getpid()}"
            beside.unlink(missing_ok=True)
            make(beside)
            for old in folder.iterdir():
                if old != beside:
                    old.unlink()
            beside.replace(folder / name)

    def adopted(self, digest: str) -> Path:
        """Where the file or folder with this hash lies; NotFound where it is gone or has changed."""
        folder = self.root / "files" / digest
        for place in folder.iterdir() if folder.exists() else ():
            if not place.name.startswith(".") and place.exists():
                if content_sha256(place.resolve()) != digest:
                    raise NotFound(f"{place.resolve()} has changed since it was chosen; choose it again.")
                return place
        raise NotFound(f"the file with sha256 {digest[:12]}… is no longer there; choose it again.")

    def adopted_name(self, digest: str) -> str | None:
        """The name under which a file was adopted; no reading of its content."""
        folder = self.root / "files" / digest
        return next((p.name for p in folder.iterdir() if not p.name.startswith(".")), None) if folder.exists() else None


def whole(path: Path, fill: Callable[[Path], object]) -> None:
    """A file that appears whole or not at all; OSError where it cannot be written."""
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        fill(beside)
        with beside.open("rb+") as file:
            os.fsync(file.fileno())
        beside.replace(path)
    finally:
        with contextlib.suppress(OSError):
            beside.unlink(missing_ok=True)


def content_sha256(path: Path) -> str:
    """sha256 of a file's bytes, or of the names and hashes of all files under a folder."""
    if path.is_file():
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    files = sorted(
        p for p in path.rglob("*") if p.is_file() and not any(n.startswith(".") for n in p.relative_to(path).parts)
    )
    listing = "\n".join(f"{p.relative_to(path).as_posix()} {content_sha256(p)}" for p in files)
    return hashlib.sha256(listing.encode()).hexdigest()
