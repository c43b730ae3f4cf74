"""Values are found by content, survive kills, and are never asked for twice."""

from __future__ import annotations

import numpy as np
import pytest

from backend.values import KEY, Scores, Values, key, keys
from backend.workspace import Workspace

SOME = keys(key("logprob float32", [1, 2], [n]) for n in range(5))


def scores(*values: float) -> Scores:
    return Scores(np.array(values), np.arange(len(values)))


def test_a_key_tells_prompt_from_response_and_one_kind_from_another() -> None:
    names = [key(kind, *ids) for kind in ("a", "b") for ids in (([1], [2, 3]), ([1, 2], [3]), ([], [1, 2, 3]))]
    assert len(set(names)) == 6
    assert key("a", [1], [2]) == key("a", [1], [2])


def test_values_are_known_to_every_later_reader_of_the_same_model(ws: Workspace) -> None:
    first = Values(ws, "m")
    first.add(SOME[:3], scores(-1.0, -2.0, float("nan")))
    first.add(SOME[3:4], scores(-4.0))
    found = Values(ws, "m").find(SOME)
    np.testing.assert_array_equal(found.value, [-1, -2, np.nan, -4, np.nan])
    np.testing.assert_array_equal(found.tokens, [0, 1, 0, 0, 0])
    assert np.isnan(Values(ws, "another").find(SOME).value).all()
    first.refresh()
    np.testing.assert_array_equal(first.find(SOME).value, found.value)


@pytest.mark.parametrize("cut", range(1, 41))
def test_a_record_that_a_kill_cut_short_is_not_read_and_the_others_are(ws: Workspace, cut: int) -> None:
    store = Values(ws, "m")
    store.add(SOME[:2], scores(-1.0, -2.0))
    (file,) = store.folder.glob("*.bin")
    file.write_bytes(file.read_bytes()[:-cut])
    np.testing.assert_array_equal(Values(ws, "m").find(SOME[:2]).value, [-1.0, np.nan])


def test_a_damaged_record_is_not_read(ws: Workspace) -> None:
    store = Values(ws, "m")
    store.add(SOME[:2], scores(-1.0, -2.0))
    (file,) = store.folder.glob("*.bin")
    content = bytearray(file.read_bytes())
    content[20] ^= 1
    file.write_bytes(bytes(content) + bytes(40))  # and zeros, as a power cut leaves them
    np.testing.assert_array_equal(Values(ws, "m").find(SOME[:2]).value, [np.nan, -2.0])


def test_two_processes_add_at_the_same_time_without_loss(ws: Workspace) -> None:
    left, right = Values(ws, "m"), Values(ws, "m")
    for number, store in enumerate((left, right, left, right)):
        store.add(SOME[number : number + 1], scores(-float(number)))
    np.testing.assert_array_equal(Values(ws, "m").find(SOME[:4]).value, [0, -1, -2, -3])


def test_a_thousand_rows_added_to_a_measured_million_are_a_thousand_to_measure(ws: Workspace) -> None:
    rng = np.random.default_rng(0)
    every = np.frombuffer(rng.bytes(16 * 1_001_000), dtype=KEY)
    measured = 0

    def measure(wanted: np.ndarray) -> np.ndarray:
        nonlocal measured
        store = Values(ws, "m")
        missing = np.isnan(store.find(wanted).value)
        measured += int(missing.sum())
        store.add(wanted[missing], Scores(wanted["low"][missing] / 2.0**64, np.ones(missing.sum(), dtype=np.int64)))
        store.refresh()
        return store.find(wanted).value

    measure(every[:1_000_000])
    assert measured == 1_000_000
    again = measure(every[rng.permutation(1_001_000)])
    assert measured == 1_001_000
    assert np.isfinite(again).all()


@pytest.mark.parametrize("width", [1, 7, 8])
def test_vectors_are_kept_beside_the_numbers_of_the_same_model(ws: Workspace, width: int) -> None:
    vectors = np.arange(5 * width, dtype=np.float32).reshape(5, width)
    vectors[3] = np.nan
    store = Values(ws, "m").vectors(width)
    store.add(SOME, Scores(vectors, np.arange(5)))
    again = Values(ws, "m").vectors(width)
    np.testing.assert_array_equal(again.find(SOME).value, vectors)
    assert again.missing(SOME).tolist() == [False, False, False, True, False]
    assert Values(ws, "m").missing(SOME).all()
