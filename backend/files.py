"""Rows of a local file: JSON, JSON Lines, CSV or Parquet, each also gzipped. BadData says what is wrong, and where."""

from __future__ import annotations

import csv
import gzip
import io
import itertools
import json
import zlib
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import IO, Any

import pyarrow as pa
import pyarrow.parquet as pq

from .errors import BadData

Row = Mapping[str, Any]


def suffix_of(name: str) -> str:
    """`csv` or `csv.gz` of a file name, lower case; BadData where it cannot be read."""
    parts = Path(name).name.lower().split(".")[1:]
    ending = ".".join(parts[-2:] if parts[-1:] == ["gz"] else parts[-1:])
    if ending.removesuffix(".gz") not in _READERS:
        known = ", ".join(_READERS)
        raise BadData(f"cannot read {Path(name).name!r}: its ending must be one of {known}, or one of these with .gz.")
    return ending


def rows(path: Path, suffix: str) -> Iterator[Row]:
    """The rows of a file, one after the other."""
    kind = suffix.removesuffix(".gz")
    found = False
    try:
        with path.open("rb") as raw:
            file: Any = gzip.GzipFile(fileobj=raw) if suffix.endswith(".gz") else raw
            for row in _READERS[kind](file, path.name):
                found = True
                yield row
    except (gzip.BadGzipFile, zlib.error, EOFError) as error:
        raise BadData(f"{path.name} is no whole gzip file ({error}); fetch it again.") from None
    if not found:
        raise BadData(f"{path.name} holds no rows; choose another file.")


def content(path: Path) -> bytes:
    """The bytes of a file, unpacked where its name ends in .gz; BadData where it is no whole gzip file."""
    data = path.read_bytes()
    try:
        return gzip.decompress(data) if path.name.lower().endswith(".gz") else data
    except (gzip.BadGzipFile, zlib.error, EOFError) as error:
        raise BadData(f"{path.name} is no whole gzip file ({error}); fetch it again.") from None


def first_rows(path: Path, suffix: str, count: int) -> list[Row]:
    """The first rows, for a preview."""
    return list(itertools.islice(rows(path, suffix), count))


def placed_rows(path: Path) -> Iterator[tuple[str, Row]]:
    """Each row of a file with its place in words, for messages: `pairs.jsonl row 3`."""
    for number, row in enumerate(rows(path, suffix_of(path.name)), start=1):
        yield f"{path.name} row {number}", row


def field(row: Row, name: str, kinds: type | tuple[type, ...], place: str) -> Any:
    """A column that must be there, of one of these types; BadData says where it is not. A bool is no number."""
    if name not in row:
        raise BadData(f"{place} has no {name!r} (it has {', '.join(row)[:90]}); choose a file of the expected layout.")
    value = row[name]
    if not isinstance(value, kinds) or isinstance(value, bool):
        raise BadData(f"{place}: {name!r} is {_short(value)}, which it must not be; mend or remove the row.")
    return value


def _short(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 40 else text[:39] + "…"


def _lines(file: IO[bytes], name: str) -> Iterator[Row]:
    for number, line in enumerate(file, start=1):  # binary: only a newline ends a line, whatever strings hold
        if line.strip():
            yield _object(_json(_text(line, name, number).rstrip(), f"{name} line {number}"), f"{name} line {number}")


def _document(file: IO[bytes], name: str) -> Iterator[Row]:
    text = _text(file.read(), name, None)
    try:
        document = json.loads(text)
    except json.JSONDecodeError as error:
        if error.msg == "Extra data":  # JSON Lines under the name of JSON
            yield from _lines(io.BytesIO(text.encode()), name)
            return
        raise BadData(f"{name} line {error.lineno} is no JSON: {error.msg}; mend the file.") from None
    if isinstance(document, dict):
        lists = {key: value for key, value in document.items() if isinstance(value, list)}
        if len(lists) > 1:
            lists.pop("models", None)  # LLM Comparator names its two models there, beside the examples
        if len(lists) != 1:
            raise BadData(f"{name} is one JSON object; it must be a list of rows, or hold exactly one such list.")
        (document,) = lists.values()
    if not isinstance(document, list):
        raise BadData(f"{name} holds a {type(document).__name__}; it must be a list of rows.")
    for number, row in enumerate(document, start=1):
        yield _object(row, f"{name} row {number}")


def _csv(file: IO[bytes], name: str) -> Iterator[Row]:
    csv.field_size_limit(2**31 - 1)
    text = (_text(line, name, number) for number, line in enumerate(file, start=1))
    reader = csv.DictReader(text, strict=True)
    try:
        for row in reader:
            if None in row or None in row.values():
                raise BadData(f"{name} line {reader.line_num} has more or fewer cells than the header; mend the file.")
            yield {key.removeprefix("\ufeff"): value for key, value in row.items()}
    except csv.Error as error:
        raise BadData(f"{name} is no CSV after line {reader.line_num}: {error}; mend the file.") from None


def _parquet(file: IO[bytes], name: str) -> Iterator[Row]:
    try:
        for batch in pq.ParquetFile(pa.PythonFile(file, mode="r")).iter_batches(1024):
            yield from batch.to_pylist()
    except pa.ArrowInvalid as error:
        raise BadData(f"{name} is no Parquet file: {str(error).splitlines()[0][:120]}; fetch it again.") from None


def _text(data: bytes, name: str, line: int | None) -> str:
    try:
        return data.decode("utf-8-sig" if line in (None, 1) else "utf-8")
    except UnicodeDecodeError as error:
        where = f"line {line}" if line else f"byte {error.start}"
        raise BadData(f"{name} is not UTF-8 text ({where}); save it as UTF-8 and try again.") from None


def _json(text: str, where: str) -> Any:
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        raise BadData(f"{where} is no JSON: {error.msg} at column {error.colno}; mend or remove the line.") from None


def _object(value: Any, where: str) -> Row:
    if not isinstance(value, dict):
        raise BadData(f"{where} is a {type(value).__name__}; every row must be an object with named columns.")
    return value


_READERS: dict[str, Callable[[IO[bytes], str], Iterator[Row]]] = {
    "jsonl": _lines,
    "json": _document,
    "csv": _csv,
    "parquet": _parquet,
}
