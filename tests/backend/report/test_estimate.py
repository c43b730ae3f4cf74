from __future__ import annotations

import numpy as np
import pytest

from backend.report.estimate import cells, difference, estimate, share
from backend.report.subset import flipped, overlap


def one(values: list[float], prompts: list[int] | None = None) -> tuple[np.ndarray, np.ndarray]:
    return np.array(prompts if prompts is not None else range(len(values)), np.uint64), np.array(values, float)


def test_the_mean_is_over_items_and_the_interval_over_prompts() -> None:
    """Two prompts with 3 and 1 items: (1 + 1 + 1 + 0) / 4. Drawn prompts give 1, 3/4 or 0."""
    result = estimate(cells([one([1, 1, 1, 0], [7, 7, 7, 9])]))
    assert (result.value, result.low, result.high) == (0.75, 0.0, 1.0)
    assert (result.prompts, result.items, result.seeds) == (2, 4, 1)


def test_many_samples_of_a_prompt_do_not_make_the_interval_narrower() -> None:
    values = np.random.default_rng(0).normal(size=50)
    once = estimate(cells([one(values.tolist())]))
    often = estimate(cells([one(np.repeat(values, 20).tolist(), np.repeat(np.arange(50), 20).tolist())]))
    assert (often.low, often.high) == pytest.approx((once.low, once.high))


def test_a_difference_is_paired_on_the_prompts_both_have() -> None:
    noise = np.random.default_rng(1).normal(0, 10, 100)
    a, b = cells([one((noise + 1).tolist())]), cells([one([*noise.tolist(), 99], list(range(101)))])
    result = difference(a, b)
    assert (result.value, result.low, result.high, result.prompts) == (
        pytest.approx(1),
        pytest.approx(1),
        pytest.approx(1),
        100,
    )


def test_seeds_that_disagree_widen_the_interval() -> None:
    values = np.random.default_rng(2).normal(size=200).tolist()
    agree = estimate(cells([one(values)] * 3))
    apart = estimate(cells([one([v + shift for v in values]) for shift in (-1, 0, 1)]))
    assert apart.seeds == 3 and apart.high - apart.low > 2 * (agree.high - agree.low)


@pytest.mark.parametrize("prompts", [40, 150])
def test_intervals_hold_the_truth_as_often_as_they_say(prompts: int) -> None:
    """400 studies of prompts with 3 correlated items each; 95 % intervals must hold the true mean 0 in 91.5 to 98 %."""
    chance = np.random.default_rng(3)
    held = 0
    for _ in range(400):
        values = chance.normal(size=prompts)[:, None] + 0.5 * chance.normal(size=(prompts, 3))
        result = estimate(
            cells([one(values.ravel().tolist(), np.repeat(np.arange(prompts), 3).tolist())]), resamples=400
        )
        held += result.low <= 0 <= result.high
    assert 0.915 <= held / 400 <= 0.98


def test_wilsons_interval_by_hand() -> None:
    """8 of 10 at z = 1.96: (0.8 + 0.192073) / 1.384146 ± 0.226578."""
    result = share(8, 10)
    assert (result.low, result.high) == (pytest.approx(0.4902, abs=1e-4), pytest.approx(0.9433, abs=1e-4))
    assert np.isnan(share(0, 0).value)


def test_flipped_labels_are_counted_among_pairs_that_differ() -> None:
    result = flipped(np.array([1.0, 0, 2, np.nan]), np.array([0.0, 1, 2, 1]))
    assert (result.wrong, result.equal, result.unknown, result.share.value, result.share.items) == (1, 1, 1, 0.5, 2)


def test_overlap_is_a_share_of_the_first_subset() -> None:
    assert overlap(np.array([1, 2, 3, 4]), np.array([4, 5])) == 0.25
