from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from backend.report.judges import judge_pairs


def judged(values: dict[str, list[float]], against: str | None = "base", first: int = 0) -> pd.DataFrame:
    """A verdict on each of a candidate's answers."""
    rows = [
        {"prompt_id": n, "candidate_id": 100 * row + n, "reference_id": n, "sample": 0, "turn": 1, "value": value,
         "candidate": name, "against": against}
        for row, (name, column) in enumerate(values.items())
        for n, value in enumerate(column, start=first)
    ]  # fmt: skip
    return pd.DataFrame(rows)


def test_order_and_items_by_hand() -> None:
    """Means 1, ½, 0 against ½, 1, 0: one of three pairs exchanged, τ = (2 − 1) / 3, ρ = 1 − 6 · 2 / (3 · 8).

    Same verdict on b's two items? the first judge says 1 and 0, the other 1 and 1: one. a: 1, 1 against 1, 0: one.
    c: 0, 0 against 0, 0: both. Four of six, all of them decided.
    """
    one = judged({"a": [1, 1], "b": [1, 0], "c": [0, 0]})
    other = judged({"a": [1, 0], "b": [1, 1], "c": [0, 0]})
    (pair,) = judge_pairs({"gpt": one, "llama": other})
    assert (pair.one, pair.other, pair.against) == ("gpt", "llama", "base")
    assert (pair.ranks.models, pair.ranks.kendall, pair.ranks.spearman) == (3, pytest.approx(1 / 3), pytest.approx(0.5))
    assert (pair.agree.value, pair.agree.items, pair.near.value, pair.unread) == (4 / 6, 6, 4 / 6, 0)
    # each says "won" 3 of 6 times: by chance a half agree; (4/6 − 1/2) / (1 − 1/2)
    assert pair.kappa == pytest.approx(1 / 3)
    assert pair.scores.to_dict("list") == {"candidate": ["a", "b", "c"], "one": [1, 0.5, 0], "other": [0.5, 1, 0],
                                           "items": [2, 2, 2]}  # fmt: skip


def test_only_items_that_both_read_count() -> None:
    one, other = judged({"a": [1, 1, 0]}), judged({"a": [1, np.nan, 0, 1]}, first=0)
    (pair,) = judge_pairs({"gpt": one, "llama": other})
    assert (pair.agree.items, pair.agree.value, pair.unread) == (2, 1.0, 1)
    assert pair.scores["one"].tolist() == [0.5]


def test_an_item_judged_in_two_runs_counts_once_with_its_mean() -> None:
    """Won in one run and lost in the other: a tie."""
    one = pd.concat([judged({"a": [1, 0]}), judged({"a": [0, 0]})])
    (pair,) = judge_pairs({"gpt": one, "llama": judged({"a": [1, 0]})})
    assert (pair.agree.items, pair.agree.value, pair.near.items) == (2, 0.5, 1)


def test_grades_agree_where_they_are_equal_and_nearly_within_one() -> None:
    one, other = judged({"a": [8, 7, 3]}, None), judged({"a": [8, 6, 9]}, None)
    (pair,) = judge_pairs({"gpt": one, "llama": other})
    assert (pair.against, pair.agree.value, pair.near.value) == (None, 1 / 3, 2 / 3)
    assert pair.ranks.kendall is None, "one candidate has no order"


def test_every_reference_is_a_table_of_its_own() -> None:
    one = pd.concat([judged({"a": [1]}), judged({"a": [0]}, "other", first=7)])
    pairs = judge_pairs({"gpt": one, "llama": one})
    assert [(pair.against, pair.agree.items) for pair in pairs] == [("base", 1), ("other", 1)]


def test_judges_of_different_answers_are_no_pair() -> None:
    assert judge_pairs({"gpt": judged({"a": [1]}), "llama": judged({"a": [1]}, first=5)}) == []
    assert judge_pairs({"gpt": judged({"a": [1]})}) == []
