"""What the items of the Review page are filtered by. A facet puts each item under one label; only counts are drawn.

Linked filters: the bars of a facet count the items inside the choices made in all *other* facets.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pandas as pd

from ..report.people import COMPARED

Choice = Mapping[str, Sequence[str]]  # facet → the labels that are let through; a facet that is absent lets all through
NOT_VOTED, WITH, AGAINST, DIFFER, NO_VERDICT = (
    "no vote", "with the judge", "against the judge", "people differ", "no verdict to compare",
)  # fmt: skip
FLIP, HALF = "orders disagree", "one order a tie"


@dataclass(frozen=True)
class Facet:
    """Labels in the order of their bars; which of them each item has, −1 for none: int16[n]; edges of a histogram."""

    labels: tuple[str, ...]
    codes: np.ndarray
    edges: np.ndarray | None = None


def of_items(items: pd.DataFrame) -> dict[str, Facet]:
    """Of the frame that `queries_review.items` gives: score, orders, judge, strategy, category, turn, longer.

    Of grades: grade instead of score, characters instead of longer.
    """
    numbers = {name: make(items[column].to_numpy()) for name, (column, make) in NUMBERS.items() if column in items}
    return numbers | {
        "orders": _named(pd.Series(_how(items)), (FLIP, HALF, "orders agree", "one verdict")),
        "judge": _named(items["judge"]),
        "strategy": _named(items["strategy"]),
        "category": _named(items["category"]),
        "turn": _named(items["turn"].astype(str)),
    }


def _score(preference: np.ndarray) -> Facet:
    """Nine bins around 0, 1/8, … 1: means of two orders and of grades in quarters lie in the middle of theirs."""
    edges = np.linspace(-1 / 16, 17 / 16, 10)
    labels = [f"{value:g}" for value in np.linspace(0, 1, 9)]
    return Facet(tuple(labels), _placed(preference, edges), edges)


def _how(items: pd.DataFrame) -> np.ndarray:
    """How the orders of each item ended: agreed, flipped, a tie in one of them, or the failure."""
    low, high = items["lowest"].to_numpy(), items["highest"].to_numpy()
    half = (low != high) & ((low == 0.5) | (high == 0.5))
    return np.select(
        [items["failure"].notna(), items["identical"], (low < 0.5) & (high > 0.5), half, items["orders"] == 1],
        [items["failure"].fillna(""), "identical answers", FLIP, HALF, "one verdict"],
        "orders agree",
    )


def _grade(grades: np.ndarray) -> Facet:
    """A bin around each of MT-Bench's grades, 1 to 10 (a half counts up); another scale has bins of a round width."""
    known = grades[np.isfinite(grades)]
    if ((known < 1) | (known > 10)).any():
        return _rounded(grades, float(known.min()), float(known.max()))
    edges = np.arange(0.5, 11)
    return Facet(tuple(str(grade) for grade in range(1, 11)), _placed(grades, edges), edges)


def _longer(difference: np.ndarray) -> Facet:
    """As far to either side as 98 % of the differences go."""
    known = np.abs(difference[np.isfinite(difference)])
    reach = max(float(np.quantile(known, 0.98)), 1.0) if len(known) else 1.0
    return _rounded(difference, -reach, reach)


def _length(characters: np.ndarray) -> Facet:
    known = characters[np.isfinite(characters)]
    return _rounded(characters, 0.0, float(np.quantile(known, 0.98)) if len(known) else 1.0)


def _rounded(values: np.ndarray, low: float, high: float) -> Facet:
    """About twelve bins of a round width from `low` to `high`; the outermost take what lies beyond."""
    raw = max(high - low, 1.0) / 12
    power = 10.0 ** np.floor(np.log10(raw))
    width = next(step * power for step in (1, 2, 5, 10) if step * power >= raw)
    edges = width * np.arange(np.floor(low / width), max(np.ceil(high / width), np.floor(low / width) + 2) + 1)
    labels = [f"{start:g} to {end:g}" for start, end in pairwise(edges)]
    labels[0], labels[-1] = f"under {edges[1]:g}", f"over {edges[-2]:g}"
    return Facet(tuple(labels), _placed(values, edges), edges)


