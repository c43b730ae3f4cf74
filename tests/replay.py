"""The developers' stand-in judge, which answers with what GPT-4 said, as a process of its own."""

from __future__ import annotations

import json
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any


@contextmanager
def replaying(shared: Path, *arguments: str) -> Iterator[str]:
    """The base URL of the judge over the recorded verdicts of `shared`."""
    words = [sys.executable, str(shared.parent / "tools" / "replay_judge.py"), "--port", "0", *arguments]
    server = subprocess.Popen(words, stdout=subprocess.PIPE, text=True)
    try:
        assert server.stdout
        yield server.stdout.readline().strip()
    finally:
        server.kill()
        server.wait()


def stats(url: str) -> dict[str, Any]:
    """What the judge counted: calls, answered, limited, failed, refused, unknown, most_at_once, repeats."""
    return json.load(urllib.request.urlopen(url.removesuffix("/v1") + "/stats"))
