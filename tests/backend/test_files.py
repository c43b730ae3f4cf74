from __future__ import annotations

import gzip
import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from backend import files
from backend.errors import BadData

ROWS = [
    {"prompt": "a\u2028b", "chosen": 'say "yes",\nplease', "rejected": "né"},
    {"prompt": "c", "chosen": "", "rejected": "d"},
]


def written(place: Path, name: str) -> Path:
    path = place / name
    kind = name.split(".")[1]
    if kind == "jsonl":
        content = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in ROWS).encode()
    elif kind == "json":
        content = json.dumps({"data": ROWS} if "wrapped" in name else ROWS).encode()
    elif kind == "csv":
        import pandas as pd

        content = pd.DataFrame(ROWS).to_csv(index=False).encode()
    else:
        pq.write_table(pa.Table.from_pylist(ROWS), path)
        content = path.read_bytes()
    path.write_bytes(gzip.compress(content) if name.endswith(".gz") else content)
    return path


@pytest.mark.parametrize("packed", ["", ".gz"])
@pytest.mark.parametrize("name", ["rows.jsonl", "rows.json", "wrapped.json", "rows.csv", "rows.parquet"])
def test_rows_come_back_whatever_the_file(tmp_path: Path, name: str, packed: str) -> None:
    path = written(tmp_path, name + packed)
    assert list(files.rows(path, files.suffix_of(path.name))) == ROWS
    assert files.first_rows(path, files.suffix_of(path.name), 1) == ROWS[:1]


def test_a_byte_order_mark_is_no_part_of_the_first_column(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    path.write_bytes(b"\xef\xbb\xbfprompt,chosen\na,b\n")
    assert list(files.rows(path, "csv")) == [{"prompt": "a", "chosen": "b"}]


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.jsonl", b'{"a": 1}\n{"a": \n', "a.jsonl line 2 is no JSON: Expecting value at column 6"),
        ("a.jsonl", b"[1]\n", "a.jsonl line 1 is a list; every row must be an object"),
        ("a.jsonl", b'{"a": "\xff"}\n', "a.jsonl is not UTF-8 text (line 1)"),
        ("a.jsonl", b"\n\n", "a.jsonl holds no rows"),
        ("a.json", b'{"a": 1}', "must be a list of rows"),
        ("a.json", b'[{"a": 1},\n oops]', "a.json line 2 is no JSON"),
        ("a.json", b"3", "a.json holds a int"),
        ("a.csv", b"a,b\n1,2,3\n", "a.csv line 2 has more or fewer cells"),
        ("a.csv", b'a,b\n1,"2\n', "a.csv is no CSV after line 1"),
        ("a.csv.gz", b"not gzip", "a.csv.gz is no whole gzip file"),
        ("a.jsonl.gz", gzip.compress(b'{"a": 1}\n' * 99, mtime=0)[:-9], "is no whole gzip file"),
        ("a.parquet", b"PAR1", "a.parquet is no Parquet file"),
    ],
)
def test_what_is_wrong_with_a_file_is_one_sentence(tmp_path: Path, name: str, content: bytes, said: str) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(BadData) as caught:
        list(files.rows(path, files.suffix_of(name)))
    assert said in str(caught.value) and "\n" not in str(caught.value)


@pytest.mark.parametrize("name", ["a.txt", "a", "a.tar.gz", "a.xlsx"])
def test_an_ending_that_cannot_be_read_is_refused(name: str) -> None:
    with pytest.raises(BadData, match="its ending must be one of jsonl, json, csv, parquet"):
        files.suffix_of(name)
