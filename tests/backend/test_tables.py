"""Tables: schemas and content ids."""

from __future__ import annotations

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend import tables
from backend.errors import WinnowError

MESSAGES = [{"role": "user", "content": "hello"}]


@pytest.mark.parametrize("name", tables.TABLES)
def test_every_table_can_be_built_empty_and_checked_again(name: str) -> None:
    required = {c.name: [] for c in tables.TABLES[name] if not c.optional}
    rows = tables.build(name, required)
    assert rows.num_rows == 0
    assert tables.check(name, rows).schema == tables.schema(name)


def test_absent_optional_columns_are_null() -> None:
    rows = tables.build("measurements", {"response_id": [1, 2], "value": [0.5, 0.25]})
    assert rows["tokens"].null_count == 2


def test_a_missing_column_is_named() -> None:
    with pytest.raises(WinnowError, match="needs the column 'value'"):
        tables.build("measurements", {"response_id": [1]})


def test_an_unknown_column_is_named() -> None:
    with pytest.raises(WinnowError, match="no column 'reward'"):
        tables.build("measurements", {"response_id": [1], "value": [1.0], "reward": [1.0]})


def test_a_null_where_none_is_allowed_is_refused() -> None:
    with pytest.raises(WinnowError, match=r"measurements.value has 1 nulls"):
        tables.build("measurements", {"response_id": [1], "value": [None]})


def test_the_full_range_of_ids_survives() -> None:
    rows = tables.build("selected", {"pair_id": [2**64 - 1], "rank": [0]})
    assert rows["pair_id"].to_pylist() == [2**64 - 1]
    assert rows.schema.field("pair_id").type == pa.uint64()


def test_ids_are_the_same_in_every_process_and_version() -> None:
    prompt = tables.prompt_id(MESSAGES)
    assert prompt == 0x7D0FB0C15B65A7C7


@given(st.lists(st.text(), min_size=2, max_size=4))
def test_moving_a_boundary_between_parts_changes_the_id(parts: list[str]) -> None:
    joined = [parts[0] + parts[1], *parts[2:]]
    assert tables.content_id(*parts) != tables.content_id(*joined)


def test_ids_tell_author_sample_and_occurrence_apart() -> None:
    ids = {
        tables.response_id(1, "x", "a"),
        tables.response_id(1, "x", "b"),
        tables.response_id(1, "x", "a", sample=1),
        tables.pair_id(1, 2, 3),
        tables.pair_id(1, 2, 3, occurrence=1),
        tables.pair_id(1, 3, 2),
    }
    assert len(ids) == 6


def test_text_that_utf8_cannot_hold_still_has_an_id() -> None:
    assert tables.content_id("\ud800") != tables.content_id("\ud801")
