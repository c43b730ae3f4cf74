"""`parse`: JSON Lines in, JSON Lines out, whatever the lines hold."""

from __future__ import annotations

import gzip
import io
import json
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from backend.__main__ import run

Parse = Callable[..., list[dict[str, Any]]]


@pytest.fixture
def parse(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Parse:
    """The answers to these bytes on standard input; the exit code is 0 and standard error is empty."""

    def command(kind: str, given: bytes, *flags: str) -> list[dict[str, Any]]:
        monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=io.BytesIO(given)))
        assert run(["parse", "--kind", kind, *flags, "--json"]) == 0
        out, err = capsys.readouterr()
        assert err == ""
        return [json.loads(line) for line in out.split("\n") if line]

    return command


def lines(*rows: Any) -> bytes:
    return "".join(f"{json.dumps(row)}\n" for row in rows).encode()


def test_each_line_gets_one_answer_in_its_order(parse: Parse) -> None:
    given = lines({"id": 7, "text": "[[A]]"}, {"id": "x", "text": "none"}, {"text": "[[C]]"})
    assert parse("mtbench-pair", given) == [
        {"id": 7, "value": "A", "error": None},
        {"id": "x", "value": None, "error": "the reply holds none of [[A]], [[B]], [[C]]."},
        {"id": None, "value": "tie", "error": None},
    ]


def test_a_bad_line_does_not_stop_the_stream(parse: Parse) -> None:
    bad = [b"no JSON\n", b'"text"\n', b'{"id": 1, "text": "\xff"}\n', b"[" * 100_000 + b"\n", b"\n"]
    given = b"\xef\xbb\xbf" + lines({"id": 1, "text": "[[7]]"}) + b"".join(bad) + lines({"id": 2, "text": "[[8]]"})
    answers = parse("mtbench-single", given)
    assert [(a["id"], a["value"]) for a in answers] == [(1, 7), *[(None, None)] * 4, (2, 8)]
    assert [a["error"][:6] for a in answers[1:5]] == ["line 2", "line 3", "line 4", "line 5"]


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ({"id": 1}, "neither `text` nor `raw`"),
        ({"id": 1, "raw": None, "text": None}, "neither `text` nor `raw`"),
        ({"id": 1, "text": 5}, "no text"),
        ({"id": 1, "text": "[{'model': 'model_1', 'rank': 1}]", "instruction": 5}, "`instruction` is a int"),
    ],
)
def test_a_row_that_cannot_be_used_says_why(parse: Parse, row: Any, reason: str) -> None:
    (answer,) = parse("alpaca-ranking", lines(row))
    assert answer["id"] == 1 and answer["value"] is None and reason in answer["error"]


def test_text_may_hold_what_other_tools_take_for_the_end_of_a_line(parse: Parse) -> None:
    given = '{"id": "a\u2028b", "text": "one\u2028two\x85 [[9]]"}\n'.encode()
    assert parse("mtbench-single", given) == [{"id": "a\u2028b", "value": 9, "error": None}]


def test_an_unknown_kind_is_bad_input(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["parse", "--kind", "vibes"]) == 2
    assert "arena-v0.1" in capsys.readouterr().err


def test_recorded_annotations_come_back_as_stored(parse: Parse, shared: Path) -> None:
    for path in sorted((shared / "alpaca_eval").glob("*/annotations.json.gz"))[1:3]:
        stored = [row for row in json.loads(gzip.decompress(path.read_bytes())) if row.get("raw_completion")]
        given = lines(
            *({"id": i, "raw": r["raw_completion"], "instruction": r["instruction"]} for i, r in enumerate(stored))
        )
        answers = parse("alpaca-logprob", given)
        assert [a["id"] for a in answers] == list(range(len(stored)))
        assert [a["value"] for a in answers] == pytest.approx([row["preference"] for row in stored], abs=1e-9)


def test_replies_are_read_as_a_custom_judge_would_read_them(parse: Parse) -> None:
    given = lines({"id": 1, "text": "A is long. Winner: B"}, {"id": 2, "text": "B"}, {"id": 3, "text": "Winner: none"})
    found = parse("custom", given, "--first", "A", "--second", "B", "--tie", "none", "--after", "Winner:")
    assert [row["value"] for row in found] == [0.0, None, None]
    assert found[1]["error"].startswith("the reply does not hold 'Winner:'") and "none of 'A', 'B'" in found[2]["error"]
    graded = parse("custom-grade", lines({"text": "[[3]]"}, {"text": "[[7]]"}), "--highest", "5")
    assert [row["value"] for row in graded] == [3.0, None]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["custom", "--reply", "vibes"], "'label', 'token', 'ranking' or 'json'"),
        (["custom", "--frist", "A"], "did you mean '--first'"),
        (["mtbench-pair", "--first", "A"], "only custom and custom-grade take more"),
    ],
)
def test_a_way_to_read_that_cannot_be_is_bad_input(
    capsys: pytest.CaptureFixture[str], words: list[str], said: str
) -> None:
    assert run(["parse", "--kind", *words]) == 2
    assert said in capsys.readouterr().err
