from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from backend.report.judge_bias import by_length, judge_bias, longer_preferred, position_bias
from backend.report.verdicts import Verdicts, verdicts


def judged(*rows: tuple[int, str, float]) -> Verdicts:
    """(prompt, order, how far the candidate is preferred)."""
    fixed = {"candidate_id": 1, "reference_id": 2, "sample": 0, "turn": 1, "attempt": 1, "status": "ok"}
    names = ("prompt_id", "order", "preference")
    return verdicts(pd.DataFrame([{**fixed, **dict(zip(names, row, strict=True))} for row in rows]))


def both(prompt: int, first: float, second: float) -> list[tuple[int, str, float]]:
    return [(prompt, "candidate_first", first), (prompt, "reference_first", second)]


def of_lengths(*rows: tuple[float, float]) -> pd.DataFrame:
    """(candidate's length − reference's, preference)."""
    longer, preference = zip(*rows, strict=True)
    return pd.DataFrame(
        {"prompt_id": np.arange(len(rows), dtype=np.uint64), "longer": longer, "preference": preference}
    )


def test_flips_ties_and_the_first_place_by_hand() -> None:
    """Won, lost, first preferred twice, second preferred twice, a true tie: the first place is preferred in 1/2."""
    found = judge_bias([judged(*both(1, 1, 1), *both(2, 0, 0), *both(3, 1, 0), *both(4, 0, 1), *both(5, 0.5, 0.5))])
    assert found and found.flips and found.first
    assert (found.items, found.flips.value, found.flips.items) == (5, 0.4, 5)
    assert (found.first.value, found.first_place) == (0.5, "")


@pytest.mark.parametrize(("first", "second", "place"), [(1, 0, "first"), (0, 1, "second")])
def test_a_judge_that_looks_at_the_place_only_is_flagged(first: float, second: float, place: str) -> None:
    found = judge_bias([judged(*(row for i in range(20) for row in both(i, first, second)))])
    assert found and found.flips and found.flips.value == 1
    assert found.first_place.startswith(f"The judge prefers the answer shown {place}")


def test_a_much_better_candidate_is_no_position_bias() -> None:
    """9 of 10 won in both orders: each answer stood first once, so the first place is preferred in half."""
    found = judge_bias([judged(*(row for i in range(40) for row in both(i, i % 10 > 0, i % 10 > 0)))])
    assert found and found.first and found.first.value == 0.5 and not found.first_place


def test_single_orders_count_for_the_place_only_where_there_are_no_double_ones() -> None:
    single = judged((1, "candidate_first", 1.0), (2, "reference_first", 0.0), (3, "reference_first", 1.0))
    one = position_bias([single.rows])
    assert one and one.value == pytest.approx(2 / 3)
    mixed = position_bias([judged(*both(1, 1, 1), (2, "candidate_first", 1.0)).rows])
    assert mixed and (mixed.value, mixed.items) == (0.5, 1)


def test_a_judge_that_is_shown_no_order_has_no_place_to_prefer() -> None:
    found = judge_bias([judged((1, "unordered", 1.0), (2, "unordered", 0.0))])
    assert found and (found.flips, found.first, found.longer, found.by_length) == (None, None, None, [])
    assert judge_bias([]) is None


def test_the_longer_answer_by_hand() -> None:
    """The longer one: won, lost, half; equal lengths say nothing."""
    found = longer_preferred([of_lengths((10, 1), (-5, 1), (3, 0.5), (0, 1))])
    assert found and (found.value, found.items) == (0.5, 3)
    assert longer_preferred([of_lengths((0, 1))]) is None


def test_bins_of_length_hold_every_item_once() -> None:
    """Differences 1 to 10 in five bins of two; the candidate wins where it is longer by more than 6."""
    found = by_length([of_lengths(*((d, float(d > 6)) for d in range(1, 11)))])
    assert [(one.low, one.high) for one in found] == [(1, 3), (4, 5), (6, 7), (8, 9), (10, 10)]
    assert [one.win_rate.items for one in found] == [3, 2, 2, 2, 1]
    assert [one.win_rate.value for one in found] == [0, 0, 0.5, 1, 1]


def test_equal_differences_stay_together() -> None:
    found = by_length([of_lengths(*[(0, 0.5)] * 8, (1, 1), (2, 1))])
    assert sum(one.win_rate.items for one in found) == 10
    assert (found[0].low, found[0].high, found[0].win_rate.items) == (0, 0, 8) or found[0].high == 1
    assert [one.win_rate.items for one in by_length([of_lengths((7, 1), (7, 0))])] == [2]
