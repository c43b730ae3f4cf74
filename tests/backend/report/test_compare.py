from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import t

from backend.report.compare import compare, detectable, holm, p_value, prompts_needed
from backend.report.estimate import Cells, Estimate, cells, difference
from backend.report.spread import Spread


def gap(value: float, error: float, freedom: float = 100, prompts: int = 101, floor: float = 0.0) -> Estimate:
    """A difference with the interval that its error gives."""
    half = error * float(t.ppf(0.975, freedom))
    return Estimate(value, value - half, value + half, prompts, prompts, 1, Spread(error, freedom, floor))


def test_holms_correction_by_hand() -> None:
    """0.01 · 4, 0.013 · 3 (not below the first), 0.04 · 2, 0.6 · 1."""
    assert holm([0.04, 0.01, 0.6, 0.013]) == pytest.approx([0.08, 0.04, 0.6, 0.04])
    assert holm([0.5, 0.6]) == [1.0, 1.0]
    assert holm([]) == []


def test_p_values_by_hand() -> None:
    """t = 0.02 / 0.01 = 2 with 100 degrees of freedom: 0.04821 on two sides."""
    assert p_value(gap(0.02, 0.01)) == pytest.approx(0.04821, abs=1e-5)
    assert p_value(gap(0.02, 0.01), than=0.02) == 1.0
    assert (p_value(gap(0.0, 0.0)), p_value(gap(0.1, 0.0))) == (1.0, 0.0)
    assert p_value(gap(0.1, float("nan"))) == 1.0


def test_what_a_study_can_find_by_hand() -> None:
    """(1.98397 + 0.84523) · 0.01; for one of nine, 2.83 in the place of 1.98."""
    assert detectable(gap(0.0, 0.01)) == pytest.approx(0.0282920, abs=1e-6)
    assert detectable(gap(0.0, 0.01), 9) == pytest.approx(0.01 * (t.ppf(1 - 0.025 / 9, 100) + 0.845230), abs=1e-6)


def test_prompts_needed_by_hand() -> None:
    """Half the size that can be found takes four times the prompts. What the seeds leave, no prompt takes away."""
    found = detectable(gap(0.0, 0.01))
    assert prompts_needed(gap(found / 2, 0.01)) == pytest.approx(4 * 101, abs=1)
    assert prompts_needed(gap(found / 2, 0.01, floor=0.004)) == pytest.approx(101 * 0.84 / (0.25 - 0.16), abs=1)
    assert prompts_needed(gap(found / 2, 0.01, floor=0.005)) is None
    assert prompts_needed(gap(0.0, 0.01)) is None


def test_a_study_with_the_power_it_claims() -> None:
    """A true difference of the detectable size is told in 80 % of studies."""
    chance = np.random.default_rng(0)
    size = 0.1 * (t.ppf(0.975, 99) + t.ppf(0.8, 99))  # 100 prompts of standard deviation 1
    told = 0
    for _ in range(400):
        one = cells([(np.arange(100, dtype=np.uint64), size + chance.normal(size=100))])
        none = cells([(np.arange(100, dtype=np.uint64), np.zeros(100))])
        told += compare({"a": difference(one, none, resamples=200)}, "b")["a"].verdict == "better"
    assert 0.75 <= told / 400 <= 0.86


def test_every_verdict_has_its_sentence() -> None:
    said = compare(
        {"up": gap(0.1, 0.01), "down": gap(-0.1, 0.01), "same": gap(0.005, 0.005), "open": gap(0.02, 0.02)}, "random"
    )
    assert {name: one.verdict for name, one in said.items()} == {
        "up": "better", "down": "worse", "same": "no worse", "open": "cannot tell",
    }  # fmt: skip
    assert said["up"].sentence == "Better than random: +10.0 points (+8.0 to +12.0)."
    assert said["same"].sentence == "No worse than random within 2 points: +0.5 points (-0.5 to +1.5)."
    assert said["open"].sentence.startswith("Cannot tell from random at 101 prompts: +2.0 points (-2.0 to +6.0). ")
    assert said["open"].needed and f"needs about {said['open'].needed:,} prompts" in said["open"].sentence


def test_the_same_difference_is_told_alone_but_not_among_nine() -> None:
    alone, nine = (compare({str(i): gap(0.05, 0.02) for i in range(n)}, "r", delta=0.001) for n in (1, 9))
    assert alone["0"].verdict == "better"
    assert nine["0"].verdict == "cannot tell" and nine["0"].p_holm == pytest.approx(9 * nine["0"].p)
    assert ", corrected for 9 comparisons: " in nine["0"].sentence


def test_how_much_worse_still_counts_as_no_worse_is_the_callers_choice() -> None:
    assert compare({"a": gap(0.0, 0.015)}, "r")["a"].verdict == "cannot tell"
    assert compare({"a": gap(0.0, 0.015)}, "r", delta=0.03)["a"].verdict == "no worse"


def test_what_prompts_cannot_tell_asks_for_seeds() -> None:
    found = compare({"a": gap(0.02, 0.03, floor=0.029)}, "r")["a"]
    assert found.needed is None and "takes more training seeds, not prompts" in found.sentence


def verdicts(chance: np.random.Generator, strength: np.ndarray) -> Cells:
    """Wins, ties (a third) and losses on as many prompts, harder and easier ones."""
    tied = chance.random(len(strength)) < 1 / 3
    won = chance.random(len(strength)) < 1 / (1 + np.exp(-strength))
    return cells([(np.arange(len(strength), dtype=np.uint64), np.where(tied, 0.5, won))])


def test_studies_of_many_strategies_are_seldom_wrong_about_any() -> None:
    """Six strategies as good as the control, two much better: at most 5 % of studies may call one of the six.

    All are compared with the same control, so that their errors go together. Uncorrected, about a fifth would.
    """
    chance = np.random.default_rng(5)
    wrong = uncorrected = found = 0
    for _ in range(250):
        prompts = chance.normal(size=100)
        control = verdicts(chance, prompts)
        gaps = {str(i): difference(verdicts(chance, prompts + 3 * (i > 5)), control, bounded=True, resamples=100)
                for i in range(8)}  # fmt: skip
        said = compare(gaps, "control", delta=1e-9)
        same = [said[str(i)] for i in range(6)]
        wrong += any(one.verdict != "cannot tell" for one in same)
        uncorrected += any(one.p < 0.05 for one in same)
        found += said["7"].verdict == "better"
    assert wrong / 250 <= 0.07 and uncorrected / 250 > 0.12 and found / 250 > 0.8


def test_no_worse_is_seldom_said_of_what_is_worse() -> None:
    """Four strategies that are truly 0.1 worse, the margin: at most 5 % of studies call any of them no worse."""
    chance = np.random.default_rng(6)
    wrong = 0
    for _ in range(250):
        zero = cells([(np.arange(60, dtype=np.uint64), np.zeros(60))])
        gaps = {str(i): difference(cells([(np.arange(60, dtype=np.uint64), chance.normal(-0.1, 0.3, 60))]), zero,
                                   resamples=100) for i in range(4)}  # fmt: skip
        wrong += any(one.verdict in ("no worse", "better") for one in compare(gaps, "r", delta=0.1).values())
    assert wrong / 250 <= 0.05
