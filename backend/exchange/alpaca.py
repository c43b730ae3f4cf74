"""AlpacaEval's `annotations.json`: the verdicts of a judge run as its rows, for `report alpaca`, and its rows read."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np

from .. import files, verdicts
from ..judges import Item, Order, Row, preview
from ..report.alpaca import Annotations
from ..report.alpaca_files import needed, preference
from ..verdicts.alpaca import is_candidate_first
from ..workspace import Workspace
from . import SAME, Key, Layout, Recorded, Said, failed, text_of
from .judgements import Judgement, judgements, originals, spec_of

COLUMNS = {"instruction", "output_1", "output_2", "generator_2", "preference"}
KINDS = ("alpaca-logprob", "alpaca-ranking")  # what a completion may be
SWITCHED = "is_switched_outputs"
SWITCHES: dict[Order, bool] = {"reference_first": False, "candidate_first": True}
# The orders in which annotators show the two answers: AlpacaEval's own, or never exchanged.
SHOWN: tuple[Callable[[str], Order], ...] = (
    lambda instruction: "candidate_first" if is_candidate_first(instruction) else "reference_first",
    lambda instruction: "reference_first",
)


def document(ws: Workspace, run: str) -> list[dict[str, Any]]:
    """One row for each item: the reference is 1, the candidate 2; preference 1 to 2, null where the verdict is missing.

    Of two orders the preference is the mean; then there is no one completion, and `is_switched_outputs` (AlpacaEval's
    name for "the candidate was shown first") is null. BadInput where the run compares no two sides; BadData where its
    answers belong together no longer.
    """
    spec = spec_of(ws, run, pairs=True)
    if (rows := originals(ws, run, LAYOUT)) is not None:
        return rows
    choices = preview.choices(ws, spec)
    return [_row(one, str(spec.judge), choices) for one in judgements(ws, run)]


def _row(one: Judgement, judge: str, choices: Callable[[str], Any]) -> dict[str, Any]:
    item, given, rows = one.item, one.preference, list(one.rows.values())
    by = next((row["judge"] for row in rows if row["judge"]), None)
    return {
        "instruction": item.prompt[-1]["content"],
        "output_1": item.reference, "generator_1": one.reference, "dataset": item.category,
        "output_2": item.candidate, "generator_2": one.candidate,
        "annotator": by if judge.startswith("recorded") and by else judge,
        "preference": None if given is None else 1 + given,
        "price_per_example": _sum(row["cost"] for row in rows),
        "time_per_example": _sum(row["seconds"] for row in rows),
        "raw_completion": _completion(rows[0], choices) if len(rows) == 1 else None,
        SWITCHED: SWITCHES.get(next(iter(one.rows))) if len(rows) == 1 else None,
    }  # fmt: skip


def _sum(values: Iterable[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return sum(known) if known else None


def _completion(row: Row, choices: Callable[[str], Any]) -> Any:
    """The completion as it came where it is kept, else its words; None where nobody was asked or replied."""
    if row["request"] is None or row["status"] in ("transport", "timeout"):
        return None
    return choices(row["request"]) or row["explanation"]


def of_run(ws: Workspace, run: str, order: Sequence[str] = ()) -> Annotations:
    """The same rows for `report.alpaca`, of the model `candidate`, in the order of these instructions."""
    place = {text: number for number, text in enumerate(order)}
    rows = sorted(document(ws, run), key=lambda row: place.get(row["instruction"], len(place)))
    texts = (tuple(row[name] for row in rows) for name in ("instruction", "output_1", "output_2"))
    preferences = np.array([preference(row, run) for row in rows])
    return Annotations("candidate", "reference", run, preferences, *texts)


class _Row(NamedTuple):
    key: Key
    preference: float  # 1 to 2, NaN for null
    read: float | None  # the preference that the completion gives, of the answers as they were shown
    row: files.Row


def read(rows: Sequence[tuple[str, files.Row]]) -> Recorded:
    """A verdict for each instruction; its order is what the row says, else what completions confirm of `SHOWN`."""
    entries = [_entry(place, row) for place, row in rows]
    shown = _shown(entries)
    found = Recorded()
    for entry in entries:
        order = _order(entry.row) or (shown(str(entry.key[0])) if shown else "unordered")
        found.add(entry.key, entry.row, {order: _said(entry, order)})
    if any("unordered" in orders for orders in found.said.values()):
        found.notes.append("The order in which the answers were shown is not known: nothing can be said of places.")
    return found


def _order(row: files.Row) -> Order | None:
    return next((order for order, switched in SWITCHES.items() if row.get(SWITCHED) is switched), None)


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
    text, judge = text_of(row.get("raw_completion")), _text(row.get("annotator"))
    same = key[1] == key[2] and value == 1.5
    said = (
        failed(text, "the preference null", judge)
        if math.isnan(value)
        else Said("ok", value - 1, text=text, judge=judge)
    )
    return replace(
        said,
        text="identical answers" if same else text,
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
