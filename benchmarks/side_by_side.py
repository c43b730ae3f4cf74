"""Medians of several ways to one answer, measured in turn, so that what else the machine does hits them all."""

from __future__ import annotations

import statistics
import threading
import time
from collections.abc import Callable, Mapping

import psutil


def table(
    title: str,
    ways: Mapping[str, Callable[[], object]],
    rounds: int = 5,
    tokens: int | None = None,
    clock: Callable[[], float] = time.perf_counter,
) -> dict[str, float]:
    """Prints each way's median and its ratio to the first, which is ours; returns the medians in seconds.

    With `clock=time.process_time`, of the processor: work of one thread then takes the same on a busy machine.
    With `tokens`, the work of every way, also tokens a second and the most memory that a way took beyond what was held.
    """
    times: dict[str, list[float]] = {name: [] for name in ways}
    memory = dict.fromkeys(ways, 0)
    for _ in range(rounds):
        for name, way in ways.items():
            with Memory() as held:
                began = clock()
                way()
                times[name].append(clock() - began)
            memory[name] = max(memory[name], held.most)
    medians = {name: statistics.median(found) for name, found in times.items()}
    ours = next(iter(medians.values()))
    print(f"{title} (median of {rounds} rounds)")
    for name, seconds in medians.items():
        more = f"{tokens / seconds:9,.0f} tokens/s {memory[name] / 2**20:7,.0f} MiB" if tokens else ""
        print(f"  {name:<46} {seconds:9.4f} s  {seconds / ours:8.1f} x {more}")
    return medians


class Memory:
    """The most main memory that a block takes beyond what was held before: `most`, in bytes, by 50 looks a second."""

    def __enter__(self) -> Memory:
        self.most, self._over = 0, threading.Event()
        self._watch = threading.Thread(target=self._look, args=(psutil.Process().memory_info().rss,))
        self._watch.start()
        return self

    def _look(self, before: int) -> None:
        while not self._over.wait(0.02):
            self.most = max(self.most, psutil.Process().memory_info().rss - before)

    def __exit__(self, *error: object) -> None:
        self._over.set()
        self._watch.join()
