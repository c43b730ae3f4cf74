"""Sentences that are said, and those that are not."""

from __future__ import annotations

import numpy as np
import pytest

from backend.report.cautions import on_answers, on_place, on_reasons, place_share


def test_a_judge_of_places_is_told_from_a_strong_model() -> None:
    candidate_first = [n % 2 == 0 for n in range(40)]
    assert place_share([1.0] * 40, candidate_first) == 1.0
    # a candidate that always wins is preferred first when it is first, second when it is second
    assert place_share([float(first) for first in candidate_first], candidate_first) == 0.5
    # also where it was shown first three times in four
    uneven = [n % 4 != 0 for n in range(40)]
    assert place_share([float(first) for first in uneven], uneven) == 0.5
    assert place_share([0.5] * 40, candidate_first) == 0.5


def test_a_place_is_flagged_either_way_and_few_verdicts_say_nothing() -> None:
    order = [True] * 10 + [False] * 10
    assert "shown first in 100 %" in next(on_place([0.99] * 20, order))
    assert "shown second in 100 %" in next(on_place([0.01] * 20, order))
    assert list(on_place([1.0] * 13, [True] * 9 + [False] * 4)) == []
    assert place_share([1.0] * 10, [True] * 10) is None


def test_a_fair_judge_is_not_flagged() -> None:
    chance = np.random.default_rng(0)
    for _ in range(200):
        assert list(on_place(list(chance.random(60)), list(chance.random(60) < 0.5))) == []


def test_answers_that_are_one_text_are_flagged() -> None:
    assert "12 of 100 answers of the candidate" in next(
        on_answers(["same"] * 12 + list(map(str, range(88))), "candidate")
    )
    assert list(on_answers(["same"] * 9 + list(map(str, range(91))), "candidate")) == []
    assert list(on_answers(["a", "a", "b"], "candidate")) == [] and list(on_answers([], "candidate")) == []


def test_the_most_frequent_reason_is_given() -> None:
    assert next(on_reasons(["a.", "b.", "b."])) == "3 replies could not be read; 2 of them because b."
    assert list(on_reasons([])) == []


@pytest.mark.parametrize("share", [0.89, 0.11])
def test_a_strong_but_not_total_preference_is_left_to_the_report(share: float) -> None:
    shown = [1.0] * round(100 * share) + [0.0] * round(100 * (1 - share))
    assert list(on_place(shown * 2, [True] * 100 + [False] * 100)) == []
