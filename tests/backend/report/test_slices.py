from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from backend.report.slices import slices


def items(*rows: tuple[int, int, str | None, float]) -> pd.DataFrame:
    """(question, turn, category, value)."""
    return pd.DataFrame(rows, columns=["question", "turn", "category", "value"])


def test_means_and_what_is_missing_by_hand() -> None:
    """Writing (1 + 0.5) / 2, its third verdict missing; math 0; one item of no category is in no slice but in all."""
    rows = items((1, 1, "writing", 1.0), (2, 1, "writing", 0.5), (3, 1, "writing", np.nan), (4, 1, "math", 0.0),
                 (5, 1, None, 1.0))  # fmt: skip
    found = {part.name: part for part in slices([rows], "category")}
    assert list(found) == ["math", "writing"]
    assert [(p.mean and p.mean.value, p.items, p.missing) for p in found.values()] == [(0.0, 1, 0), (0.75, 3, 1)]
    (whole,) = slices([rows])
    assert whole.mean and (whole.mean.value, whole.mean.items, whole.missing) == (2.5 / 4, 4, 1)


def test_a_slice_without_a_verdict_has_no_mean() -> None:
    (only,) = slices([items((1, 1, "math", np.nan))], "category")
    assert (only.mean, only.items, only.missing) == (None, 1, 1)


def test_both_turns_of_a_question_are_drawn_together() -> None:
    """Turns that say the same twice add answers, not evidence: the interval is that of the questions alone."""
    chance = np.random.default_rng(0)
    grades = chance.integers(3, 10, 40).astype(float)
    first = items(*((n, 1, None, grade) for n, grade in enumerate(grades)))
    both = pd.concat([first, first.assign(turn=2)])
    (one,), (two,) = slices([first], graded=True), slices([both], graded=True)
    assert one.mean and two.mean and (one.mean.items, two.mean.items, two.mean.prompts) == (40, 80, 40)
    assert (two.mean.low, two.mean.high) == pytest.approx((one.mean.low, one.mean.high))


def test_turns_are_slices_too() -> None:
    rows = items((1, 1, None, 8.0), (1, 2, None, 6.0), (2, 1, None, 4.0), (2, 2, None, 2.0))
    assert [(p.name, p.mean and p.mean.value) for p in slices([rows], "turn", graded=True)] == [("1", 6.0), ("2", 4.0)]


def test_an_interval_of_grades_keeps_to_1_to_10_and_equal_grades_are_no_certainty() -> None:
    (best,) = slices([items(*((n, 1, None, 10.0) for n in range(20)))], graded=True)
    assert best.mean and (best.mean.value, best.mean.high) == (10.0, 10.0) and 7 < best.mean.low < 10
    (worst,) = slices([items(*((n, 1, None, 1.0) for n in range(20)))], graded=True)
    assert worst.mean and (worst.mean.low, worst.mean.value) == (1.0, 1.0) and 1 < worst.mean.high < 4


def test_grades_of_another_scale_have_a_plain_interval() -> None:
    (part,) = slices([items((1, 1, None, 60.0), (2, 1, None, 80.0), (3, 1, None, 100.0))], graded=True)
    assert part.mean and part.mean.value == pytest.approx(80) and part.mean.low < 60 and part.mean.high > 100


def test_seeds_are_pooled_over_their_items() -> None:
    (part,) = slices([items((1, 1, "a", 1.0), (2, 1, "a", 0.0)), items((1, 1, "a", 1.0), (2, 1, "a", 1.0))], "category")
    assert part.mean and (part.mean.value, part.mean.items, part.mean.seeds) == (0.75, 4, 2)


def test_intervals_of_grades_hold_the_truth_as_often_as_they_say() -> None:
    """30 questions of two turns that are hard or easy together; many grades at the upper end. 95 %, less 2.5 SE."""
    chance, told, times = np.random.default_rng(1), 0, 300
    levels = np.arange(1.0, 11.0)
    for _ in range(times):
        easy = chance.random(30) < 0.7
        grades = np.where(np.repeat(easy, 2), 9 + (chance.random(60) < 0.6), chance.choice(levels, 60))
        rows = items(*((n // 2, 1 + n % 2, None, grade) for n, grade in enumerate(grades)))
        (part,) = slices([rows], graded=True)
        assert part.mean
        told += part.mean.low <= 0.7 * 9.6 + 0.3 * 5.5 <= part.mean.high
    assert told / times >= 0.92
