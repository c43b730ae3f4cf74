from __future__ import annotations

import numpy as np
import pytest

from backend.errors import BadData
from backend.report.raters import agreement, rank_agreement


def test_agreement_by_hand() -> None:
    """Five rated by both; they agree on 3 of 5, and on 2 of the 3 that both decide.

    won 2/5 and 3/5, lost 2/5 and 1/5, tied 1/5 and 1/5: by chance 6/25 + 2/25 + 1/25 = 9/25; (15 − 9) / (25 − 9).
    """
    judge = np.array([1.0, 0.9, 0.0, 0.2, 0.5, 1.0, np.nan])
    human = np.array([1.0, 1.0, 0.0, 0.5, 1.0, np.nan, 1.0])
    found = agreement(judge, human)
    assert (found.items, found.unrated, found.agree.items) == (7, 2, 5)
    assert (found.agree.value, found.decided.value, found.decided.items) == (0.6, 1.0, 3)
    assert found.kappa == pytest.approx(6 / 16)


def test_kappa_is_nothing_where_both_always_say_the_same_and_nought_at_chance() -> None:
    assert agreement(np.ones(4), np.ones(4)).kappa is None
    assert agreement(np.array([]), np.array([])).kappa is None
    assert agreement(np.array([1, 1, 0, 0.0]), np.array([1, 0, 1, 0.0])).kappa == 0


def test_rank_agreement_by_hand() -> None:
    """Four models, one neighbouring pair exchanged: (5 − 1) / 6, and 1 − 6 · 2 / (4 · 15)."""
    found = rank_agreement(np.array([1, 2, 3, 4.0]), np.array([10, 30, 20, 40.0]))
    assert (found.models, found.kendall, found.spearman) == (4, pytest.approx(2 / 3), pytest.approx(0.8))
    assert rank_agreement(np.array([1, 2.0]), np.array([5, 1.0])).kendall == pytest.approx(-1)


def test_one_model_or_equal_scores_have_no_order() -> None:
    assert rank_agreement(np.array([1.0]), np.array([1.0])).kendall is None
    assert rank_agreement(np.array([1, 1.0]), np.array([1, 2.0])).spearman is None


def test_raters_of_different_items_are_refused() -> None:
    with pytest.raises(BadData, match="3 scores beside 2"):
        rank_agreement(np.zeros(3), np.zeros(2))
