from __future__ import annotations

import time
from email.utils import formatdate

import pytest

from backend.models.endpoint import retry_after


def test_a_pause_may_be_given_in_seconds_or_as_a_date() -> None:
    assert retry_after("2.5") == 2.5
    assert retry_after("-3") == 0.0
    assert retry_after(formatdate(time.time() + 30, usegmt=True)) == pytest.approx(30, abs=2)
    assert retry_after("Wed, 21 Oct 2015 07:28:00 GMT") == 0.0
    assert retry_after("soon") is None and retry_after("") is None and retry_after(None) is None
