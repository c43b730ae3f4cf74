"""`export`: the tables of a run as files that other tools read."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
import pyarrow as pa
import pyarrow.parquet as pq

from .. import inputs
from ..errors import BadInput, BadSpec
from ..exchange import writing
from ..tables import TABLES
from ..workspace import Workspace
from . import Session


@click.command()
@click.argument("run")
@click.argument("path", type=click.Path(path_type=Path))
@click.option("--table", help="A table as it is; default: the pairs with their texts, as TRL trains on them.")
@click.option("--llm-comparator", "layout", flag_value="llm-comparator",
              help="The verdicts of a judge run, for LLM Comparator: .json.")  # fmt: skip
@click.option("--alpaca", "layout", flag_value="alpaca",
              help="The verdicts of a judge run as AlpacaEval's annotations.json: .json.")  # fmt: skip
@click.option("--mt-bench", "layout", flag_value="mt-bench",
              help="The verdicts of a judge run as MT-Bench's judgment rows, of grades or pairs: .jsonl.")  # fmt: skip
@click.option("--arena", "layout", flag_value="arena",
              help="The verdicts of an Arena-Hard judge as its judgment rows: .jsonl.")  # fmt: skip
@click.pass_obj
def export(session: Session, run: str, path: Path, table: str | None, layout: writing.Name | None) -> None:
    """Write the pairs (or a table) of a run to PATH, .jsonl, .parquet or .csv; or its verdicts for another tool."""
    ws = session.workspace
    if table and layout:
        raise click.UsageError(f"--table and --{layout} are two layouts; choose one.")
    if table and table not in TABLES:
        raise BadInput(f"there is no table {table!r}; known: {', '.join(TABLES)}.")
    writers: dict[str, Writer] = {writing.SUFFIX[layout]: _write_bytes} if layout else WRITERS
    if path.suffix not in writers:
        raise BadInput(f"cannot write {path.name!r}: its ending must be one of {', '.join(writers)}.")
    content: Any
    content, count = writing.written(ws, run, layout) if layout else _rows(ws, run, table)
    session.write(path, lambda beside: writers[path.suffix](content, beside))
    session.show({"run": run, "path": str(path), "rows": count}, f"{count} rows written to {path}")


def _rows(ws: Workspace, run: str, table: str | None) -> tuple[pa.Table, int]:
    try:
        rows = ws.table(run, table) if table else conversational(inputs.texts(ws, run))
    except BadSpec as problem:
        there = [name for name in TABLES if (ws.folder(run) / f"{name}.parquet").exists()]
        raise BadInput(f"{problem} Of its own it has: {', '.join(there) or 'nothing yet'} (--table).") from None
    return rows, rows.num_rows


def conversational(pairs: pa.Table) -> pa.Table:
    """TRL's conversational preference layout: prompt, chosen, rejected as messages; the pair's id as text."""
    columns: dict[str, Any] = {
        "pair_id": [f"{i:016x}" for i in pairs["pair_id"].to_pylist()],
        "prompt": pairs["prompt"],
    }
    for side in ("chosen", "rejected"):
        columns[side] = [[{"role": "assistant", "content": text}] for text in pairs[side].to_pylist()]
    return pa.table(columns)


def _write_lines(rows: pa.Table, path: Path) -> None:
    with path.open("w", encoding="utf-8") as file:
        for batch in rows.to_batches(max_chunksize=4096):
            file.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in batch.to_pylist())


def _write_csv(rows: pa.Table, path: Path) -> None:
    nested = [name for name in rows.column_names if pa.types.is_nested(rows.schema.field(name).type)]
    for name in nested:
        texts = [json.dumps(value, ensure_ascii=False) for value in rows[name].to_pylist()]
        rows = rows.set_column(rows.column_names.index(name), name, pa.array(texts))
    rows.to_pandas().to_csv(path, index=False)


def _write_bytes(content: bytes, path: Path) -> None:
    path.write_bytes(content)


Writer = Callable[[Any, Path], object]
WRITERS: dict[str, Writer] = {".jsonl": _write_lines, ".parquet": pq.write_table, ".csv": _write_csv}
