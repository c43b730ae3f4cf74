"""A warm process from which model runs are forked: `python -m backend.jobs.nursery`, started by the queue.

Importing torch, transformers and trl takes seconds, and a study has dozens of model runs. The nursery imports them
once and forks a child for each run folder it reads on standard input; the child is a job like any other (its own
session, log, lock and result). It ends when the queue closes its standard input. Linux on CPU only: a process that
has touched CUDA cannot be forked, and other systems' libraries do not survive a fork.
"""

from __future__ import annotations

import importlib
import json
import os
import signal
import sys
import traceback
from pathlib import Path

PRELOADED = (
    "torch",
    "transformers",
    "trl.trainer.dpo_trainer",
    "trl.trainer.sft_trainer",
    "trl.trainer.reward_trainer",
)


def usable() -> bool:
    """Whether model runs may be forked here."""
    return sys.platform == "linux"


def _become_job(folder: Path, environment: dict[str, str]) -> None:
    """In the child: leaves the nursery behind and does the run. Never returns."""
    code = 1
    try:
        os.setsid()
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        log = os.open(folder / "log.txt", os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
        nothing = os.open(os.devnull, os.O_RDONLY)
        for source, target in ((nothing, 0), (log, 1), (log, 2)):
            os.dup2(source, target)
        os.environ.update(environment)
        from .__main__ import work

        code = work(folder)
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def main() -> None:
    """Answers each `{"folder": …, "environment": …}` line with the process id of a new job."""
    for name in PRELOADED:
        importlib.import_module(name)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # children are reaped by the system
    for line in sys.stdin:
        request = json.loads(line)
        pid = os.fork()
        if pid == 0:
            _become_job(Path(request["folder"]), request["environment"])
        print(pid, flush=True)


if __name__ == "__main__":
    main()
