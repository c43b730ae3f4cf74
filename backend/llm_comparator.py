"""The verdicts of a judge run as LLM Comparator reads them (Kahng et al. 2024, arXiv 2402.10524).

A is the candidate. A score is above 0 where A is better: 2 · preference − 1, so that a plain verdict is their "A is
better" (1), "same" (0) or "B is better" (−1); their 1.5, "much better", is never written.
"""

from __future__ import annotations

from typing import Any

import pandas as pd
import pyarrow as pa

from . import inputs
from .errors import BadInput
from .report.verdicts import ITEM, verdicts
from .workspace import Workspace

SLIGHTLY = 0.75  # a verdict whose score is nearer to 0 than this, and not 0, is "slightly better"


def document(ws: Workspace, run: str) -> dict[str, Any]:
    """metadata, models and examples: one for every item with a verdict, a rater for every order it was asked in.

    BadInput where the run is no judge run, NotFound where answers were deleted.
    """
    spec = ws.spec(run)
    if spec.kind != "judge":
        raise BadInput(f"run {run} has no verdicts; choose a judge run (`python -m backend runs --kind judge`).")
    rows = ws.table(run, "judgements")
    prompts = inputs.prompts(ws, spec.candidate)
    asked = {row["prompt_id"]: row for row in prompts.to_pylist()}
    said = [_texts(inputs.responses(ws, side)) for side in (spec.candidate, spec.reference)]
    raters = _raters(rows)
    examples = [
        {
            "input_text": _text(asked[item["prompt_id"]]["prompt"]),
            "tags": [tag for tag in [asked[item["prompt_id"]]["category"]] if tag],
            "output_text_a": said[0][item["candidate_id"]],
            "output_text_b": said[1][item["reference_id"]],
            "score": score(item["preference"]),
            "individual_rater_scores": raters[tuple(item[name] for name in ITEM)],
            "custom_fields": {},
        }
        for item in verdicts(rows).rows.to_dict("records")
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


def _raters(rows: pa.Table) -> dict[tuple[int, ...], list[dict[str, Any]]]:
    """item → the last readable attempt of each order."""
    table: pd.DataFrame = rows.to_pandas()
    read = table[(table["status"] == "ok") & table["preference"].notna()].sort_values("attempt", kind="stable")
    found: dict[tuple[int, ...], list[dict[str, Any]]] = {}
    for row in read.drop_duplicates([*ITEM, "order"], keep="last").sort_values("order").to_dict("records"):
        given = score(row["preference"])
        found.setdefault(tuple(row[name] for name in ITEM), []).append(
            {"score": given, "rating_label": label(given), "is_flipped": row["order"] == "reference_first",
             "rationale": row["explanation"] or ""}
        )  # fmt: skip
    return found


def _texts(responses: pa.Table) -> dict[int, str]:
    return dict(zip(responses["response_id"].to_pylist(), responses["response"].to_pylist(), strict=True))


def _text(prompt: list[dict[str, str]]) -> str:
    """One message as it is, several with their roles."""
    if len(prompt) == 1:
        return prompt[0]["content"]
    return "\n\n".join(f"[{message['role']}]\n{message['content']}" for message in prompt)
