"""How well a judge agrees with labels, and with itself when the two answers are exchanged."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ..errors import BadData
from ..files import Row, field

Verdict = str | int | float
Judged = tuple[Verdict, Verdict | None, Verdict | None]  # label, verdict in order 1, verdict in order 2


@dataclass(frozen=True)
class Agreement:
    """Shares (0–1) over all `n` rows: an unreadable verdict is neither right nor in agreement.

    `kappa` is Cohen's between the two orders over the rows readable in both (None where it is undefined).
    `inconsistent` rows are readable in both orders with different verdicts; `null` rows lack one.
    """

    n: int
    accuracy_1: float
    accuracy_2: float
    both_right: float
    agreement: float
    kappa: float | None
    inconsistent: int
    null: int


def judged(place: str, row: Row) -> Judged:
    """A row {label, verdicts: [order 1, order 2]}, both stated in terms of the same side; BadData where it is none."""
    label = field(row, "label", (str, int, float), place)
    verdicts = field(row, "verdicts", list, place)
    if len(verdicts) != 2:
        raise BadData(f"{place} has {len(verdicts)} verdicts; it must have two, one per order (null: unreadable).")
    first, second = (_verdict(value, place) for value in verdicts)
    return label, first, second


def agreement(rows: Sequence[Judged]) -> Agreement:
    """The figures over at least one row."""
    read = [(first, second) for _, first, second in rows if first is not None and second is not None]
    same = sum(first == second for first, second in read)
    return Agreement(
        n=len(rows),
        accuracy_1=_share(first == label for label, first, _ in rows),
        accuracy_2=_share(second == label for label, _, second in rows),
        both_right=_share(first == label == second for label, first, second in rows),
        agreement=same / len(rows),
        kappa=kappa(read),
        inconsistent=len(read) - same,
        null=len(rows) - len(read),
    )


def kappa(pairs: Sequence[tuple[Verdict, Verdict]]) -> float | None:
    """Cohen's kappa (1960, eq. 1): (p_o − p_e) / (1 − p_e), p_e from each rater's own shares; None where p_e is 1."""
    n = len(pairs)
    one, other = (Counter(pair[side] for pair in pairs) for side in (0, 1))
    by_chance = sum(one[verdict] * other[verdict] for verdict in one)  # n² p_e, in whole numbers
    if by_chance == n * n:  # no rows, or both orders always the same single verdict
        return None
    return (n * sum(a == b for a, b in pairs) - by_chance) / (n * n - by_chance)


def _verdict(value: object, place: str) -> Verdict | None:
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise BadData(f"{place}: the verdict {str(value)[:40]!r} is no text, number or null; mend or remove the row.")
    return None if math.isnan(value) else value


def _share(hits: Iterable[bool]) -> float:
    found = list(hits)
    return sum(found) / len(found)
