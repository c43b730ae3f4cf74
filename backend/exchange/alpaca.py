"""AlpacaEval's `annotations.json`: the verdicts of a judge run as its rows, for `report alpaca`, and its rows read."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

from .. import files, verdicts
from ..judges import Item, Order
from ..report.alpaca import Annotations
from ..report.alpaca_files import needed, preference
from ..verdicts.alpaca import is_candidate_first
from ..workspace import Workspace
from . import SAME, Key, Layout, Recorded, Said, failure, text_of
from .judgements import judgements, spec_of

COLUMNS = {"instruction", "output_1", "output_2", "generator_2", "preference"}
KINDS = ("alpaca-logprob", "alpaca-ranking")  # what a completion may be
# The orders in which annotators show the two answers: AlpacaEval's own, or never exchanged.
SHOWN: tuple[Callable[[str], Order], ...] = (
    lambda instruction: "candidate_first" if is_candidate_first(instruction) else "reference_first",
    lambda instruction: "reference_first",
)


def document(ws: Workspace, run: str) -> list[dict[str, Any]]:
    """One row for each item: the reference is 1, the candidate 2; preference 1 to 2, null where the verdict is missing.

    BadInput where the run compares no two sides; BadData where its answers belong together no longer.
    """
    judge = str(spec_of(ws, run, pairs=True).judge)
    rows = []
    for one in judgements(ws, run):
        given, item = one.preference, one.item
        by = next((row["judge"] for row in one.rows.values() if row["judge"]), None)
        rows.append({
            "instruction": item.prompt[-1]["content"],
            "output_1": item.reference, "generator_1": one.reference,
            "output_2": item.candidate, "generator_2": one.candidate,
            "annotator": by if judge.startswith("recorded") and by else judge,
            "preference": None if given is None else 1 + given,
        })  # fmt: skip
    return rows


def of_run(ws: Workspace, run: str, order: Sequence[str] = ()) -> Annotations:
    """The same rows for `report.alpaca`, of the model `candidate`, in the order of these instructions."""
    place = {text: number for number, text in enumerate(order)}
    rows = sorted(document(ws, run), key=lambda row: place.get(row["instruction"], len(place)))
    given = (row["preference"] for row in rows)
    texts = (tuple(row[name] for row in rows) for name in ("instruction", "output_1", "output_2"))
    preferences = np.array([np.nan if one is None else one for one in given])
    return Annotations("candidate", "reference", run, preferences, *texts)


class _Row(NamedTuple):
    key: Key
    preference: float  # 1 to 2, NaN for null
    read: float | None  # the preference that the completion gives, of the answers as they were shown
    row: files.Row


def read(rows: Sequence[tuple[str, files.Row]]) -> Recorded:
    """A verdict for each instruction; its order is known where completions confirm one of `SHOWN`."""
    entries = [_entry(place, row) for place, row in rows]
    shown = _shown(entries)
    found = Recorded()
    if shown is None:
        found.notes.append("The order in which the answers were shown is not known: nothing can be said of places.")
    for entry in entries:
        order: Order = shown(str(entry.key[0])) if shown else "unordered"
        found.add(entry.key, {order: _said(entry, order)})
    return found


def _entry(place: str, row: files.Row) -> _Row:
    key = tuple(needed(row, name, place) for name in ("instruction", "output_1", "output_2"))
    values = (verdicts.read(kind, row.get("raw_completion")).value for kind in KINDS)
    read = next((value for value in values if isinstance(value, float)), None)
    return _Row(key, preference(row, place), read, row)


def _shown(entries: Sequence[_Row]) -> Callable[[str], Order] | None:
    """The order in which most completions give what was recorded; None where there is none."""
    told = [entry for entry in entries if entry.read is not None and abs(entry.preference - 1.5) > SAME]
    agreeing = [sum(_agrees(entry, rule(str(entry.key[0]))) for entry in told) for rule in SHOWN]
    return SHOWN[agreeing.index(max(agreeing))] if 2 * max(agreeing) > len(told) else None


def _agrees(entry: _Row, order: Order) -> bool:
    assert entry.read is not None
    turned = 3 - entry.read if order == "candidate_first" else entry.read
    return abs(turned - entry.preference) <= SAME


def _said(entry: _Row, order: Order) -> Said:
    key, value, row = entry.key, entry.preference, entry.row
    text, failed = text_of(row.get("raw_completion")), math.isnan(value)
    same = key[1] == key[2] and value == 1.5
    return Said(
        failure(text) if failed else "ok",
        None if failed else value - 1,
        text="identical answers" if same else text,
        judge=_text(row.get("annotator")),
        cost=_number(row.get("price_per_example")),
        seconds=_number(row.get("time_per_example")),
        differs=entry.read is not None and order != "unordered" and not _agrees(entry, order),
    )


def _number(value: Any) -> float | None:
    number = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
    return float(value) if number else None


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None


def sides(place: str, row: files.Row) -> tuple[str, str | None]:
    """The model and its baseline; BadData where the row does not name them."""
    return needed(row, "generator_2", place), needed(row, "generator_1", place)


def answers(place: str, row: files.Row) -> tuple[str, str, str, str | None]:
    """Instruction, the model's answer, the baseline's, and the data set within the benchmark."""
    asked, said, theirs = (needed(row, name, place) for name in ("instruction", "output_2", "output_1"))
    return asked, said, theirs, _text(row.get("dataset"))


def _key(item: Item) -> Key:
    return item.prompt[-1]["content"], item.reference, item.candidate


LAYOUT = Layout("recorded_alpaca", lambda row: row.keys() >= COLUMNS, sides, read, _key, answers)
