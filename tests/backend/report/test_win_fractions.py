from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from backend.report.win_fractions import Fraction, win_fractions


def items(*values: float, prompts: list[int] | None = None) -> dict[int, pd.DataFrame]:
    """One seed; an item a prompt unless told otherwise, samples numbered within their prompt."""
    ids = pd.Series(prompts or range(len(values)))
    return {0: pd.DataFrame({"prompt_id": ids, "sample": ids.groupby(ids).cumcount(), "turn": 1, "question": ids,
                             "value": values})}  # fmt: skip


def cell(found: list[Fraction], row: str, column: str) -> Fraction:
    (one,) = [f for f in found if (f.row, f.column) == (row, column)]
    return one


def test_through_the_reference_by_hand() -> None:
    """x above y on prompts 0 and 1, level on 2, below on 3; prompt 4 lacks a verdict on y: (1 + 1 + ½ + 0) / 4."""
    found = win_fractions({"x": items(1, 0.9, 0.5, 0, 1), "y": items(0, 0.8, 0.5, 0.5, np.nan)}, "base")
    one = cell(found, "x", "y")
    assert (one.share.value, one.share.prompts, one.neither, one.direct) == (2.5 / 4, 4, 0.25, False)
    other = cell(found, "y", "x")
    assert (other.share.value, other.neither) == (1.5 / 4, 0.25)
    assert (other.share.low, other.share.high) == (1 - one.share.high, 1 - one.share.low)


def test_against_the_reference_the_verdict_itself_counts() -> None:
    """0.9 is preferred as well as 1: a share of prompts, not a mean preference."""
    one = cell(win_fractions({"x": items(1, 0.9, 0.5, 0)}, "base"), "x", "base")
    assert (one.share.value, one.neither, one.direct) == (2.5 / 4, 0.25, True)


def test_a_direct_verdict_goes_before_one_through_the_reference() -> None:
    both = {"x": items(1, 1), "y": items(0, 0)}
    one = cell(win_fractions(both, "base", {("y", "x"): items(1, 0.5)}), "x", "y")
    assert (one.share.value, one.direct) == (0.25, True)


def test_two_that_were_judged_both_ways_round_have_one_cell_each_way() -> None:
    found = win_fractions({"x": items(1)}, "base", {("base", "x"): items(1)})
    assert [(f.row, f.column, f.share.value) for f in found] == [("x", "base", 1), ("base", "x", 0)]
    found = win_fractions({"x": items(1), "y": items(1)}, None, {("x", "y"): items(0), ("y", "x"): items(0)})
    assert [(f.row, f.column, f.share.value) for f in found] == [("x", "y", 0), ("y", "x", 1)]


def test_several_answers_to_a_prompt_are_one_prompt() -> None:
    """Prompt 7: x is ahead by 1 and behind by ½, so ahead; prompt 8: level."""
    found = win_fractions({"x": items(1, 0, 1, prompts=[7, 7, 8]), "y": items(0, 0.5, 1, prompts=[7, 7, 8])})
    one = cell(found, "x", "y")
    assert (one.share.value, one.share.prompts, one.neither) == (0.75, 2, 0.5)


def test_rounding_makes_no_winner() -> None:
    one = cell(win_fractions({"x": items(0.1 + 0.2), "y": items(0.3)}), "x", "y")
    assert (one.share.value, one.neither) == (0.5, 1.0)


def test_seeds_are_compared_with_themselves_and_pooled() -> None:
    x = {0: items(1, 1)[0], 1: items(0, 1)[0]}
    y = {0: items(0, 0)[0], 1: items(1, 1)[0], 2: items(1, 1)[0]}
    one = cell(win_fractions({"x": x, "y": y}), "x", "y")
    assert (one.share.value, one.share.seeds, one.share.items) == ((1 + 1 + 0 + 0.5) / 4, 2, 4)


def test_grades_have_no_row_for_a_reference_and_strangers_none_at_all() -> None:
    found = win_fractions({"x": items(8, 6), "y": items(7, 6), "z": items(9, prompts=[5])})
    assert {(f.row, f.column) for f in found} == {("x", "y"), ("y", "x")}
    assert win_fractions({"x": items(np.nan)}, "base") == []


@pytest.mark.parametrize("seed", range(5))
def test_both_halves_of_the_table_say_the_same(seed: int) -> None:
    chance = np.random.default_rng(seed)
    judged = {name: items(*chance.choice([0, 0.5, 1], 30)) for name in "abcd"}
    found = win_fractions(judged, "base")
    assert len(found) == 5 * 4
    for f in found:
        assert f.share.value + cell(found, f.column, f.row).share.value == pytest.approx(1)
        assert f.share.low <= f.share.value <= f.share.high
