from __future__ import annotations

import pandas as pd
import pytest

from backend.report.verdicts import Verdicts, verdicts
from backend.report.win_rate import win_rate


def judged(*rows: tuple[int, str, int, str, float | None]) -> Verdicts:
    """(prompt, order, attempt, status, preference)."""
    fixed = {"candidate_id": 1, "reference_id": 2, "sample": 0, "turn": 1}
    names = ("prompt_id", "order", "attempt", "status", "preference")
    return verdicts(pd.DataFrame([{**fixed, **dict(zip(names, row, strict=True))} for row in rows]))


def both(prompt: int, first: float, second: float) -> list[tuple[int, str, int, str, float | None]]:
    return [(prompt, "candidate_first", 1, "ok", first), (prompt, "reference_first", 1, "ok", second)]


def test_wins_losses_ties_flips_and_missing_by_hand() -> None:
    """Win 1, loss 0, a flip counts 1/2, a true tie 1/2, half a win 3/4; the last is missing an order. Each once."""
    seen = judged(*both(1, 1, 1), *both(2, 0, 0), *both(3, 1, 0), *both(4, 0.5, 0.5), *both(5, 1, 0.5),
                  (6, "candidate_first", 1, "ok", 1.0), (6, "reference_first", 1, "unparsable", None))  # fmt: skip
    result = win_rate([seen])
    assert result is not None
    assert result.win_rate.value == pytest.approx((1 + 0 + 0.5 + 0.5 + 0.75) / 5)
    assert (result.won, result.lost, result.tied, result.flipped) == (2, 1, 1, 1)
    assert (result.items, result.missing) == (6, 1)
    assert result.bounds == (pytest.approx(2.75 / 6), pytest.approx(3.75 / 6))


def test_the_last_readable_attempt_counts() -> None:
    rows = [(1, "unordered", 1, "transport", None), (1, "unordered", 2, "ok", 0.0), (1, "unordered", 3, "ok", 1.0)]
    assert judged(*rows).rows["preference"].tolist() == [1.0]


def test_an_item_asked_in_one_order_needs_only_that_one() -> None:
    assert judged((1, "candidate_first", 1, "ok", 1.0)).missing == 0


def test_nothing_readable_is_no_win_rate() -> None:
    seen = judged((1, "unordered", 1, "refused", None))
    assert (seen.items, seen.missing, win_rate([seen])) == (1, 1, None)


def test_seeds_are_pooled_over_their_items() -> None:
    result = win_rate([judged(*both(1, 1, 1), *both(2, 0, 0)), judged(*both(1, 1, 1), *both(2, 1, 1))])
    assert result and (result.win_rate.value, result.items, result.win_rate.seeds) == (0.75, 4, 2)