NUMBERS = {  # facet → the column of the items, as far as they have it, and its bins
    "score": ("preference", _score),
    "grade": ("grade", _grade),
    "longer": ("longer", _longer),
    "characters": ("characters", _length),
}


def _placed(values: np.ndarray, edges: np.ndarray) -> np.ndarray:
    bins = np.clip(np.digitize(np.nan_to_num(values), edges) - 1, 0, len(edges) - 2)
    return np.where(np.isnan(values), -1, bins).astype(np.int16)


def _named(values: pd.Series, first: Sequence[str] = ()) -> Facet:
    """Labels as they occur, the `first` ones first, the others by how often they occur."""
    counted = values.value_counts()
    known = [label for label in first if label in counted.index]
    labels = [*known, *(str(label) for label in counted.index if label not in known)]
    return Facet(tuple(labels), pd.Categorical(values, categories=labels).codes.astype(np.int16))


def of_votes(items: pd.DataFrame, votes: pd.DataFrame) -> Facet:
    """Where people stand to the judge, item by item; `votes` as their table has them, those that stand."""
    labels = (AGAINST, DIFFER, WITH, NO_VERDICT, NOT_VOTED)
    codes = np.full(len(items), labels.index(NOT_VOTED), dtype=np.int16)
    said = votes.groupby(COMPARED)["preference"].agg(["min", "max"])
    rows = np.flatnonzero(items["candidate_id"].isin(votes["candidate_id"]))
    some = items.iloc[rows].join(said, on=COMPARED)
    judge, low, high = (np.sign(some[name].to_numpy() - 0.5) for name in ("preference", "min", "max"))
    stands = np.select([np.isnan(low), low != high, np.isnan(judge), judge == low], [4, 1, 3, 2], 0)
    codes[rows] = stands
    return Facet(labels, codes)


def voted(people: Facet) -> np.ndarray:
    """bool[n]: the items on which somebody voted."""
    return people.codes != people.labels.index(NOT_VOTED)


def within(facets: Mapping[str, Facet], choice: Choice, leave_out: str = "") -> np.ndarray:
    """bool[n]: the items inside every choice, or inside all but that of one facet."""
    inside = np.ones(len(next(iter(facets.values())).codes), dtype=bool)
    for name, facet in facets.items():
        wanted = [facet.labels.index(label) for label in choice.get(name, ()) if label in facet.labels]
        if wanted and name != leave_out:
            inside &= np.isin(facet.codes, wanted)
    return inside


def bars(facets: Mapping[str, Facet], name: str, choice: Choice) -> pd.DataFrame:
    """label, items, picked (and low, high of a histogram): one row a bar, without labels that no item has."""
    facet = facets[name]
    codes = facet.codes[within(facets, choice, leave_out=name)]
    counts = np.bincount(codes[codes >= 0], minlength=len(facet.labels))
    frame = pd.DataFrame({"label": facet.labels, "items": counts})
    frame["picked"] = frame["label"].isin(choice.get(name, facet.labels))
    if facet.edges is not None:
        frame = frame.iloc[: len(facet.edges) - 1].assign(low=facet.edges[:-1], high=facet.edges[1:])
        return frame
    there = np.bincount(facet.codes[facet.codes >= 0], minlength=len(facet.labels)) > 0
    return frame[there]


def known(facets: Mapping[str, Facet], choice: Mapping[str, Iterable[str]]) -> dict[str, list[str]]:
    """The part of a choice that these facets have; a link may come from other data."""
    read = {n: [label for label in facets[n].labels if label in set(choice.get(n, ()))] for n in facets}
    return {name: labels for name, labels in read.items() if labels}
