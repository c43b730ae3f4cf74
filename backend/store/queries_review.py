"""Verdicts as the Review page reads them: one row per judged item of several runs, a page of them, one opened."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from .. import inputs, votes
from ..errors import BadInput
from ..judged import answers_name, judge_names
from ..specs import RunModel
from ..strategies import strategies
from ..workspace import Workspace
from .database import Index
from .queries_pairs import prompts
from .queries_results import ITEMS, ItemRow, read

ORDERS = {  # what a table may be ordered by, as far as it has the column: title → column, descending
    "prompt": ("prompt_id", False),
    "score, low first": ("preference", False),
    "score, high first": ("preference", True),
    "grade, low first": ("grade", False),
    "grade, high first": ("grade", True),
    "candidate longer first": ("longer", True),
    "reference longer first": ("longer", False),
    "long answers first": ("characters", True),
    "short answers first": ("characters", False),
}
ALL_PAIRS, GONE = "all pairs", "deleted"


def items(index: Index, runs: Sequence[str]) -> pd.DataFrame:
    """Every item of these judge runs, all of which compare two answers or all of which grade one, by their prompts.

    run, prompt_id, candidate_id, reference_id, sample, turn, lowest, highest (of the orders, 0 to 1), orders (how many
    were asked), failure (how the last attempt ended where an order has no verdict), identical (both answers are one
    text), category, strategy, judge (in a few words), and asked_in: the run that holds the prompt. Of comparisons
    preference, and longer: characters of the candidate's answer − of the reference's; of grades grade, and characters.
    Both lengths are NaN where a run is gone.
    """
    query = f"{ITEMS} SELECT * FROM items ORDER BY prompt_id, run, sample, turn"
    found = index.table(query, [list(runs)]).to_pandas()
    specs = {run: index.ws.spec(run) for run in runs}
    ours, theirs = (_sides(index, found, {run: getattr(s, side) for run, s in specs.items()}, side)
                    for side in ("candidate", "reference"))  # fmt: skip
    found["identical"] = ours["text"] == theirs["text"]
    if any(s.reference for s in specs.values()):
        found = found.drop(columns="grade").assign(longer=ours["characters"] - theirs["characters"])
    else:
        found = found.drop(columns="preference").assign(characters=ours["characters"])
    found["strategy"] = _by_run(found["run"], {run: strategy(index.ws, s.candidate) for run, s in specs.items()})
    found["judge"] = _by_run(found["run"], judge_names(index.ws, specs))
    found["asked_in"] = _by_run(found["run"], {run: _owner(index.ws, s.candidate) for run, s in specs.items()})
    categories = _categories(index, found["asked_in"].dropna().unique())
    asked = zip(found["asked_in"], found["prompt_id"], strict=True)
    found["category"] = [categories.get(where) for where in asked]
    return found


def _by_run(run: pd.Series, values: Mapping[str, str | None]) -> pd.Series:
    return run.map(values).astype(object)


def _owner(ws: Workspace, run: str, table: str = "prompts") -> str | None:
    """The run that holds a table, or None where it was deleted."""
    try:
        return inputs.owner(ws, run, table)
    except BadInput:
        return None


def _sides(index: Index, found: pd.DataFrame, sides: Mapping[str, str | None], side: str) -> pd.DataFrame:
    """`characters` and `text` (a hash) of each item's answer on one side; NaN where there is none, or no more."""
    answers = {run: _answers(index, run) for run in sides.values() if run}
    of = np.full((len(found), 2), np.nan)
    for judge, at in found.groupby("run", sort=False).indices.items():
        if run := sides[str(judge)]:
            of[at] = answers[run].reindex(found[f"{side}_id"].iloc[at])[["characters", "text"]]
    return pd.DataFrame(of, columns=["characters", "text"])


def _answers(index: Index, run: str) -> pd.DataFrame:
    """response_id → characters and a hash of every answer of a run; nothing where the run is gone."""
    owner = _owner(index.ws, run, "responses")
    if owner is None:
        return pd.DataFrame({"characters": [], "text": []}, dtype=np.float64)
    query = """SELECT response_id, length(response)::DOUBLE AS characters, (hash(response) % 2**53)::DOUBLE AS text
        FROM read_parquet(?)"""  # 53 bits: what a DOUBLE keeps whole
    rows = index.table(query, [index.parquet(owner, "responses")]).to_pandas()
    return rows.drop_duplicates("response_id").set_index("response_id")


def _categories(index: Index, owners: Iterable[str]) -> dict[tuple[str, int], str]:
    """(run, prompt_id) → category, where there is one: benchmarks share prompts, but not their categories."""
    query = "SELECT prompt_id, category FROM read_parquet(?) WHERE category IS NOT NULL"
    found = {run: index.rows(query, [index.parquet(run, "prompts")]) for run in owners}
    return {(run, row["prompt_id"]): row["category"] for run, rows in found.items() for row in rows}


def strategy(ws: Workspace, answers: str) -> str:
    """How the pairs were chosen that the model behind these answers was trained on, in a few words.

    Where it was not trained on pairs, what its answers are called.
    """
    try:
        spec = ws.spec(answers)
        trained = ws.spec(spec.model.run) if spec.kind == "generate" and isinstance(spec.model, RunModel) else None
        if trained is None or trained.method != "dpo":
            return answers_name(ws, answers)
        data = ws.spec(trained.data)
        if data.kind != "select":
            return ALL_PAIRS
        pool = ws.spec(data.pairs)
    except BadInput:
        return GONE
    fields = strategies[data.strategy.name].arguments.model_fields
    special = [str(value) for arg, value in data.strategy.args.items() if value != fields[arg].default]
    made = [pool.pairing.name] if pool.kind == "pair" else []
    return " · ".join([data.strategy.name, *special, *made])


def orders(found: pd.DataFrame) -> list[str]:
    """What these items may be ordered by."""
    return [title for title, (column, _) in ORDERS.items() if column in found]


def ordered(found: pd.DataFrame, inside: np.ndarray, order: str) -> np.ndarray:
    """Row numbers of the items inside, in one of `orders`; rows without the value come last."""
    rows = np.flatnonzero(inside)
    column, descending = ORDERS[order]
    values = found[column].to_numpy()[rows]
    return rows[np.argsort(-values if descending else values, kind="stable")]


def asked(index: Index, found: pd.DataFrame, rows: np.ndarray) -> list[str]:
    """The last message of each row's prompt."""
    some = found.iloc[rows]
    texts: dict[int, Any] = {}
    for run, at in some.groupby("asked_in").indices.items():
        texts |= prompts(index, str(run), some["prompt_id"].iloc[at].tolist())
    return [texts[i][-1]["content"] if i in texts else "(its run was deleted)" for i in some["prompt_id"]]


def name(row: Mapping[Any, Any]) -> str:
    """What an item is called in links and on the command line."""
    return votes.item(row["run"], row)


def find(found: pd.DataFrame, wanted: str) -> int | None:
    """The row number of an item by its name; None where it is not among these."""
    try:
        run, ids = votes.parsed(wanted)
    except BadInput:
        return None
    at = np.flatnonzero((found["run"] == run) & np.all([found[name] == number for name, number in ids.items()], axis=0))
    return int(at[0]) if len(at) else None


def opened(index: Index, row: Mapping[Any, Any]) -> ItemRow:
    """One item with its texts and every attempt; NotFound where the answers were deleted."""
    said = {name: row.get(name, np.nan) for name in ("preference", "grade")}
    return read(index, row["run"], [{**row, **{name: None if np.isnan(v) else v for name, v in said.items()}}])[0]
