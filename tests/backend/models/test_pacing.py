"""Calls in flight and caps, with many threads."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from backend.errors import LimitReached
from backend.models.pacing import Caps, Gate


def test_no_more_calls_are_in_flight_than_allowed() -> None:
    gate, now, most, lock = Gate(3), [0], [0], threading.Lock()

    def call(_: int) -> None:
        with gate.turn():
            with lock:
                now[0] += 1
                most[0] = max(most[0], now[0])
            time.sleep(0.005)
            with lock:
                now[0] -= 1
        gate.answered()

    with ThreadPoolExecutor(12) as pool:
        list(pool.map(call, range(60)))
    assert most[0] == 3


def test_a_limit_shrinks_the_calls_in_flight_once_a_round_and_answers_widen_them_again() -> None:
    gate = Gate(10)
    sent = time.monotonic()
    for _ in range(5):
        gate.limited(sent, None)  # five calls of one round
    assert gate.allowed == pytest.approx(7.0)
    gate.limited(time.monotonic(), None)
    assert gate.allowed == pytest.approx(4.9)
    for _ in range(5):
        gate.answered()
    assert 5.5 < gate.allowed < 6.0, "a round of five answers is room for one more"
    for _ in range(200):
        gate.answered()
    assert gate.allowed == 10
    for _ in range(50):
        gate.limited(time.monotonic(), None)
    assert gate.allowed == 1


def test_a_pause_holds_for_all_and_one_of_zero_slows_nobody() -> None:
    gate = Gate(4)
    gate.limited(time.monotonic(), 0.0)
    assert gate.allowed == 4
    began = time.monotonic()
    gate.limited(began, 0.2)
    with gate.turn():
        assert time.monotonic() - began >= 0.2


def test_stopping_lets_everyone_through() -> None:
    gate = Gate(1)
    gate.limited(time.monotonic(), 60.0)
    waiting = threading.Thread(target=lambda: gate.turn().__enter__())
    waiting.start()
    gate.stop()
    waiting.join(timeout=5)
    assert not waiting.is_alive()


def test_money_in_flight_is_set_aside() -> None:
    caps = Caps(cost=10.0)
    caps.take(6.0)
    done = threading.Event()
    waiting = threading.Thread(target=lambda: (caps.take(6.0), done.set()))
    waiting.start()
    assert not done.wait(0.1), "6 + 6 might pass the cap: it waits for the first to end"
    caps.settle(6.0, 1.0)
    assert done.wait(5)
    caps.settle(6.0, 6.0)
    with pytest.raises(LimitReached, match=r"10 dollars is used up \(7.0000 spent, the next call may cost 6.0000\)"):
        caps.take(6.0)
    assert caps.spent == 7.0


def test_the_cap_on_calls_holds_among_many_threads() -> None:
    caps = Caps(calls=5)

    def call(_: int) -> bool:
        try:
            caps.take(0.0)
        except LimitReached:
            return False
        caps.settle(0.0, 0.0)
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(call, range(50))) == 5
