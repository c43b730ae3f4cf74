"""Starts the process of a job: forked from the warm nursery where that is possible, else a fresh interpreter."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import psutil

from .. import devices
from ..locks import locked
from . import nursery

ROOT = Path(__file__).parent.parent.parent


class Starter:
    """Starts jobs for one queue process; `close` ends the nursery, never a job."""

    def __init__(self, log: Path) -> None:
        self.log = log
        self._nursery: subprocess.Popen[str] | None = None
        self._fresh: list[subprocess.Popen[bytes]] = []

    def start(self, folder: Path, turn: devices.Turn) -> None:
        """Starts the job of a run folder; returns when it holds its lock or has ended."""
        self._fresh = [job for job in self._fresh if job.poll() is None]
        fork = turn.model and not turn.gpus and nursery.usable()
        pid = self._fork(folder, turn) if fork else self._spawn(folder, turn)
        while _alive(pid) and not locked(folder / "lock") and not (folder / "result.json").exists():
            time.sleep(0.01)

    def close(self) -> None:
        """Lets the nursery end."""
        if self._nursery and self._nursery.stdin:
            self._nursery.stdin.close()
            self._nursery.wait()

    def _spawn(self, folder: Path, turn: devices.Turn) -> int:
        with (folder / "log.txt").open("ab") as log:
            job = subprocess.Popen(
                [sys.executable, "-m", "backend.jobs", str(folder)],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                start_new_session=True, cwd=ROOT, env=devices.environment(turn),
            )  # fmt: skip
        self._fresh.append(job)
        return job.pid

    def _fork(self, folder: Path, turn: devices.Turn) -> int:
        if self._nursery is None or self._nursery.poll() is not None:
            with self.log.open("ab") as log:
                self._nursery = subprocess.Popen(
                    [sys.executable, "-m", "backend.jobs.nursery"],
                    stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, text=True,
                    cwd=ROOT, env=devices.environment(turn),
                )  # fmt: skip
        assert self._nursery.stdin and self._nursery.stdout
        request = {"folder": str(folder), "environment": devices.environment(turn)}
        try:
            self._nursery.stdin.write(json.dumps(request) + "\n")
            self._nursery.stdin.flush()
            return int(self._nursery.stdout.readline())
        except (BrokenPipeError, ValueError):  # the nursery is gone: its log says why
            self._nursery = None
            return self._spawn(folder, turn)


def shard(folder: Path, number: int, count: int, gpu: int | None) -> subprocess.Popen[str]:
    """Starts one process of a measure run, on a GPU of its own; in the job's process group, so that it ends with it."""
    turn = devices.Turn(model=True, gpus=[] if gpu is None else [gpu])
    with (folder / "log.txt").open("ab") as log:
        return subprocess.Popen(
            [sys.executable, "-m", "backend.jobs.shards", str(folder), str(number), str(count)],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=log, text=True,
            cwd=ROOT, env=devices.environment(turn),
        )  # fmt: skip


def _alive(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def detached(module: str, argument: Path, log: Path) -> None:
    """Starts `python -m module argument` in a session of its own."""
    with log.open("ab") as file:
        subprocess.Popen(
            [sys.executable, "-m", module, str(argument)],
            stdin=subprocess.DEVNULL, stdout=file, stderr=file, start_new_session=True, cwd=ROOT, env=dict(os.environ),
        )  # fmt: skip
