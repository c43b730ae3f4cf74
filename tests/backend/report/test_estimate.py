from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from backend.errors import BadData
from backend.report.estimate import Cells, Estimate, cells, difference, estimate, share
from backend.report.subset import flipped, overlap


def one(values: list[float], prompts: list[int] | None = None) -> tuple[np.ndarray, np.ndarray]:
    return np.array(prompts if prompts is not None else range(len(values)), np.uint64), np.array(values, float)


def test_the_mean_is_over_items_and_the_interval_over_prompts() -> None:
    """Prompts with 3, 1 and 1 items: (1 + 1 + 1 + 0 + 1) / 5, and the error of a ratio of two sums.

    What the prompts add to 4/5: (3 − 2.4, 0 − 0.8, 1 − 0.8) / (5/3) = 0.36, −0.48, 0.12; s² = 0.1872, s²/3 = 0.0624.
    """
    result = estimate(cells([one([1, 1, 1, 0, 1], [7, 7, 7, 9, 11])]))
    assert (result.value, result.prompts, result.items, result.seeds) == (0.8, 3, 5, 1)
    assert result.spread and result.spread.error == pytest.approx(0.0624**0.5)
    assert result.high - result.low == pytest.approx(2 * 4.302653 * 0.0624**0.5)  # t with two degrees of freedom


def test_one_prompt_has_a_value_but_no_interval() -> None:
    result = estimate(cells([one([1.0])]))
    assert result.value == 1 and np.isnan(result.low) and np.isnan(result.high)


def test_all_won_does_not_mean_that_none_could_be_lost() -> None:
    """20 of 20: Wilson's interval begins at 84 %. Bounded intervals stay in their bounds and hold their value."""
    all_won = estimate(cells([one([1.0] * 20)]), bounded=True)
    assert (all_won.value, all_won.high) == (1.0, 1.0) and 0.80 < all_won.low < 0.90
    gap = difference(cells([one([1.0] * 20)]), cells([one([0.0] * 20)]), bounded=True)
    assert (gap.value, gap.high) == (1.0, 1.0) and 0.6 < gap.low < 0.9


def test_without_a_common_prompt_there_is_no_difference() -> None:
    with pytest.raises(BadData, match="share no prompt"):
        difference(cells([one([1.0], [1])]), cells([one([1.0], [2])]))


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


@pytest.mark.parametrize("seeds", [1, 3])
@pytest.mark.parametrize("share", [0.002, 0.4, 0.995])
def test_of_very_many_prompts_the_shape_of_the_draws_is_known_without_drawing(seeds: int, share: float) -> None:
    """6,000 prompts, 2,000 draws: not drawn; 1,600 draws: drawn. Ends differ by less than a twentieth of the width."""
    chance = np.random.default_rng(4)
    of = cells([one((chance.random(6000) < share).astype(float).tolist()) for _ in range(seeds)])
    for bounded in (False, True):
        known, drawn = (estimate(of, bounded=bounded, resamples=n) for n in (2000, 1600))
        width = drawn.high - drawn.low
        assert known.high - known.low == pytest.approx(width)
        assert abs(known.low - drawn.low) < width / 20 and abs(known.high - drawn.high) < width / 20


def ternary(chance: np.random.Generator, prompts: int, won: float, tied: float) -> Cells:
    drawn = chance.random(prompts)
    return cells([one(np.where(drawn < won, 1, np.where(drawn < won + tied, 0.5, 0)).tolist())])


def crossed(chance: np.random.Generator, seeds: int, prompts: int, of_seeds: float) -> Cells:
    """Normal values of mean 0: prompts differ by 1, seeds by `of_seeds`, and each answer by 1."""
    values = (
        chance.normal(size=prompts) + of_seeds * chance.normal(size=(seeds, 1)) + chance.normal(size=(seeds, prompts))
    )
    return cells([one(row.tolist()) for row in values])


