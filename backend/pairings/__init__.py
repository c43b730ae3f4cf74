"""Pairings: measured responses → preference pairs. A member sees responses sorted by id, every one of them measured."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ..registry import Family

pairings = Family("pairing", __name__)


@dataclass(frozen=True)
class Scored:
    """Measured responses, sorted by prompt and then by id: uint64[m], uint64[m], float64[m]."""

    prompt_ids: np.ndarray
    response_ids: np.ndarray
    values: np.ndarray

    @property
    def bounds(self) -> np.ndarray:
        """Where each prompt's responses begin, and the end of all: int64[prompts + 1]."""
        new = np.flatnonzero(self.prompt_ids[1:] != self.prompt_ids[:-1]) + 1
        return np.concatenate(([0], new, [len(self.prompt_ids)]))


@dataclass(frozen=True)
class Paired:
    """Row numbers of the chosen and rejected responses of each pair; what the reader should know."""

    chosen: np.ndarray
    rejected: np.ndarray
    notes: Mapping[str, Any] = field(default_factory=dict)
