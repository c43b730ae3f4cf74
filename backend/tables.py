"""What a row is: the ten tables, their columns, and the ids that join them.

Text is stored once, in `prompts` and `responses`. Everything else speaks of ids: unsigned 64-bit
content hashes, so that loading twice changes nothing and runs join across datasets.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from .errors import WinnowError

ID = pa.uint64()
MESSAGES = pa.list_(pa.struct([("role", pa.string()), ("content", pa.string())]))

Message = Mapping[str, str]


@dataclass(frozen=True)
class Column:
    """One column of a table: its name, its Arrow type, and whether it may be null."""

    name: str
    type: pa.DataType
    optional: bool = False


def _columns(text: str, **types: pa.DataType) -> tuple[Column, ...]:
    """`"pair_id, split?"` with the types that are not a string."""
    names = [name.strip() for name in text.split(",")]
    return tuple(Column(n.rstrip("?"), types.get(n.rstrip("?"), pa.string()), n.endswith("?")) for n in names)


_F, _I = pa.float64(), pa.int64()

TABLES: dict[str, tuple[Column, ...]] = {
    "prompts": _columns(
        "prompt_id, prompt, category?, source?, reference?", prompt_id=ID, prompt=MESSAGES
    ),
    "responses": _columns(
        "response_id, prompt_id, response, author, rating?, sample",
        response_id=ID, prompt_id=ID, rating=_F, sample=_I,
    ),
    "pairs": _columns(
        "pair_id, prompt_id, chosen_id, rejected_id, label_source, split?",
        pair_id=ID, prompt_id=ID, chosen_id=ID, rejected_id=ID,
    ),
    "measurements": _columns("response_id, value, tokens?", response_id=ID, value=_F, tokens=_I),
    "embeddings": _columns("response_id, vector", response_id=ID, vector=pa.list_(pa.float32())),
    "selected": _columns("pair_id, rank, value?", pair_id=ID, rank=_I, value=_F),
    "comparisons": _columns(
        "comparison_id, prompt_id, first_id, second_id, weight?",
        comparison_id=ID, prompt_id=ID, first_id=ID, second_id=ID, weight=_F,
    ),
    "training": _columns("step, epoch, metric, value, split", step=_I, epoch=_F, value=_F),
    "judgements": _columns(
        "prompt_id, candidate_id, reference_id, sample, turn, order, attempt, status, preference?,"
        " grade?, explanation?, prompt_tokens?, completion_tokens?, cost?, seconds?, judge?, request?",
        prompt_id=ID, candidate_id=ID, reference_id=ID, sample=_I, turn=_I, attempt=_I,
        preference=_F, grade=_F, prompt_tokens=_I, completion_tokens=_I, cost=_F, seconds=_F,
    ),
    "votes": _columns(
        "prompt_id, candidate_id, reference_id, shown_first, preference, author, at",
        prompt_id=ID, candidate_id=ID, reference_id=ID, preference=_F, at=_F,
    ),
}  # fmt: skip


def schema(table: str) -> pa.Schema:
    """The Arrow schema of a table."""
    return pa.schema([pa.field(c.name, c.type, nullable=c.optional) for c in TABLES[table]])


def build(table: str, columns: Mapping[str, Any] | Sequence[Mapping[str, Any]]) -> pa.Table:
    """A checked table from columns (arrays, lists) or from rows; absent optional columns are null."""
    if not isinstance(columns, Mapping):
        columns = {c.name: [row.get(c.name) for row in columns] for c in TABLES[table]}
    unknown = set(columns) - {c.name for c in TABLES[table]}
    if unknown:
        raise WinnowError(f"table {table} has no column {sorted(unknown)[0]!r}.")
    size = max((len(v) for v in columns.values()), default=0)
    arrays = []
    for column in TABLES[table]:
        values = columns.get(column.name)
        if values is None and not column.optional:
            raise WinnowError(f"table {table} needs the column {column.name!r}.")
        array = pa.nulls(size, column.type) if values is None else _array(values, column)
        if array.null_count and not column.optional:
            raise WinnowError(f"{table}.{column.name} has {array.null_count} nulls; none are allowed.")
        arrays.append(array)
    return pa.table(arrays, schema=schema(table))


def _array(values: Any, column: Column) -> pa.Array:
    if isinstance(values, pa.ChunkedArray):
        values = values.combine_chunks()
    if isinstance(values, pa.Array):
        return values.cast(column.type)
    return pa.array(values, type=column.type, from_pandas=True)


def check(table: str, rows: pa.Table) -> pa.Table:
    """The rows, if they fit the schema of the table; a WinnowError names the first column that does not."""
    return build(table, {name: rows[name] for name in rows.column_names})


def content_id(*parts: str | int | None) -> int:
    """64-bit hash of a sequence of strings and numbers. Equal content, equal id, everywhere."""
    text = json.dumps(parts, ensure_ascii=False, separators=(",", ":"))
    return int.from_bytes(hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "big")


def prompt_id(messages: Iterable[Message]) -> int:
    """The id of a prompt: its roles and contents."""
    return content_id("prompt", *(part for m in messages for part in (m["role"], m["content"])))


def earlier_prompts(messages: Sequence[Message]) -> list[int]:
    """The ids of the prompts of the turns before: the beginnings of messages that are all the user's, else none."""
    if any(message["role"] != "user" for message in messages):
        return []
    return [prompt_id(messages[:turn]) for turn in range(1, len(messages))]


def first_prompt(number: int, messages: Sequence[Message], there: Container[int]) -> int:
    """The id of a conversation's first prompt, if that is there too; else the prompt's own."""
    before = earlier_prompts(messages)
    return before[0] if before and before[0] in there else number


def response_id(prompt: int, response: str, author: str, sample: int = 0) -> int:
    """The id of a response: its prompt, its text, its author and, past the first, its sample number."""
    return content_id("response", prompt, author, response, *([sample] if sample else []))


def pair_id(prompt: int, chosen: int, rejected: int, occurrence: int = 0) -> int:
    """The id of a pair; `occurrence` tells exact duplicates of one pair apart (0 for the first)."""
    return content_id("pair", prompt, chosen, rejected, *([occurrence] if occurrence else []))
