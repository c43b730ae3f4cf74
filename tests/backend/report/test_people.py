"""How far people agree with a judge: worked by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from backend.report.people import people, voted_on


def votes(*rows: tuple[str, int, float, str]) -> pd.DataFrame:
    """(author, comparison, preference, shown first)."""
    names = ["author", "candidate_id", "preference", "shown_first"]
    frame = pd.DataFrame(rows, columns=names).astype({"candidate_id": "uint64", "preference": float})
    return frame.assign(reference_id=frame["candidate_id"] + np.uint64(100))


def verdicts(*preferences: float, run: str = "judge-1") -> pd.DataFrame:
    """The judge on the comparisons 0, 1, 2, …"""
    ids = np.arange(len(preferences), dtype=np.uint64)
    found = pd.DataFrame({"candidate_id": ids, "reference_id": ids + np.uint64(100), "preference": preferences})
    return found.assign(run=run)


def test_a_judges_mean_of_two_orders_is_a_tie_only_at_a_half() -> None:
    given = votes(("ann", 0, 1, "candidate"), ("ann", 1, 0.5, "candidate"), ("ann", 2, 1, "candidate"))
    assert people(given, verdicts(0.75, 0.5, 0.25)).judge.agree.value == pytest.approx(2 / 3)
    assert people(given, verdicts(0.75, (0.1 + 0.2 + 0.7) / 2, 0.25)).judge.agree.value == pytest.approx(2 / 3)


def test_people_are_compared_with_the_judge_and_each_other() -> None:
    given = votes(("ann", 0, 1, "candidate"), ("ann", 1, 0, "candidate"), ("bob", 0, 1, "reference"),
                  ("bob", 1, 1, "reference"), ("cid", 0, 0.5, "candidate"))  # fmt: skip
    found = people(given, verdicts(1, 0))
    assert (found.votes, found.comparisons) == (5, 2)
    assert (found.judge.agree.value, found.judge.agree.items) == (pytest.approx(3 / 5), 5)
    assert {name: one.agree.value for name, one in found.each.items()} == {"ann": 1, "bob": 0.5, "cid": 0}
    # on 0: ann–bob the same, ann–cid and bob–cid not; on 1: ann–bob not
    assert (found.others.agree.value, found.others.agree.items) == (0.25, 4)


def test_a_vote_counts_once_however_many_runs_judged_its_answers() -> None:
    given = votes(("ann", 0, 1, "candidate"), ("ann", 1, 0, "candidate"), ("bob", 0, 1, "candidate"))
    said = pd.concat([verdicts(1, 1, run="judge-1"), verdicts(0.9, 1, run="judge-2")])
    found = people(given, said)
    assert (found.votes, found.judge.agree.items, found.judge.agree.value) == (3, 3, pytest.approx(2 / 3))
    # Wilson by hand, 2 of 3: (0.6667 + 0.6403) / 2.2805 ± 0.3652; of 6 it would be 0.300 to 0.903
    assert (found.judge.agree.low, found.judge.agree.high) == (
        pytest.approx(0.208, abs=1e-3),
        pytest.approx(0.939, abs=1e-3),
    )
    assert {name: one.agree.items for name, one in found.each.items()} == {"ann": 2, "bob": 1}
    assert (found.others.agree.items, found.first.items) == (1, 3)


def test_several_runs_on_the_same_answers_say_the_mean_of_their_verdicts() -> None:
    given = votes(*(("ann", n, 1, "candidate") for n in range(4)))
    # candidate twice and reference once; one each, however sure; a tie and the candidate; only one verdict
    said = pd.concat(
        [verdicts(1, 0.6, 0.5, float("nan"), run="one"), verdicts(1, 0, 1, 1, run="two"), verdicts(0, run="three")]
    )
    found = people(given, said)
    assert (found.judge.agree.value, found.judge.decided.items) == (0.75, 3)
    assert {run: (one.agree.value, one.agree.items) for run, one in found.runs.items()} == {
        "one": (pytest.approx(2 / 3), 3), "two": (0.75, 4), "three": (0.0, 1),
    }  # fmt: skip


def test_votes_are_on_both_answers_not_on_the_candidates_alone() -> None:
    given = votes(("ann", 0, 1, "candidate"), ("ann", 1, 1, "candidate"), ("ann", 2, 1, "candidate"))
    items = verdicts(1, 1).assign(reference_id=np.array([100, 999], dtype=np.uint64))
    assert voted_on(given, items).tolist() == [True, False, False]
    assert voted_on(votes(), items).tolist() == []


def test_votes_for_the_answer_shown_first_are_counted_without_ties() -> None:
    given = votes(("ann", 0, 1, "candidate"), ("ann", 1, 0, "candidate"), ("ann", 2, 0, "reference"),
                  ("ann", 3, 0.5, "candidate"))  # fmt: skip
    first = people(given, verdicts()).first
    assert (first.value, first.items) == (pytest.approx(2 / 3), 3)


def test_votes_without_a_verdict_count_only_among_people() -> None:
    given = votes(("ann", 0, 1, "candidate"), ("bob", 0, 1, "candidate"), ("ann", 7, 1, "candidate"))
    found = people(given, verdicts(float("nan")))
    assert found.judge.agree.items == 0
    assert (found.votes, found.others.agree.items) == (3, 1)


def test_without_votes_nothing_is_shared() -> None:
    found = people(votes(), verdicts(1, 0))
    assert (found.votes, found.judge.agree.items, found.others.agree.items, found.first.items) == (0, 0, 0, 0)
    assert found.judge.kappa is None and found.each == {}
