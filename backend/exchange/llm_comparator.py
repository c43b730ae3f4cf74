"""LLM Comparator's document: the verdicts of a judge run written as it, and read (Kahng et al. 2024, arXiv 2402.10524).

A is the candidate. A score is above 0 where A is better: 2 · preference − 1, so that a plain verdict is their "A is
better" (1), "same" (0) or "B is better" (−1); their 1.5, "much better", is never written, and read as 1.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import fmean
from typing import Any

from .. import files
from ..errors import BadData
from ..judges import Item, Order, Row
from ..workspace import Workspace
from . import SAME, Key, Layout, Recorded, Said
from .judgements import judgements, originals, spec_of

FLIPPED: Mapping[Order, bool] = {"candidate_first": False, "reference_first": True}  # a rater's `is_flipped`
SLIGHTLY = 0.75  # a verdict whose score is nearer to 0 than this, and not 0, is "slightly better"


def document(ws: Workspace, run: str) -> dict[str, Any]:
    """metadata, models and examples: one for every item with a verdict, a rater for every order it was asked in.

    BadInput where the run is no judge run, NotFound where answers were deleted.
    """
    spec = spec_of(ws, run, pairs=True)
    assert spec.reference
    if (rows := originals(ws, run, LAYOUT)) is not None:
        given = json.loads(files.content(ws.adopted(str(spec.judge.args["file"]))))
        return {**given, "examples": rows} if isinstance(given, dict) else {"examples": rows}
    examples = [
        {
            "input_text": _text(one.item.prompt),
            "tags": [tag for tag in [one.item.category] if tag],
            "output_text_a": one.item.candidate,
            "output_text_b": one.item.reference,
            "score": score(one.preference),
            "individual_rater_scores": [_rater(order, one.rows[order]) for order in sorted(one.rows)],
            "custom_fields": {},
        }
        for one in judgements(ws, run)
        if one.preference is not None
    ]
    names = [ws.about(side).get("title") or side for side in (spec.candidate, spec.reference)]
    return {
        "metadata": {"source_path": run, "custom_fields_schema": []},
        "models": [{"name": name} for name in names],
        "examples": examples,
    }


def score(preference: float) -> float:
    """−1 to 1, above 0 where A is better."""
    return 2 * preference - 1


def label(score: float) -> str:
    """A score in their words."""
    if score == 0:
        return "same"
    return f"{'A' if score > 0 else 'B'} is {'slightly ' if abs(score) < SLIGHTLY else ''}better"


def _rater(order: Order, row: Row) -> dict[str, Any]:
    given = score(row["preference"])
    return {
        "score": given, "rating_label": label(given), "is_flipped": order == "reference_first",
        "rationale": row["explanation"] or "",
    }  # fmt: skip


def _text(prompt: Sequence[Mapping[str, str]]) -> str:
    """One message as it is, several with their roles."""
    if len(prompt) == 1:
        return prompt[0]["content"]
    return "\n\n".join(f"[{message['role']}]\n{message['content']}" for message in prompt)


def names(path: Path) -> tuple[str, str]:
    """What the document calls A and B."""
    try:
        models = json.loads(files.content(path))["models"]
        first, second = (str(model["name"]) for model in models)
    except (ValueError, KeyError, TypeError):
        return "A", "B"
    return first, second


def read(rows: Sequence[tuple[str, files.Row]]) -> Recorded:
    """A verdict for each example, in two orders where its raters were shown both and their means make up its score."""
    found = Recorded()
    for place, row in rows:
        prompt, a, b, _ = answers(place, row)
        found.add((prompt, b, a), row, _said(place, row))
    beyond = sum(abs(row["score"]) > 1 for _, row in rows)
    if beyond:
        found.notes.append(f'{beyond:,} scores are beyond 1, "much better"; they count as better.')
    return found


def _said(place: str, row: files.Row) -> dict[Order, Said]:
    given = _preference(files.field(row, "score", (int, float), place), place)
    raters = [one for one in row.get("individual_rater_scores") or [] if isinstance(one, Mapping)]
    orders: dict[Order, Said] = {}
    for order, flipped in FLIPPED.items():
        if some := [one for one in raters if one.get("is_flipped") is flipped]:
            orders[order] = _rated(some, fmean(_preference(one.get("score"), place) for one in some))
    told = [one.preference for one in orders.values() if one.preference is not None]
    if told and abs(fmean(told) - given) <= SAME:
        return orders
    return {"unordered": _rated(raters, given)}


def _rated(raters: Sequence[Mapping[str, Any]], preference: float) -> Said:
    texts = [str(one["rationale"]) for one in raters if one.get("rationale")]
    return Said("ok", preference, text="\n\n".join(texts) or None)


def _preference(score: Any, place: str) -> float:
    if not isinstance(score, int | float) or isinstance(score, bool) or not math.isfinite(score):
        raise BadData(f"{place}: a score is {str(score)[:40]!r}; it must be a number.")
    return min(1.0, max(0.0, (1 + score) / 2))


def answers(place: str, row: files.Row) -> tuple[str, str, str, str | None]:
    """Prompt, A's answer, B's, and the first tag."""
    asked, a, b = (files.field(row, name, str, place) for name in ("input_text", "output_text_a", "output_text_b"))
    tags = row.get("tags")
    return asked, a, b, str(tags[0]) if isinstance(tags, list) and tags else None


def _key(item: Item) -> Key:
    return _text(item.prompt), item.reference, item.candidate


COLUMNS = {"input_text", "output_text_a", "output_text_b", "score"}
LAYOUT = Layout(
    "recorded_llm_comparator", lambda row: row.keys() >= COLUMNS, lambda place, row: ("A", "B"), read, _key, answers
)
