"""Arena-Hard's labels: what v0.1 and v2.0 take from the same text."""

from __future__ import annotations

import pytest

from backend.errors import Unreadable
from backend.verdicts import arena


@pytest.mark.parametrize(
    ("text", "v01", "v2"),
    [
        ("My final verdict is: [[A>>B]]", "A>>B", "A>>B"),
        ("[[A=B]], so [[A=B]]", "A=B", "A=B"),
        ("First [[A>B]], but then [[B>A]]", None, "B>A"),
        ("[[a>b]]", None, "A>B"),
        ("[B>>A]", None, "B>>A"),
        ("[A>B] at first, then [B>A]", None, "B>A"),
        ("[[A>B]] is better than [B>A]", "A>B", "A>B"),
        ("[[A<B]]", None, "A<B"),
        ("[[A<<B]]", None, "A<<B"),
        ("[[B=A]]", None, "B=A"),
        ("[[b<a]]", None, "B<A"),
        ("[[B<<A]]", None, "B<<A"),
        ("[[A]]", None, None),
        ("[[A>B]] though [[A]] is short", None, None),
        ("[[A>>>B]]", None, None),
        ("[[A > B]]", None, None),
        ("A>B", None, None),
        ("\nNo label yet.\n[[B>A]]", "B>A", "B>A"),
    ],
)
def test_the_two_versions_read_a_text_as_their_tools_do(text: str, v01: str | None, v2: str | None) -> None:
    for parser, label in ((arena.label_v01, v01), (arena.label_v2, v2)):
        if label:
            assert parser(text) == label
        else:
            with pytest.raises(Unreadable):
                parser(text)


def test_the_reason_tells_no_label_from_different_labels() -> None:
    """v0.1 asks once more only where there is no label."""
    for text, reason in (("I cannot say.", "no label"), ("[[B>A]] [[A>B]]", "different labels: A>B, B>A")):
        with pytest.raises(Unreadable, match=reason):
            arena.label_v01(text)


def test_the_reply_may_be_the_object_that_v2_records() -> None:
    assert arena.label_v2({"answer": "[[B>A]]"}) == "B>A"
