from __future__ import annotations

import time
from email.utils import formatdate

import pytest

from backend.models.endpoint import pause_before, retry_after, storable


def test_a_pause_may_be_given_in_seconds_or_as_a_date() -> None:
    assert retry_after("2.5") == 2.5
    assert retry_after("-3") == 0.0
    assert retry_after(formatdate(time.time() + 30, usegmt=True)) == pytest.approx(30, abs=2)
    assert retry_after("Wed, 21 Oct 2015 07:28:00 GMT") == 0.0
    assert retry_after("soon") is None and retry_after("") is None and retry_after(None) is None


def test_the_pauses_grow_from_a_quarter_of_a_second_to_half_a_minute() -> None:
    for attempt, most in enumerate([0.25, 0.5, 1, 2, 4, 8, 16, 30, 30]):
        assert most / 2 <= pause_before(attempt, None) <= most


def test_the_servers_pause_is_kept_and_one_of_zero_is_taken_at_its_word_once() -> None:
    assert pause_before(0, 45.0) == pause_before(7, 45.0) == 45.0
    assert pause_before(0, 0.0) == 0.0
    assert 0.125 <= pause_before(1, 0.0) <= 0.25


def test_half_characters_become_question_marks_and_all_else_stays() -> None:
    assert storable({"a": ["\ud800x", "Ä\u2028", 1, None]}) == {"a": ["?x", "Ä\u2028", 1, None]}
