"""The verdicts of a judge run as the files of other tools: one name for each layout."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, Literal

from ..workspace import Workspace
from . import alpaca, arena, llm_comparator, mt_bench

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


def written(ws: Workspace, run: str, name: Name) -> tuple[bytes, int]:
    """The file, and how many rows it holds; BadInput where the run's verdicts cannot be told in this layout."""
    document = DOCUMENTS[name](ws, run)
    rows = document["examples"] if isinstance(document, dict) else document
    if SUFFIX[name] == ".json":
        return json.dumps(document, ensure_ascii=False, indent=1).encode(), len(rows)
    return lines(rows), len(rows)


def lines(rows: list[dict[str, Any]]) -> bytes:
    """JSON Lines."""
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows).encode()