def coverage(draw: Callable[[np.random.Generator], Estimate], truth: float, rounds: int = 400) -> float:
    """How often the interval holds the truth."""
    chance = np.random.default_rng(3)
    return float(np.mean([e.low <= truth <= e.high for e in (draw(chance) for _ in range(rounds))]))


@pytest.mark.parametrize(
    ("prompts", "won", "tied"),
    [
        (10, 0.5, 0.0),
        (10, 0.9, 0.0),
        (20, 0.1, 0.8),
        (20, 0.97, 0.0),
        (50, 0.7, 0.1),
        (50, 0.02, 0.96),
        (200, 0.9, 0.0),
    ],
)
def test_win_rates_of_few_prompts_many_ties_and_near_the_end_hold_the_truth(
    prompts: int, won: float, tied: float
) -> None:
    """Counts of few prompts jump, so that no interval is exact there: never much below 95 %."""
    held = coverage(
        lambda chance: estimate(ternary(chance, prompts, won, tied), bounded=True, resamples=400), won + tied / 2
    )
    assert held >= 0.92


@pytest.mark.parametrize(("prompts", "won", "tied"), [(20, 0.5, 0.0), (20, 0.1, 0.8), (60, 0.8, 0.1), (200, 0.4, 0.3)])
def test_differences_of_win_rates_hold_the_truth_as_often_as_they_say(prompts: int, won: float, tied: float) -> None:
    def draw(chance: np.random.Generator) -> Estimate:
        pair = ternary(chance, prompts, won, tied), ternary(chance, prompts, won - 0.05, tied)
        return difference(*pair, bounded=True, resamples=400)

    assert 0.92 <= coverage(draw, 0.05) <= 0.98


@pytest.mark.parametrize("of_seeds", [0.05, 0.2, 1.0])
@pytest.mark.parametrize(("seeds", "prompts"), [(3, 30), (3, 200), (5, 100)])
def test_intervals_over_seeds_and_prompts_hold_the_truth_however_much_seeds_differ(
    seeds: int, prompts: int, of_seeds: float
) -> None:
    """The plain percentile bootstrap over seeds and prompts holds it in 77 to 96 %."""
    held = coverage(lambda chance: estimate(crossed(chance, seeds, prompts, of_seeds), resamples=400), 0.0)
    assert 0.92 <= held <= 0.98


@pytest.mark.parametrize("prompts", [10, 40, 150])
def test_intervals_hold_the_truth_as_often_as_they_say(prompts: int) -> None:
    """Prompts with 3 correlated items each."""

    def draw(chance: np.random.Generator) -> Estimate:
        values = chance.normal(size=prompts)[:, None] + 0.5 * chance.normal(size=(prompts, 3))
        return estimate(cells([one(values.ravel().tolist(), np.repeat(np.arange(prompts), 3).tolist())]), resamples=400)

    assert 0.92 <= coverage(draw, 0.0) <= 0.98


def test_the_error_is_the_one_that_alpaca_eval_prints(shared: Path) -> None:
    """standard_error of the published table: 100 · sd / √n over the judged questions."""
    table = pd.read_csv(shared / "alpaca_eval" / "leaderboard.csv", index_col="model")
    for path in sorted((shared / "alpaca_eval").glob("*/annotations.json.gz")):
        rows = json.loads(gzip.decompress(path.read_bytes()))
        read = [row["preference"] for row in rows if row["preference"] is not None]
        result = estimate(cells([one([1.5 if p == 0 else p for p in read])]))
        row = table.loc[path.parent.name]
        assert 100 * (result.value - 1) == pytest.approx(row["win_rate"], abs=1e-6)
        assert result.spread and 100 * result.spread.error == pytest.approx(row["standard_error"], abs=1e-6)


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


def test_a_few_prompts_that_are_alike_do_not_say_what_the_next_one_is() -> None:
    """Log-prob preferences near 0: with 3 prompts half of the others might be won, with 300 hardly one."""
    few, many = (estimate(cells([one(list(np.linspace(0, 0.001, n)))]), bounded=True) for n in (3, 300))
    assert few.high > 0.3 and many.high < 0.001
    assert few.value == pytest.approx(many.value)
