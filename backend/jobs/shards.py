"""Measuring with several processes, one for each device: each does every n-th pack and keeps its own values.

The packs are those of a single process, so that the values are too. The parent only waits, tells the progress of all,
and ends what it started; a shard whose parent is gone ends with its next pack.
"""

from __future__ import annotations

import dataclasses
import json
import os
import selectors
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from .. import devices
from ..errors import BadData, JobFailed, WinnowError, sentence
from ..models.engine import PACK_TOKENS, Engine, Spent, perform
from ..models.work import Work
from ..values import Values
from ..workspace import Workspace
from . import Job
from .starting import shard

WORK, MODEL = "work.npz", "work.json"


def apart(job: Job, engine: Engine) -> Callable[[Work], bool]:
    """What an engine calls to have work done in other processes; it says False where one process does as well."""
    turn = job.ws.read_json(job.folder / "turn.json") or {}
    gpus = turn.get("gpus") or []
    count = len(gpus) or devices.measure_processes()

    def do(work: Work) -> bool:
        if count < 2 or sum(len(s.ids) for s in work.sequences) < 2 * PACK_TOKENS["cuda" if gpus else "cpu"]:
            return False
        work.save(job.folder / WORK, job.ws.write)
        job.ws.write_json(
            job.folder / MODEL,
            {"folder": str(engine.folder), "weights": engine.values.model, "width": engine.values.width},
        )
        shards = [shard(job.folder, n, count, gpus[n] if gpus else None) for n in range(count)]
        try:
            engine.spent = _follow(job, engine.spent, shards)
        finally:
            for one in shards:
                one.kill()
                one.wait()
            for name in (WORK, MODEL):
                (job.folder / name).unlink(missing_ok=True)
        return True

    return do


def _follow(job: Job, before: Spent, shards: list[subprocess.Popen[str]]) -> Spent:
    """Reads what the shards say until all have ended; returns what they spent together."""
    said: dict[int, dict[str, Any]] = {}
    with selectors.DefaultSelector() as waiting:
        for number, one in enumerate(shards):
            assert one.stdout
            waiting.register(one.stdout, selectors.EVENT_READ, number)
        while waiting.get_map():
            for ready, _ in waiting.select(timeout=1.0):
                line = ready.fileobj.readline()  # type: ignore[union-attr]
                if line:
                    said[ready.data] = json.loads(line)
                    _check(said[ready.data])
                else:
                    waiting.unregister(ready.fileobj)
            done, total = (sum(one[name] for one in said.values()) for name in ("tokens", "total"))
            job.progress(done, total, "tokens", f"measuring with {len(shards)} processes")
    for number, one in enumerate(shards):
        if one.wait() or "computing" not in said.get(number, {}):
            raise JobFailed(
                f"process {number + 1} of {len(shards)} ended with code {one.returncode}; see the run's log."
            )
    ends = list(said.values())
    return dataclasses.replace(
        before, tokens=before.tokens + sum(end["tokens"] for end in ends),
        loading=before.loading + max(end["loading"] for end in ends),
        computing=before.computing + max(end["computing"] for end in ends),
        memory=max(before.memory, *(end["memory"] for end in ends)), padded=ends[0]["padded"],
    )  # fmt: skip


def _check(said: dict[str, Any]) -> None:
    if "error" in said:
        raise (BadData if said["bad_input"] else JobFailed)(said["error"])


def main(folder: Path, number: int, count: int) -> None:
    """Does a share of the work of a run folder; says how far it is, one JSON object a line."""
    ws = Workspace(folder.parent.parent)
    model = ws.read_json(folder / MODEL) or {}
    work = Work.load(folder / WORK)
    engine = Engine(Path(model["folder"]), Values(ws, model["weights"], model["width"]), _tell)
    try:
        perform(engine.loaded(work), work, engine.values, _tell, engine.spent, share=(number, count))
    except WinnowError as error:
        _say(error=sentence(error), bad_input=isinstance(error, BadData))
        return
    _say(total=engine.spent.tokens, **dataclasses.asdict(engine.spent))


def _tell(done: int, total: int) -> None:
    _say(tokens=done, total=total)


def _say(**fields: Any) -> None:
    print(json.dumps(fields), flush=True)  # fails where the parent is gone, and ends this process


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
    sys.stdout.flush()
    os._exit(0)
