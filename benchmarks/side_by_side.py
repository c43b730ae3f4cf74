"""Medians of several ways to one answer, measured in turn, so that what else the machine does hits them all."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Mapping


def table(title: str, ways: Mapping[str, Callable[[], object]], rounds: int = 5) -> dict[str, float]:
    """Prints each way's median and its ratio to the first, which is ours; returns the medians in seconds."""
    times: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(rounds):
        for name, way in ways.items():
            began = time.perf_counter()
            way()
            times[name].append(time.perf_counter() - began)
    medians = {name: statistics.median(found) for name, found in times.items()}
    ours = next(iter(medians.values()))
    print(f"{title} (median of {rounds} rounds)")
    for name, seconds in medians.items():
        print(f"  {name:<46} {seconds:9.4f} s  {seconds / ours:8.1f} x")
    return medians
