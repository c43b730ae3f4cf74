"""Replies in forms that users choose: what is read, and every reason why something is not."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.errors import BadSpec, Unreadable
from backend.verdicts import own
from backend.verdicts.own import Labels

BOXED, LETTERS = Labels("[[A]]", "[[B]]", "[[C]]"), Labels("A", "B")


@pytest.mark.parametrize(
    ("words", "value"),
    [("Both good. [[A]]", 1.0), ("[[B]]\n[[B]]", 0.0), ("so: [[C]].", 0.5), ("is[[A]]it", 1.0)],
)
def test_a_label_is_read_where_all_of_a_reply_say_the_same(words: str, value: float) -> None:
    assert own.label(words, BOXED) == value


def test_of_several_labels_all_must_be_equal_or_the_last_one_counts() -> None:
    words = "I first thought [[A]], but [[B]]"
    assert own.label(words, BOXED, "last") == 0.0
    with pytest.raises(Unreadable, match=r"different verdicts: '\[\[A\]\]', '\[\[B\]\]'"):
        own.label(words, BOXED)


def test_a_label_is_a_word_of_its_own_and_the_longest_that_fits() -> None:
    with pytest.raises(Unreadable, match="none of 'A', 'B'"):
        own.label("An Answer. BA, A1, B_", LETTERS)
    assert own.label("A>>B", Labels("A>>B", "B>>A", "A")) == 1.0, "not the A that it begins with"


def test_only_what_stands_behind_the_last_marker_counts() -> None:
    words = 'Comparison: A is longer than B. Preferred: <"A" or "B">. Well: Preferred: "B"'
    assert own.label(words, LETTERS, "equal", "Preferred:") == 0.0
    with pytest.raises(Unreadable, match="does not hold 'Preferred:'"):
        own.label("A", LETTERS, "equal", "Preferred:")


@pytest.mark.parametrize("labels", [("A", "A", None), ("A", "B", "B"), ("", "B", None), ("A", " ", None)])
def test_labels_that_are_blank_or_alike_are_refused(labels: tuple[str, str, str | None]) -> None:
    with pytest.raises(BadSpec, match="blank or alike"):
        Labels(*labels)


def completion(**logprobs: float) -> dict[str, Any]:
    top = [{"token": name, "logprob": value} for name, value in logprobs.items()]
    return {"message": {"content": "x"}, "logprobs": {"content": [{"token": "x", "top_logprobs": top}]}}


def test_two_tokens_give_a_preference_between_0_and_1() -> None:
    reply = completion(yes=math.log(0.6), no=math.log(0.2), m=math.log(0.1))
    assert own.token(reply, Labels("yes", "no")) == pytest.approx(0.75)
    with pytest.raises(Unreadable, match="neither 'one' nor 'two' is among the alternatives"):
        own.token(reply, Labels("one", "two"))


@given(st.floats(-30, 0), st.floats(-30, 0))
def test_tokens_exchanged_give_the_rest_to_1(one: float, other: float) -> None:
    reply = completion(a=one, b=other)
    assert own.token(reply, Labels("a", "b")) == pytest.approx(1 - own.token(reply, Labels("b", "a")), abs=1e-12)


def test_ranks_name_both_answers_once() -> None:
    labels = Labels("one", "two")
    assert own.ranks("[{'model': 'two', 'rank': 2}, {'model': 'one', 'rank': 1}]", labels) == 1.0
    assert own.ranks("[{'model': 'two', 'rank': 1}, {'model': 'one', 'rank': 1}]", labels) == 0.5
    for words, why in [
        ("[{'model': 'one', 'rank': 1}]", "must rank 'one' and 'two'"),
        ("[{'model': 'one', 'rank': 1}, {'model': 'one', 'rank': 2}]", "must rank 'one' and 'two'"),
        ("[{'model': 'one', 'rank': 1}, {'model': 'two', 'rank': 3}]", "the ranks are 1 and 3"),
        ("one is better", "must be a list"),
    ]:
        with pytest.raises(Unreadable, match=why):
            own.ranks(words, labels)


def test_a_field_of_json_holds_a_label_exactly() -> None:
    assert own.field('{"why": "[[A]]", "winner": "[[B]]"}', "winner", BOXED) == 0.0
    assert own.field('```json\n{"winner": "[[C]]"}\n```', "winner", BOXED) == 0.5
    for words, why in [
        ('Here: {"winner": "[[A]]"}', "not one JSON object and nothing else"),
        ('["[[A]]"]', "a JSON list, not an object"),
        ('{"best": "[[A]]"}', r"no field 'winner' \(it has 'best'\)"),
        ('{"winner": "A"}', "holds 'A', which is none of"),
        ('{"winner": ["[[A]]"]}', "which is none of"),
    ]:
        with pytest.raises(Unreadable, match=why):
            own.field(words, "winner", BOXED)


def test_a_number_lies_within_its_bounds() -> None:
    assert own.number("good. [[ 7.5 ]]", (1, 10)) == 7.5
    assert own.number("[[1]]", (1, 10)) == 1 and own.number("[[-3]]", (-5, 5)) == -3
    assert own.number("[[3]] no, [[4]]", (1, 10), "last") == 4
    for words, why in [
        ("[[11]]", "the grade 11 is not within 1 to 10"), ("[7]", "no number like"), ("[[7/10]]", "no number like"),
        ("[[3]] or [[4]]", "different verdicts"),
    ]:  # fmt: skip
        with pytest.raises(Unreadable, match=why):
            own.number(words, (1, 10))


def test_a_number_may_stand_in_a_field_but_as_a_number() -> None:
    assert own.number_field('{"grade": 7}', "grade", (1, 10)) == 7
    for words, why in [('{"grade": "7"}', "which is no number"), ('{"grade": true}', "which is no number"),
                       ('{"grade": 0}', "not within"), ('{"grade": NaN}', "not within")]:  # fmt: skip
        with pytest.raises(Unreadable, match=why):
            own.number_field(words, "grade", (1, 10))
