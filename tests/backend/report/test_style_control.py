from __future__ import annotations

from collections.abc import Hashable

import numpy as np
import pytest

from backend.errors import BadData, BadSpec
from backend.report.answer_style import Style
from backend.report.arena import Resample, leaderboard
from backend.report.arena_files import Battles, from_battles, from_judgments
from backend.report.style_control import leaderboard as styled

MODELS, LABELS = ("plain", "wordy"), ("B>>A", "B>A", "A=B", "A>B", "A>>B")
Styles = dict[tuple[str, Hashable], Style]


def judged(effect: float, seed: int = 0, questions: int = 400) -> tuple[Battles, Styles]:
    """Two models equal in strength to the baseline, one much longer, judged with a taste for length."""
    chance = np.random.default_rng(seed)
    style: Styles = {}
    rows = []
    for uid in map(str, range(questions)):
        style["base", uid] = (int(chance.integers(200, 400)), *chance.integers(0, 5, 3).tolist())
        for model in MODELS:
            tokens = int(chance.integers(100, 500)) * (3 if model == "wordy" else 1)
            style[model, uid] = (tokens, *chance.integers(0, 5, 3).tolist())
            longer = (tokens - style["base", uid][0]) / (tokens + style["base", uid][0])
            liked = np.clip(np.round(effect * longer + chance.logistic(size=2)), -2, 2).astype(int) + 2
            games = [{"score": LABELS[4 - liked[0]]}, {"score": LABELS[liked[1]]}]
            rows.append(("row", {"uid": uid, "model": model, "games": games}))
    return from_judgments(rows, "base"), style


@pytest.mark.parametrize("resample", ["questions", "rows"])
def test_length_that_was_rewarded_is_taken_out(resample: Resample) -> None:
    """Without control the wordy model looks far better than the plain one; with it they are nearly equal."""
    battles, style = judged(effect=3)
    raw = {row.model: row for row in leaderboard(battles, "base", resample=resample)}
    rows, effects = styled(battles, "base", style, resample=resample)
    fair = {row.model: row for row in rows}
    gap, left = (table["wordy"].score - table["plain"].score for table in (raw, fair))  # type: ignore[operator]
    assert gap > 20 and abs(left) < gap / 4
    assert effects["length"] > 0.7 and max(abs(effects[name]) for name in ("headers", "lists", "bold")) < 0.3
    assert (fair["base"].score, fair["base"].lower, fair["base"].upper) == (50, 50, 50)
    for row in rows[:1] + rows[-1:]:
        assert row.lower is not None and row.upper is not None and row.score is not None
        assert row.lower <= row.score <= row.upper
    assert {row.model: row.n for row in rows} == {model: row.n for model, row in raw.items()}


def test_equal_styles_leave_the_plain_scores() -> None:
    battles, style = judged(effect=0)
    same = dict.fromkeys(style, (100, 1, 1, 1))
    plain = {row.model: row.score for row in leaderboard(battles, "base")}
    rows, effects = styled(battles, "base", same)
    assert {row.model: row.score for row in rows} == pytest.approx(plain)
    assert set(effects.values()) == {0}


def test_scores_are_at_the_mean_style_of_all_battle_rows() -> None:
    """Dense rows as the official code has them: every battle row with its own standardised contrast."""
    battles, style = judged(effect=1, questions=60)
    rows = np.repeat(np.arange(len(battles.points)), battles.weight)
    asked = [battles.questions[q] for q in battles.question[rows]]
    named = [battles.models[k] for k in battles.first[rows]]
    a = np.array([style[key] for key in zip(named, asked, strict=True)], float)
    b = np.array([style["base", question] for question in asked], float)
    a[:, 1:], b[:, 1:] = a[:, 1:] / a[:, :1], b[:, 1:] / b[:, :1]
    z = (a - b) / (a + b + [0, 1, 1, 1])
    z = (z - z.mean(0)) / z.std(0, ddof=1)
    design = np.concatenate([np.eye(3)[battles.first[rows]][:, [battles.models.index(m) for m in MODELS]], z], axis=1)
    x = np.zeros(6)
    for _ in range(30):
        chance = 1 / (1 + np.exp(-design @ x))
        curve = design.T * (chance * (1 - chance))
        x += np.linalg.solve(curve @ design, design.T @ (battles.points[rows] - chance))
    found, effects = styled(battles, "base", style)
    scores = {row.model: row.score for row in found}
    assert [scores[m] for m in MODELS] == pytest.approx((100 / (1 + np.exp(-x[:2]))).tolist())
    assert list(effects.values()) == pytest.approx(x[2:].tolist(), abs=1e-6)


def test_what_cannot_be_controlled_is_said() -> None:
    battles, style = judged(effect=0, questions=5)
    with pytest.raises(BadData, match="no answer of 'base' to question '0'"):
        styled(battles, "base", {key: value for key, value in style.items() if key[0] != "base"})
    with pytest.raises(BadSpec, match="no battle of the baseline 'other'"):
        styled(battles, "other", style)
    row = {"question_id": 1, "model_a": "x", "model_b": "y", "winner": "tie"}
    pairs = from_battles([("row", row), ("row", {**row, "model_a": "z"})])
    with pytest.raises(BadSpec, match="needs all battles against the baseline 'x'"):
        styled(pairs, "x", style)
