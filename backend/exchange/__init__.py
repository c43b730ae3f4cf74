"""Verdicts in the neighbours' formats, out of a judge run and into one: a module for each format.

What a file holds on an item is `Said`, order by order; a format's `Layout` says how its rows are known, read and found.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from .. import files
from ..errors import BadData, Unreadable
from ..judges import Item, Order
from ..judges.asking import SORRY
from ..verdicts import replies
from ..workspace import Workspace

Key = tuple[object, ...]  # what an item is found by in a file
NO_ANSWER = "$ERROR$"  # what FastChat and Arena-Hard write where the judge's endpoint failed
SAME = 1e-6  # preferences that differ by less are the same


@dataclass(frozen=True)
class Said:
    """One recorded judgement, as a row of the table `judgements` holds it.

    `differs`: a verdict can be read in the text, and it is not the recorded one, which counts.
    """

    status: str
    preference: float | None = None  # how far the candidate is preferred, 0 to 1
    grade: float | None = None
    text: str | None = None
    judge: str | None = None
    cost: float | None = None  # US dollars
    seconds: float | None = None
    differs: bool = False
    reason: str | None = None  # why there is no verdict


@dataclass
class Recorded:
    """What rows hold: for every item its row and the judgement in each order.

    `repeats`: rows on an item of an earlier row.
    """

    said: dict[Key, dict[Order, Said]] = field(default_factory=dict)
    rows: dict[Key, files.Row] = field(default_factory=dict)
    repeats: int = 0
    notes: list[str] = field(default_factory=list)

    def add(self, key: Key, row: files.Row, said: dict[Order, Said]) -> None:
        """A row; the last one on an item counts, as in FastChat's files."""
        self.repeats += key in self.said
        self.said[key], self.rows[key] = said, row

    @property
    def differences(self) -> int:
        """Judgements whose text says something else than was recorded."""
        return sum(one.differs for orders in self.said.values() for one in orders.values())


class Layout(NamedTuple):
    """How a file's verdicts are read.

    `judge`: the member that serves them. `is_row`: whether a row is one of this layout. `sides`: the candidate and
    the reference (None: graded alone, or not named) that a row is about. `read`: rows with their place in words, all
    of one candidate and reference. `key`: what an item is found by. `answers`: prompt, candidate's answer, reference's
    answer and category of a row, where rows hold them.
    """

    judge: str
    is_row: Callable[[files.Row], bool]
    sides: Callable[[str, files.Row], tuple[str, str | None]]
    read: Callable[[Sequence[tuple[str, files.Row]]], Recorded]
    key: Callable[[Item], Key]
    answers: Callable[[str, files.Row], tuple[str, str, str, str | None]] | None = None


class Known(NamedTuple):
    """Which items a file has verdicts on, in which orders, and what to know before believing them."""

    wanted: list[tuple[Item, list[Order]]]
    notes: list[str]


def recorded(ws: Workspace, layout: Layout, arguments: Mapping[str, Any]) -> Recorded:
    """What a file holds that the workspace adopted; BadData where a row cannot be read."""
    return _read(ws.adopted(arguments["file"]), arguments["file"], arguments["suffix"], layout)


@lru_cache(maxsize=2)  # a run asks twice: what there is, and what it says
def _read(path: Path, digest: str, suffix: str, layout: Layout) -> Recorded:
    rows = enumerate(files.rows(path, suffix), start=1)
    return layout.read([(f"{path.name} row {number}", row) for number, row in rows])


def known(ws: Workspace, layout: Layout, arguments: Mapping[str, Any], items: Sequence[Item]) -> Known:
    """The items that the file has a row on: an absent row is no failure, one without a verdict is."""
    found = recorded(ws, layout, arguments)
    keys = [layout.key(item) for item in items]
    wanted = [(item, list(found.said[key])) for item, key in zip(items, keys, strict=True) if key in found.said]
    if not wanted:
        raise BadData("no row of the file is about these answers; choose the runs or files that were judged.")
    return Known(wanted, list(_notes(found, len(items) - len(wanted), len(found.said.keys() - set(keys)))))


def _notes(found: Recorded, without: int, foreign: int) -> Iterator[str]:
    total = sum(map(len, found.said.values()))
    if without:
        yield f"The file has no row on {without:,} of the answers; they are left out, not counted as failed."
    if foreign:
        yield f"The file has {foreign:,} rows on answers that are not here; they are left out."
    if found.repeats:
        yield f"{found.repeats:,} rows repeat an item; the last row of each counts."
    if found.differences:
        yield f"{found.differences:,} of {total:,} replies say something else than was recorded, which counts."
    yield from found.notes


def text_of(reply: Any) -> str | None:
    """The words of a recorded reply; None where there are none."""
    try:
        return replies.text(reply)
    except Unreadable:
        return None


def failed(text: str | None, mark: str, judge: str | None) -> Said:
    """A judgement that has no verdict. `mark`: what the file says in its place.

    Whatever befell the file's judge, nothing failed here: where it did not refuse, the verdict cannot be read.
    """
    status = "refused" if text and SORRY.search(text) else "unparsable"
    said = None if text == NO_ANSWER else text
    reply = "" if said else f" and the reply {NO_ANSWER}" if text else " and no reply"
    return Said(status, text=said, judge=judge, reason=f"the file records {mark}{reply}, no verdict.")
