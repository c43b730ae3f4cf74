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
_MARK = np.uint64(0x57494E4E4F570001)  # so that a block of zeros, left by a power cut, is no record


class Scores(NamedTuple):
    """Values of n texts, NaN where there is none: float64[n], for vectors float32[n, width]; int64[n], their tokens."""

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
    """The values of one model, as they were when it was opened and with all that is added since.

    `width`: of vectors; 0 for plain numbers.
    """

    def __init__(self, ws: Workspace, model: str, width: int = 0) -> None:
        self.ws, self.model, self.width = ws, model, width
        self.folder = ws.root / "values" / model / (f"vectors-{width}" if width else "")
        self._file = self.folder / f"{os.getpid()}-{uuid.uuid4().hex[:8]}.bin"
        self._record = _record(width)
        self._known = np.empty(0, dtype=self._record)
        self.refresh()

    def vectors(self, width: int) -> Values:
        """The vectors of the same model."""
        return Values(self.ws, self.model, width)

    def refresh(self) -> None:
        """Reads what this and other processes have added."""
        parts = [_read(path, self._record) for path in sorted(self.folder.glob("*.bin"))]
        rows = np.concatenate(parts) if parts else np.empty(0, dtype=self._record)
        self._known = rows[np.argsort(rows["high"], kind="stable")]

    def find(self, wanted: np.ndarray) -> Scores:
        """The known values of KEY[n]; NaN and 0 tokens where a value is not known."""
        shape, dtype = ((len(wanted), self.width), np.float32) if self.width else ((len(wanted),), np.float64)
        value, tokens = np.full(shape, np.nan, dtype), np.zeros(len(wanted), dtype=np.int64)
        if len(self._known):
            at = np.searchsorted(self._known["high"], wanted["high"]).clip(max=len(self._known) - 1)
            there = (self._known["high"][at] == wanted["high"]) & (self._known["low"][at] == wanted["low"])
            value[there] = self._known["value"][at[there]][..., : self.width or None]
            tokens[there] = self._known["tokens"][at[there]]
        return Scores(value, tokens)

    def missing(self, wanted: np.ndarray) -> np.ndarray:
        """Which of KEY[n] are not known: bool[n]."""
        return np.isnan(self.find(wanted).value.reshape(len(wanted), -1)[:, :1]).all(axis=1)

    def add(self, which: np.ndarray, scores: Scores) -> None:
        """Appends values under KEY[n], flushed; `refresh` makes them known. What is not finite is left out."""
        rows = np.zeros(len(which), dtype=self._record)
        rows["high"], rows["low"], rows["tokens"] = which["high"], which["low"], scores.tokens
        rows["value"][..., : self.width or None] = scores.value
        rows["check"] = _check(rows)
        rows = rows[np.isfinite(scores.value).reshape(len(which), -1).all(axis=1)]
        with clear(f"append to {self._file.name}"):
            self.folder.mkdir(parents=True, exist_ok=True)
            with self._file.open("ab") as file:
                file.write(rows.tobytes())


def _record(width: int) -> np.dtype:
    """A fixed number of whole 64-bit words."""
    value = ("value", "<f4", (width + width % 2,)) if width else ("value", "<f8")
    return np.dtype([*KEY.descr, value, ("tokens", "<i8"), ("check", "<u8")])


def _read(path: Path, record: np.dtype) -> np.ndarray:
    """The whole and sound records of a file."""
    content = path.read_bytes()
    rows = np.frombuffer(content[: len(content) // record.itemsize * record.itemsize], dtype=record)
    return rows[rows["check"] == _check(rows)]


def _check(rows: np.ndarray) -> np.ndarray:
    words = rows.view("<u8").reshape(len(rows), rows.dtype.itemsize // 8)
    return np.bitwise_xor.reduce(words[:, :-1], axis=1) ^ _MARK
