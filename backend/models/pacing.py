"""How fast, and how far: calls in flight that shrink when a server says "too many", and caps on calls and money."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from ..errors import LimitReached

SHRINK = 0.7  # of the calls in flight, when the server limits


class Gate:
    """At most `most` calls in flight; fewer after a 429, one more after every round without one (AIMD, as TCP does).

    Calls that were sent before the last cut say nothing new. Thread-safe.
    """

    def __init__(self, most: int) -> None:
        self.most, self.allowed, self.flying = most, float(most), 0
        self._cut = self._until = 0.0  # when it last shrank; when the next call may be sent
        self._stopped = False
        self._free = threading.Condition()

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Waits until a call may be sent, and holds its place while it is in flight."""
        with self._free:
            while not self._stopped and (self.flying >= int(self.allowed) or time.monotonic() < self._until):
                self._free.wait(max(0.0, self._until - time.monotonic()) or None)
            self.flying += 1
        try:
            yield
        finally:
            with self._free:
                self.flying -= 1
                self._free.notify()

    def answered(self) -> None:
        """A call was answered: room for one more in a round of `allowed` calls."""
        with self._free:
            self.allowed = min(self.most, self.allowed + 1 / self.allowed)
            self._free.notify()

    def limited(self, sent: float, pause: float | None) -> None:
        """A call sent at `sent` met a limit. The server's pause holds for all; one of 0 says: no need to slow down."""
        with self._free:
            now = time.monotonic()
            self._until = max(self._until, now + (pause or 0.0))
            if sent >= self._cut and pause != 0:
                self.allowed, self._cut = max(1.0, self.allowed * SHRINK), now

    def stop(self) -> None:
        """Lets everyone through who waits: the run is over."""
        with self._free:
            self._stopped = True
            self._free.notify_all()


class Caps:
    """Hard caps on calls and on money: what might be spent by calls in flight is set aside before they are sent."""

    def __init__(self, calls: int | None = None, cost: float | None = None) -> None:
        self.most_calls, self.most_cost = calls, cost
        self.calls, self.spent = 0, 0.0
        self._open, self._aside = 0, 0.0  # calls in flight, and what they may cost
        self._settled = threading.Condition()

    def take(self, worst: float) -> None:
        """Sets aside the most that a call can cost, waiting for calls in flight; LimitReached where it cannot be."""
        with self._settled:
            while True:
                if self.most_calls is not None and self.calls >= self.most_calls:
                    instead = ", or estimate with --dry-run" * (self.most_calls == 0)
                    raise LimitReached(
                        f"the cap of {self.most_calls} calls is used up; raise it (--max-calls) to go on{instead}."
                    )
                if self.most_cost is None or self.spent + self._aside + worst <= self.most_cost:
                    break
                if not self._open:
                    raise LimitReached(
                        f"the cap of {self.most_cost:g} dollars is used up ({self.spent:.4f} spent, the next call may "
                        f"cost {worst:.4f}); raise it (--max-cost) to go on."
                    )
                self._settled.wait()
            self.calls += 1
            self._open += 1
            self._aside += worst

    def settle(self, worst: float, actual: float) -> None:
        """A call that was taken has ended, and what it cost."""
        with self._settled:
            self._open -= 1
            self._aside = self._aside - worst if self._open else 0.0
            self.spent += actual
            self._settled.notify_all()
