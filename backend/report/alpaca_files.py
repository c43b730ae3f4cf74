"""The files of AlpacaEval: annotations.json, a model's outputs, and the two tables of the length-controlled fit.

Each may be JSON or JSON Lines (tables: CSV), also gzipped. BadData names the file, the row and the value.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from .. import files
from ..errors import BadData
from .alpaca import Annotations
from .length_control import Calibration

DRAW = 1.5


def read_annotations(paths: Iterable[Path]) -> list[Annotations]:
    """One entry for each model and baseline of each file, in the order of the files and of their rows."""
    return [entry for path in paths for entry in _entries(path)]


def read_instructions(path: Path) -> tuple[str, ...]:
    """The instructions of a model's outputs (model_outputs.json), in the file's order."""
    return tuple(needed(row, "instruction", where) for where, row in _numbered(path))


def read_calibration(difficulty: Path, gamed: Path) -> Calibration:
    """instruction_difficulty.csv and df_gamed.csv, as the hub has them."""
    index, values = _columns(difficulty, ("index", "instruction_difficulty"))
    if sorted(index.tolist()) != list(range(len(index))):
        raise BadData(f"{difficulty.name}: column 'index' must hold each of 0 to {len(index) - 1} once.")
    names = ("std_delta_len", "instruction_difficulty", "preference")
    lengths, difficulties, preferences = _columns(gamed, names)
    if not ((preferences >= 0) & (preferences <= 1)).all():
        raise BadData(f"{gamed.name}: column 'preference' must lie in 0 to 1 (found: {_outside(preferences):g}).")
    return Calibration(values[np.argsort(index)], lengths, difficulties, preferences)


def _entries(path: Path) -> Iterator[Annotations]:
    groups: dict[tuple[str, str | None], list[tuple[Any, ...]]] = {}
    for where, row in _numbered(path):
        pair = needed(row, "generator_2", where), _text(row, "generator_1", where)
        answered = [_text(row, name, where) for name in ("instruction", "output_1", "output_2")]
        groups.setdefault(pair, []).append((preference(row, where), *answered))
    for (model, baseline), rows in groups.items():
        preferences, *texts = zip(*rows, strict=True)
        yield Annotations(model, baseline, path.name, np.array(preferences, np.float64), *texts)


def preference(row: files.Row, where: str) -> float:
    """1 to 2, a draw 1.5 (older files: 0); NaN for null."""
    value = _cell(row, "preference", where)
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return math.nan
    if isinstance(value, bool) or not isinstance(value, int | float) or not (value == 0 or 1 <= value <= 2):
        raise BadData(
            f"{where}: preference is {value!r}; it must be 1 (baseline) to 2 (model), 0 or 1.5 (draw) or null."
        )
    return float(value) or DRAW


def _text(row: files.Row, name: str, where: str) -> str | None:
    value = row.get(name)
    if value is not None and not isinstance(value, str):
        raise BadData(f"{where}: {name} is {str(value)[:40]!r}; it must be a text.")
    return value


def needed(row: files.Row, name: str, where: str) -> str:
    """A column that must be there and hold text."""
    if (text := _text(row, name, where)) is None:
        raise BadData(f"{where} has no {name} (found: {', '.join(map(str, row))}); mend the file.")
    return text


def _columns(path: Path, names: Sequence[str]) -> list[np.ndarray]:
    """Columns of finite numbers: float64[rows] each."""
    rows = [[_number(_cell(row, name, where), name, where) for name in names] for where, row in _numbered(path)]
    return list(np.array(rows, np.float64).T)


def _number(value: Any, name: str, where: str) -> float:
    try:
        number = float(value)
    except (TypeError, ValueError):
        number = math.nan
    if not math.isfinite(number):
        raise BadData(f"{where}: {name} is {str(value)[:40]!r}; it must be a number.")
    return number


def _cell(row: files.Row, name: str, where: str) -> Any:
    if name not in row:
        raise BadData(f"{where} has no {name} (found: {', '.join(map(str, row))}); mend the file.")
    return row[name]


def _numbered(path: Path) -> Iterator[tuple[str, files.Row]]:
    for number, row in enumerate(files.rows(path, files.suffix_of(path.name)), start=1):
        yield f"{path.name} row {number}", row


def _outside(values: np.ndarray) -> float:
    return float(values[(values < 0) | (values > 1)][0])
