"""Linked filters: every bar counts what is inside all other choices."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from backend.store import facets
from backend.store.facets import Facet

NAN = float("nan")


def items(**columns: list) -> pd.DataFrame:
    count = len(next(iter(columns.values())))
    plain = {"preference": [1.0] * count, "lowest": [1.0] * count, "highest": [1.0] * count, "orders": [2] * count,
             "failure": [None] * count, "identical": [False] * count, "strategy": ["top"] * count,
             "judge": ["j"] * count, "category": [None] * count, "turn": [1] * count,
             "longer": [0.0] * count}  # fmt: skip
    ids = np.arange(count, dtype=np.uint64)
    return pd.DataFrame({"candidate_id": ids, "reference_id": ids + np.uint64(100), **plain, **columns})


def labels(facet: Facet) -> list[str | None]:
    return [facet.labels[code] if code >= 0 else None for code in facet.codes]


def test_scores_lie_in_the_bin_around_them_and_missing_ones_in_none() -> None:
    facet = facets.of_items(items(preference=[0.0, 0.25, 0.5, 0.75, 1.0, 0.3, NAN]))["score"]
    assert labels(facet) == ["0", "0.25", "0.5", "0.75", "1", "0.25", None]


def test_how_the_judge_decided_is_told_apart() -> None:
    found = items(lowest=[1, 0, 0.5, 1, 0.5, NAN], highest=[1, 1, 1, 1, 0.5, NAN], orders=[2, 2, 2, 1, 2, 2],
                  failure=[None] * 5 + ["refused"], identical=[False] * 4 + [True, False])  # fmt: skip
    assert labels(facets.of_items(found)["orders"]) == [
        "orders agree", "orders disagree", "one order a tie", "one verdict", "identical answers", "refused",
    ]  # fmt: skip


def test_length_differences_have_round_bins_with_open_ends() -> None:
    values = [*np.linspace(-100, 100, 99), 1e6, -1e6, NAN]
    facet = facets.of_items(items(longer=values))["longer"]
    assert facet.edges is not None and set(np.diff(facet.edges)) == {20.0}
    shown = labels(facet)
    assert (shown[99], shown[100], shown[101]) == (facet.labels[-1], facet.labels[0], None)
    assert facet.labels[0].startswith("under -") and facet.labels[-1].startswith("over ")


@pytest.mark.parametrize("values", [[NAN, NAN], [0.0, 0.0], [1e9, -3.0], [5.0]])
def test_every_known_length_difference_is_in_a_bin(values: list[float]) -> None:
    facet = facets.of_items(items(longer=values))["longer"]
    assert ((facet.codes >= 0) == np.isfinite(values)).all()


def test_bars_count_what_is_inside_the_choices_of_all_other_facets() -> None:
    known = facets.of_items(
        items(preference=[1, 1, 0, 0], strategy=["a", "b", "a", "b"], category=["x", "x", "x", "y"])
    )
    choice = {"score": ["1"], "category": ["x"]}
    assert facets.bars(known, "score", choice)[["label", "items"]].query("items > 0").values.tolist() == [
        ["0", 1], ["1", 2],
    ]  # fmt: skip
    assert dict(facets.bars(known, "category", choice)[["label", "items"]].values) == {"x": 2, "y": 0}
    assert dict(facets.bars(known, "strategy", choice)[["label", "items"]].values) == {"a": 1, "b": 1}
    assert dict(facets.bars(known, "category", choice)[["label", "picked"]].values) == {"x": True, "y": False}
    assert facets.within(known, choice).tolist() == [True, True, False, False]


def test_a_choice_equals_filtering_the_rows_whatever_is_chosen() -> None:
    chance = np.random.default_rng(0)
    found = items(preference=chance.integers(0, 5, 300) / 4, strategy=chance.choice(list("abc"), 300),
                  category=chance.choice(["x", "y", None], 300), longer=chance.normal(0, 50, 300))  # fmt: skip
    known = facets.of_items(found)
    for _ in range(30):
        scores, names = chance.choice([0, 0.25, 0.5, 1], 2), chance.choice(list("abc"), 1)
        choice = {"score": [f"{s:g}" for s in scores], "strategy": list(names)}
        truth = found["preference"].isin(scores) & found["strategy"].isin(names)
        assert facets.within(known, choice).tolist() == truth.tolist()
        for name in known:
            others = facets.within(known, choice, leave_out=name)
            assert facets.bars(known, name, choice)["items"].sum() == (others & (known[name].codes >= 0)).sum()


def test_where_people_stand_to_the_judge() -> None:
    found = items(preference=[1.0, 1.0, 0.0, NAN, 0.5, 1.0])
    votes = pd.DataFrame(
        {"candidate_id": [0, 1, 2, 2, 3, 4, 0], "reference_id": [100, 101, 102, 102, 103, 104, 999],
         "preference": [1.0, 0.0, 1.0, 0.0, 1.0, 0.5, 0.0]}
    ).astype({"candidate_id": "uint64", "reference_id": "uint64"})  # fmt: skip
    assert labels(facets.of_votes(found, votes)) == [
        facets.WITH, facets.AGAINST, facets.DIFFER, facets.NO_VERDICT, facets.WITH, facets.NOT_VOTED,
    ]  # fmt: skip


def test_a_link_from_other_data_keeps_what_is_known() -> None:
    known = facets.of_items(items(preference=[1.0]))
    assert facets.known(known, {"score": ["1", "7"], "strategy": ["gone"], "nonsense": ["1"]}) == {"score": ["1"]}


def test_a_facet_whose_labels_nobody_has_shows_no_bars() -> None:
    assert facets.bars(facets.of_items(items(preference=[1.0])), "category", {}).empty


def grades(values: list[float], characters: list[float] | None = None) -> dict[str, Facet]:
    found = items(lowest=[NAN] * len(values), highest=[NAN] * len(values), orders=[1] * len(values))
    found = found.drop(columns=["preference", "longer"])
    return facets.of_items(found.assign(grade=values, characters=characters or [10.0] * len(values)))


def test_grades_have_a_bin_each_and_a_half_counts_up() -> None:
    known = grades([1, 10, 7, 7.5, 7.4, NAN])
    assert labels(known["grade"]) == ["1", "10", "7", "8", "7", None]
    assert known["grade"].labels == tuple(str(grade) for grade in range(1, 11))
    assert "score" not in known and "longer" not in known


@pytest.mark.parametrize("values", [[0.0, 0.5, 1.0], [0.0, 37.5, 100.0], [-3.0, -3.0], [0.0]])
def test_grades_on_another_scale_have_round_bins_that_hold_them_all(values: list[float]) -> None:
    facet = grades([*values, NAN])["grade"]
    assert facet.edges is not None and facet.edges[0] <= min(values) and max(values) <= facet.edges[-1]
    assert (facet.codes[:-1] >= 0).all() and facet.codes[-1] == -1
    width = np.diff(facet.edges)[0]
    assert f"{width:.0e}"[0] in "125"


def test_the_length_of_a_graded_answer_is_counted_from_nothing() -> None:
    facet = grades([5.0] * 101, [*np.linspace(0, 1000, 100), 1e6])["characters"]
    assert facet.edges is not None and facet.edges[0] == 0
    assert labels(facet)[0] == "under 100" and labels(facet)[-1] == facet.labels[-1] == "over 900"


def test_grades_are_read_or_not_and_never_flip() -> None:
    found = items(preference=[1.0]).drop(columns=["preference", "longer"])
    found = found.assign(grade=3.0, characters=1.0, lowest=NAN, highest=NAN, orders=1)
    assert labels(facets.of_items(found)["orders"]) == ["one verdict"]
