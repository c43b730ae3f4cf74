"""What judges replied, each once: `<workspace>/replies/<judge>/<writer>.jsonl`.

A reply is found by the hash of everything that went into the request: endpoint, model, messages, settings. So a run
that is launched again, or another study with the same answers, asks only what is missing. Only replies that held a
verdict are kept: a failure is never remembered as an answer.

Every process appends to a file of its own; a kill loses at most the line being written. The folder can be deleted at
any time; what it held is then asked again.
"""

from __future__ import annotations

import hashlib
import json
import os
import threading
import uuid
from collections.abc import Mapping
from typing import Any

from .workspace import Workspace


def key(request: Mapping[str, Any]) -> str:
    """128-bit name of a request, as 32 hex digits."""
    text = json.dumps(request, sort_keys=True, separators=(",", ":"))
    return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()


class Replies:
    """The replies of one judge (endpoint and model): those there when it was opened, and those added since."""

    def __init__(self, ws: Workspace, judge: str) -> None:
        self._ws = ws
        self._folder = ws.root / "replies" / hashlib.blake2b(judge.encode(), digest_size=8).hexdigest()
        self._file = self._folder / f"{os.getpid()}-{uuid.uuid4().hex[:8]}.jsonl"
        self._lock = threading.Lock()
        self._known: dict[str, Any] = {}
        for path in sorted(self._folder.glob("*.jsonl")):
            self._known |= {row["key"]: row["reply"] for row in ws.read_lines(path)}

    def find(self, wanted: str) -> Any:
        """The reply to a request, None where there is none."""
        return self._known.get(wanted)

    def add(self, wanted: str, reply: Mapping[str, Any]) -> None:
        """Keeps a reply, flushed. May be called from several threads."""
        with self._lock:
            self._folder.mkdir(parents=True, exist_ok=True)
            self._ws.append(self._file, {"key": wanted, "reply": reply})
            self._known[wanted] = reply
