from __future__ import annotations

import random

import pytest
from sklearn.metrics import cohen_kappa_score

from backend.errors import BadData
from backend.report.agreement import agreement, judged, kappa


def test_the_figures_by_hand() -> None:
    """Ten rows. Order 1 is right in 6, order 2 in 5, both in 4. Readable in both: 8, of which 6 agree.
    Among those order 1 says A 4 times of 8 and order 2 says A 4 times: p_e = 1/2, kappa = (3/4 - 1/2) / (1/2).
    """
    rows = [
        *[("A", "A", "A")] * 3, ("B", "B", "B"), ("A", "B", "B"), ("A", "B", "B"),
        ("A", "A", "B"), ("A", "B", "A"), ("A", "A", None), ("B", None, None),
    ]  # fmt: skip
    found = agreement(rows)
    assert (found.n, found.accuracy_1, found.accuracy_2, found.both_right) == (10, 0.6, 0.5, 0.4)
    assert (found.agreement, found.kappa, found.inconsistent, found.null) == (0.6, 0.5, 2, 2)


def test_a_judge_that_always_names_the_first_position_has_no_kappa_above_chance() -> None:
    """Stated in terms of the same side, its verdicts are opposite in the two orders."""
    found = agreement([("A", "A", "B")] * 5 + [("B", "A", "B")] * 5)
    assert (found.accuracy_1, found.accuracy_2, found.both_right) == (0.5, 0.5, 0)
    assert (found.agreement, found.kappa, found.inconsistent) == (0, 0, 10)


def test_kappa_is_undefined_where_chance_alone_agrees_always() -> None:
    assert kappa([("A", "A")] * 3) is None
    assert kappa([]) is None
    assert agreement([("A", None, "A")]).kappa is None


def test_kappa_is_scikit_learns() -> None:
    chance = random.Random(1)
    for _ in range(50):
        pairs = [(chance.choice("ABC"), chance.choice("ABC")) for _ in range(chance.randint(5, 60))]
        assert kappa(pairs) == pytest.approx(cohen_kappa_score(*zip(*pairs, strict=True)))


def test_rows_are_read_or_named() -> None:
    assert judged("f row 1", {"label": 1, "verdicts": [1.0, float("nan")]}) == (1, 1, None)
    for row, says in (
        ({"label": "A", "verdicts": ["A"]}, "f row 1 has 1 verdicts"),
        ({"label": "A", "verdicts": ["A", ["B"]]}, "the verdict \"\\['B'\\]\" is no text"),
        ({"label": None, "verdicts": ["A", "B"]}, "'label' is null"),
        ({"verdicts": ["A", "B"]}, "f row 1 has no 'label'"),
    ):
        with pytest.raises(BadData, match=says):
            judged("f row 1", row)
