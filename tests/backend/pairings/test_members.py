from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.pairings import Paired, Scored, pairings


def scored(groups: list[list[float]]) -> Scored:
    prompts = np.repeat(np.arange(len(groups), dtype=np.uint64), [len(g) for g in groups])
    return Scored(prompts, np.arange(len(prompts), dtype=np.uint64), np.array([v for g in groups for v in g], float))


def paired(name: str, of: Scored, **args: float) -> Paired:
    return pairings[name].function(of, seed=0, **pairings[name].bind(args))


def rows(result: Paired) -> list[tuple[int, int]]:
    return list(zip(result.chosen.tolist(), result.rejected.tolist(), strict=True))


def test_best_against_worst_of_every_prompt_that_has_a_gap() -> None:
    of = scored([[0.0, 3, 1], [2.0], [1.0, 1], [5.0, 4.5]])
    result = paired("best_worst", of)
    assert rows(result) == [(1, 0), (6, 7)]
    assert result.notes == {"one_answer": 1, "gap_too_small": 1}
    assert rows(paired("best_worst", of, min_gap=1)) == [(1, 0)]


def test_all_pairs_above_a_gap() -> None:
    of = scored([[0.0, 3, 1], [2.0, 1.5]])
    result = paired("above_gap", of)
    assert (rows(result), result.notes) == ([(1, 0), (1, 2)], {"prompts_without_a_pair": 1})
    assert len(rows(paired("above_gap", of, per_prompt=1))) == 1


@pytest.mark.parametrize("name", pairings.names())
@given(st.lists(st.lists(st.floats(-5, 5), min_size=1, max_size=5), min_size=1, max_size=8))
def test_every_pairing_prefers_a_higher_value_of_the_same_prompt(name: str, groups: list[list[float]]) -> None:
    of = scored(groups)
    result = paired(name, of)
    assert (of.prompt_ids[result.chosen] == of.prompt_ids[result.rejected]).all()
    assert (of.values[result.chosen] > of.values[result.rejected]).all()
    assert len(set(rows(result))) == len(result.chosen)
