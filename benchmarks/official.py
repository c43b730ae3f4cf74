"""The official tools as peers: processes of their own environment, started once, so that only their work is timed."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
PYTHON = HERE.parent / ".venv-peers" / "bin" / "python"


class Official:
    """A peer that answers tasks. `there` is False where its environment is not; `make bench` builds it."""

    def __init__(self, script: str) -> None:
        self.there = PYTHON.exists()
        self._process: subprocess.Popen[str] | None = None
        self._script = HERE / "peers" / script

    def __enter__(self) -> Official:
        if self.there:
            self._process = subprocess.Popen(
                [PYTHON, self._script], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                text=True, env={**os.environ, "OMP_NUM_THREADS": "1"},
            )  # fmt: skip
        else:
            print(f"{self._script.stem}: not run, its environment .venv-peers is not there (`make bench` builds it)")
        return self

    def __exit__(self, *error: object) -> None:
        if self._process:
            self._process.kill()
            self._process.communicate()

    def ask(self, task: str, **of: Any) -> Any:
        """What the peer answers; RuntimeError where it ended instead."""
        assert self._process and self._process.stdin and self._process.stdout
        print(json.dumps({task: of}), file=self._process.stdin, flush=True)
        if not (line := self._process.stdout.readline()):
            raise RuntimeError(f"{self._script} ended without an answer; run it by hand to see why.")
        return json.loads(line)
