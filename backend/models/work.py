"""What is to be measured, as it can be handed to another process."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path
from typing import Any, Literal

import numpy as np

from ..values import KEY, Values
from .rendering import Encoded

Kind = Literal["logprob", "reward", "embedding"]


@dataclass(frozen=True)
class Work:
    """Distinct sequences without a known value, and the keys of their values: KEY[n]."""

    kind: Kind
    dtype: str
    sequences: list[Encoded]
    names: np.ndarray

    def without(self, values: Values) -> Work:
        """What these values do not know of it."""
        missing = np.flatnonzero(values.missing(self.names))
        return Work(self.kind, self.dtype, [self.sequences[n] for n in missing], self.names[missing])

    def save(self, path: Path, write: Callable[[Path, Callable[[Path], object]], None]) -> None:
        """The work as a file of arrays; `write` makes it appear whole."""
        ids = [token for s in self.sequences for token in s.ids]
        arrays: dict[str, Any] = {
            "kind": self.kind, "dtype": self.dtype, "ids": np.array(ids, dtype=np.int32), "names": self.names,
            "prompts": [len(s.prompt) for s in self.sequences], "wholes": [len(s.ids) for s in self.sequences],
        }  # fmt: skip

        def fill(place: Path) -> None:
            with place.open("wb") as file:
                np.savez(file, **arrays)

        write(path, fill)

    @classmethod
    def load(cls, path: Path) -> Work:
        """What `save` wrote."""
        with np.load(path) as stored:
            ids, prompts, wholes = (stored[name].tolist() for name in ("ids", "prompts", "wholes"))
            ends = list(accumulate(wholes))
            sequences = [
                Encoded(ids[end - whole : end - whole + prompt], ids[end - whole + prompt : end], False)
                for end, whole, prompt in zip(ends, wholes, prompts, strict=True)
            ]
            kind: Any = str(stored["kind"])
            return cls(kind, str(stored["dtype"]), sequences, stored["names"].astype(KEY))
