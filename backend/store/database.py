"""The index of finished runs: one DuckDB file per workspace, owned by one process, rebuilt whenever it is missing.

Nothing is only in the index: deleting `index.duckdb` loses nothing.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from .. import tables
from ..errors import IndexBusy, WorkspaceError
from ..workspace import Workspace

VERSION = 2  # of the index's own tables; another number in the file: it is rebuilt
IN_PARQUET = ("prompts", "responses")  # texts are not copied into the index
INDEXED = tuple(name for name in tables.TABLES if name not in (*IN_PARQUET, "embeddings", "votes"))
_RUNS = """CREATE TABLE runs (run VARCHAR PRIMARY KEY, kind VARCHAR, outcome VARCHAR, title VARCHAR, study VARCHAR,
    created DOUBLE, seconds DOUBLE, error VARCHAR, spec JSON, summary JSON, stamp BIGINT)"""


@dataclass(frozen=True)
class Refreshed:
    """What a refresh changed: the numbers of runs."""

    added: int
    removed: int
    total: int


class Index:
    """The open index of a workspace. Queries may come from several threads; each uses a cursor of its own."""

    def __init__(self, ws: Workspace) -> None:
        self.ws = ws
        self.path = ws.root / "index.duckdb"
        self._lock = threading.Lock()
        self._connection = _opened(self.path)

    def close(self) -> None:
        """Gives the file back."""
        self._connection.close()

    def rows(self, query: str, parameters: Sequence[Any] = ()) -> list[dict[str, Any]]:
        """The rows of a query as dicts."""
        return self.table(query, parameters).to_pylist()

    def table(self, query: str, parameters: Sequence[Any] = ()) -> pa.Table:
        """The rows of a query as an Arrow table."""
        return self._connection.cursor().sql(query, params=list(parameters)).to_arrow_table()

    def parquet(self, run: str, table: str) -> str:
        """Where a run's table lies, for `read_parquet(?)`."""
        return str(self.ws.folder(run) / f"{table}.parquet")

    def counts(self) -> dict[str, int]:
        """The number of rows of every table."""
        return {table: self.rows(f"SELECT count(*) AS n FROM {table}")[0]["n"] for table in ("runs", *INDEXED)}

    def refresh(self) -> Refreshed:
        """Ingests ended runs that the index lacks or has in an older state; forgets runs that are gone."""
        with self._lock:
            there = _stamps(self.ws)
            known = dict(self._connection.execute("SELECT run, stamp FROM runs").fetchall())
            stale = [run for run in known if there.get(run) != known[run]]
            fresh = [run for run, stamp in there.items() if known.get(run) != stamp]
            if stale or fresh:
                self._replace(stale, fresh, there)
            return Refreshed(len(fresh), len(set(stale) - set(fresh)), len(there))

    def _replace(self, stale: Iterable[str], fresh: Iterable[str], stamps: dict[str, int]) -> None:
        """One transaction: the index is never seen half refreshed."""
        self._connection.begin()
        try:
            for run in stale:
                for table in ("runs", *INDEXED):
                    self._connection.execute(f"DELETE FROM {table} WHERE run = ?", [run])
            for run in fresh:
                self._ingest(run, stamps[run])
            self._connection.commit()
        except BaseException:
            self._connection.rollback()
            raise

    def _ingest(self, run: str, stamp: int) -> None:
        ws, result, about = self.ws, self.ws.result(run) or {}, self.ws.about(run)
        spec = (ws.folder(run) / "spec.json").read_text(encoding="utf-8")
        facts = (result.get("outcome"), about.get("title"), about.get("study"), about.get("created"))
        summary = json.dumps(result.get("summary") or {}, ensure_ascii=False)
        values = [run, run.split("-")[0], *facts, result.get("seconds"), result.get("error"), spec, summary, stamp]
        self._connection.execute("INSERT INTO runs VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", values)
        for table in INDEXED:
            path = ws.folder(run) / f"{table}.parquet"
            if result.get("outcome") != "failed" and path.exists():
                source = "SELECT ? AS run, * FROM read_parquet(?)"
                self._connection.execute(f"INSERT INTO {table} BY NAME {source}", [run, str(path)])


def open_index(ws: Workspace, *, rebuild: bool = False) -> Index:
    """The refreshed index of a workspace; IndexBusy where another process holds it."""
    index = Index(ws)
    if not rebuild:
        try:
            index.refresh()
            return index
        except duckdb.Error:  # a part of the file that was not looked at so far is broken
            pass
    index.close()
    _delete(index.path)
    index = Index(ws)
    index.refresh()
    return index


def _stamps(ws: Workspace) -> dict[str, int]:
    """Every ended run and when its answer was written, or its name after that."""
    found = {}
    for run in ws.run_ids():
        ended, named = (_written(ws.folder(run) / name) for name in ("result.json", "about.json"))
        if ended:
            found[run] = max(ended, named)
    return found


def _written(path: Path) -> int:
    try:
        return path.stat().st_mtime_ns
    except FileNotFoundError:
        return 0


def _opened(path: Path) -> duckdb.DuckDBPyConnection:
    """A connection with all tables; a file that is broken or of another version is made anew."""
    try:
        connection = duckdb.connect(str(path))
        try:
            if _complete(connection):
                return connection
        except duckdb.Error:
            pass
        connection.close()
    except duckdb.Error as error:
        if "could not set lock" in str(error).lower():
            raise IndexBusy(
                f"another dashboard or command holds the index of {path.parent}; "
                "close it, or choose another workspace with WINNOW_WORKSPACE."
            ) from None
    try:
        _delete(path)
        return _made(duckdb.connect(str(path)))
    except (OSError, duckdb.Error) as error:
        raise WorkspaceError(f"could not write {path}: {' '.join(str(error).split())[:150]}") from None


def _delete(path: Path) -> None:
    for old in (path, path.with_name(path.name + ".wal")):
        old.unlink(missing_ok=True)


def _complete(connection: duckdb.DuckDBPyConnection) -> bool:
    names = {row[0] for row in connection.execute("SELECT table_name FROM duckdb_tables()").fetchall()}
    if not names >= {"version", "runs", *INDEXED}:
        return False
    return connection.execute("SELECT number FROM version").fetchall() == [(VERSION,)]


def _made(connection: duckdb.DuckDBPyConnection) -> duckdb.DuckDBPyConnection:
    connection.begin()
    connection.execute("CREATE TABLE version AS SELECT ?::INTEGER AS number", [VERSION])
    connection.execute(_RUNS)
    for table in INDEXED:
        empty = tables.schema(table).empty_table()
        connection.register("empty", empty)
        connection.execute(f"CREATE TABLE {table} AS SELECT ''::VARCHAR AS run, * FROM empty LIMIT 0")
        connection.unregister("empty")
    connection.commit()
    return connection
