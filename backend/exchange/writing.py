"""The verdicts of a judge run as the files of other tools: one name for each layout."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, Literal

from ..judges import judges
from ..workspace import Workspace
from . import alpaca, arena, llm_comparator, mt_bench
from .judgements import spec_of

Name = Literal["alpaca", "mt-bench", "arena", "llm-comparator"]
DOCUMENTS: dict[Name, Callable[[Workspace, str], Any]] = {
    "alpaca": alpaca.document,
    "mt-bench": mt_bench.document,
    "arena": arena.document,
    "llm-comparator": llm_comparator.document,
}
TITLES: dict[Name, str] = {
    "alpaca": "AlpacaEval", "mt-bench": "MT-Bench", "arena": "Arena-Hard", "llm-comparator": "LLM Comparator",
}  # fmt: skip
SUFFIX: dict[Name, str] = {"alpaca": ".json", "mt-bench": ".jsonl", "arena": ".jsonl", "llm-comparator": ".json"}


def fitting(ws: Workspace, run: str) -> list[Name]:
    """The layouts in which a judge run's verdicts can be told, as far as its question shows."""
    spec = spec_of(ws, run)
    if spec.reference is None:
        return ["mt-bench"]
    judge, attributes = spec.judge.name, judges[spec.judge.name].attributes
    in_games = judge in arena.JUDGES or judge == mt_bench.PAIR.judge
    twice = in_games or (attributes.get("ordered") and spec.judge.args.get("both_orders", True))
    missing = [*([] if twice else ["mt-bench"]), *([] if judge in arena.JUDGES else ["arena"])]
    return [name for name in DOCUMENTS if name not in missing]


def written(ws: Workspace, run: str, name: Name) -> tuple[bytes, int]:
    """The file, and how many rows it holds; BadInput where the run's verdicts cannot be told in this layout."""
    document = DOCUMENTS[name](ws, run)
    rows = document["examples"] if isinstance(document, dict) else document
    if SUFFIX[name] == ".json":
        return json.dumps(document, ensure_ascii=False, indent=1).encode(), len(rows)
    return lines(rows), len(rows)


def content(ws: Workspace, run: str, name: Name) -> bytes:
    """The file alone."""
    return written(ws, run, name)[0]


def lines(rows: list[dict[str, Any]]) -> bytes:
    """JSON Lines."""
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows).encode()
