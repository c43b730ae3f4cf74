from __future__ import annotations

import numpy as np
import pytest

from backend.report.spread import spread


def test_one_seed_is_the_textbook_error() -> None:
    """−1, 0, 1: s² = 1, over 3 prompts; nothing is known of other seeds."""
    found = spread(np.array([[-1.0, 0.0, 1.0]]))
    assert (found.error, found.freedom, found.floor) == (pytest.approx((1 / 3) ** 0.5), 2, 0.0)


def test_seeds_and_prompts_by_hand() -> None:
    """Seeds at ±3, prompts at −1, 0, 1, and nothing else.

    MS of seeds 3 · (9 + 9) / 1 = 54, of prompts 2 · (1 + 1) / 2 = 2, of both 0. Variance (54 + 2 − 0) / 6; degrees of
    freedom 56² / (54² / 1 + 2² / 2) = 1.0747. Any number of prompts leaves 54 / 6.
    """
    found = spread(np.array([[-4.0, -3.0, -2.0], [2.0, 3.0, 4.0]]))
    assert found.error == pytest.approx((56 / 6) ** 0.5)
    assert found.freedom == pytest.approx(3136 / 2918)
    assert found.floor == pytest.approx(3.0)


def test_means_that_happen_to_agree_do_not_make_the_error_vanish() -> None:
    """Answers differ, the means of seeds and prompts do not: their MS are 0, that of both is 8 / 3, over 8 cells."""
    found = spread(np.array([[-1.0, 1.0, -1.0, 1.0], [1.0, -1.0, 1.0, -1.0]]))
    assert (found.error, found.floor) == (pytest.approx((1 / 3) ** 0.5), 0.0)


def test_a_single_prompt_tells_nothing() -> None:
    assert np.isnan(spread(np.zeros((1, 1))).error) and np.isnan(spread(np.zeros((3, 1))).error)
