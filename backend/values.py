"""What models have said about texts, each once: `<workspace>/values/<model>/<writer>.bin`.

A value is found by the hash of what went into the model: the kind of value, the number format, and the token ids of
prompt and response. Template, tokenizer and length limit need no place in the key, for they act through the ids alone:
a text that fits under two limits is measured once for both. The folder is named by the model's weights.

Every process appends whole records to a file of its own, so that nothing is locked and a kill loses at most the record
being written. The folder can be deleted at any time; what it held is then measured anew.
"""

from __future__ import annotations

import hashlib
import os
import uuid
from array import array
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from .workspace import Workspace, clear

KEY = np.dtype([("high", "<u8"), ("low", "<u8")])
_RECORD = np.dtype([*KEY.descr, ("value", "<f8"), ("tokens", "<i8"), ("check", "<u8")])
_MARK = np.uint64(0x57494E4E4F570001)  # so that a block of zeros, left by a power cut, is no record


class Scores(NamedTuple):
    """Values of n texts: float64[n], NaN where there is none, and int64[n], the tokens each was taken over."""

    value: np.ndarray
    tokens: np.ndarray


def key(kind: str, prompt: Sequence[int], response: Sequence[int]) -> bytes:
    """128-bit name of one value: `kind` (measure and number format) and the token ids that the model reads."""
    ids = array("i", [len(prompt), *prompt, *response]).tobytes()
    return hashlib.blake2b(kind.encode() + b"\0" + ids, digest_size=16).digest()


def keys(of: Iterable[bytes]) -> np.ndarray:
    """Keys as an array: KEY[n]."""
    return np.frombuffer(b"".join(of), dtype=KEY)


class Values:
    """The values of one model, as they were when it was opened and with all that is added since."""

    def __init__(self, ws: Workspace, model: str) -> None:
        self.folder = ws.root / "values" / model
        self._file = self.folder / f"{os.getpid()}-{uuid.uuid4().hex[:8]}.bin"
        self._known = np.empty(0, dtype=_RECORD)
        self.refresh()

    def refresh(self) -> None:
        """Reads what this and other processes have added."""
        parts = [_read(path) for path in sorted(self.folder.glob("*.bin"))]
        rows = np.concatenate(parts) if parts else np.empty(0, dtype=_RECORD)
        self._known = rows[np.argsort(rows["high"], kind="stable")]

    def find(self, wanted: np.ndarray) -> Scores:
        """The known values of KEY[n]; NaN and 0 tokens where a value is not known."""
        value, tokens = np.full(len(wanted), np.nan), np.zeros(len(wanted), dtype=np.int64)
        if len(self._known):
            at = np.searchsorted(self._known["high"], wanted["high"]).clip(max=len(self._known) - 1)
            there = (self._known["high"][at] == wanted["high"]) & (self._known["low"][at] == wanted["low"])
            value[there], tokens[there] = self._known["value"][at[there]], self._known["tokens"][at[there]]
        return Scores(value, tokens)

    def add(self, which: np.ndarray, scores: Scores) -> None:
        """Appends values under KEY[n], flushed; `refresh` makes them known. What is not finite is left out."""
        rows = np.empty(len(which), dtype=_RECORD)
        rows["high"], rows["low"] = which["high"], which["low"]
        rows["value"], rows["tokens"] = scores.value, scores.tokens
        rows["check"] = _check(rows)
        rows = rows[np.isfinite(rows["value"])]
        with clear(f"append to {self._file.name}"):
            self.folder.mkdir(parents=True, exist_ok=True)
            with self._file.open("ab") as file:
                file.write(rows.tobytes())


def _read(path: Path) -> np.ndarray:
    """The whole and sound records of a file."""
    content = path.read_bytes()
    rows = np.frombuffer(content[: len(content) // _RECORD.itemsize * _RECORD.itemsize], dtype=_RECORD)
    return rows[rows["check"] == _check(rows)]


def _check(rows: np.ndarray) -> np.ndarray:
    return rows["high"] ^ rows["low"] ^ rows["value"].view("<u8") ^ rows["tokens"].view("<u8") ^ _MARK
