"""Operating-system locks: held until the process that took them ends, however it ends."""

from __future__ import annotations

import contextlib
import fcntl
import time
from collections.abc import Iterator
from pathlib import Path


def locked(path: Path) -> bool:
    """Whether some process holds the lock file."""
    try:
        with path.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except FileNotFoundError:
        return False
    except BlockingIOError:
        return True
    return False


@contextlib.contextmanager
def hold(path: Path, patience: float = 0.0) -> Iterator[bool]:
    """Whether this process now holds the lock; `patience` seconds outlast those who only look at it."""
    until = time.monotonic() + patience
    with path.open("ab") as file:
        while not (ours := _take(file.fileno())) and time.monotonic() < until:
            time.sleep(0.01)
        yield ours


def _take(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
