"""Judgements as pages read them: answers beside each other with every verdict, and how long answers are."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import pandas as pd

from .. import inputs, tables
from .database import Index
from .queries_pairs import answers, prompts, right_answers, texts

OUTCOMES = {
    "all": "true",
    "candidate lost": "preference < 0.5",
    "candidate won": "preference > 0.5",
    "tie": "preference = 0.5",
    "order flip": "lowest < 0.5 AND highest > 0.5",
    "no verdict": "preference IS NULL",
}
GRADED = {  # the same of answers that were graded one by one, on whatever scale
    "all": "true",
    "under the mean": "grade < (SELECT avg(grade) FROM items)",
    "over the mean": "grade > (SELECT avg(grade) FROM items)",
    "no verdict": "grade IS NULL",
}
# The last readable attempt of each order counts; an item has a verdict when every order has one. `failure`: how the
# last attempt of an order without one ended. A row has a preference or a grade, never both.
ITEMS = """
    WITH orders AS (
        SELECT run, prompt_id, candidate_id, reference_id, sample, turn, "order",
               arg_max(preference, attempt) FILTER (status = 'ok' AND preference IS NOT NULL) AS preference,
               arg_max(grade, attempt) FILTER (status = 'ok' AND grade IS NOT NULL) AS grade,
               arg_max(status, attempt) AS status
        FROM judgements WHERE list_contains(?, run) GROUP BY ALL),
    items AS (
        SELECT run, prompt_id, candidate_id, reference_id, sample, turn, min(preference) AS lowest,
               max(preference) AS highest, count(*) AS orders,
               min(status) FILTER (preference IS NULL AND grade IS NULL) AS failure,
               CASE WHEN count(preference) = count(*) THEN avg(preference) END AS preference, avg(grade) AS grade
        FROM orders GROUP BY ALL)"""


@dataclass(frozen=True)
class ItemRow:
    """What was judged. `preference`: how far the candidate is preferred, or `grade`; both None without a verdict.

    `turns`: turn by turn the candidate's answer and, unless it was graded alone, the reference's; None where there is
    none. `right`: the benchmark's reference answer to each turn. `attempts`: every judgement row of the item, in the
    order they were asked.
    """

    prompt: list[dict[str, str]]
    turns: list[tuple[str | None, ...]]
    right: list[str | None]
    preference: float | None
    grade: float | None
    flipped: bool
    attempts: list[dict[str, Any]]


def outcomes(index: Index, run: str) -> dict[str, str]:
    """How the items of a judge run can have ended: title → condition."""
    return OUTCOMES if index.ws.spec(run).reference else GRADED


def count(index: Index, run: str, outcome: str) -> int:
    """How many items of a judge run ended so."""
    query = f"{ITEMS} SELECT count(*) AS n FROM items WHERE {outcomes(index, run)[outcome]}"
    return int(index.rows(query, [[run]])[0]["n"])


def items(index: Index, run: str, outcome: str, *, offset: int = 0, limit: int = 5) -> list[ItemRow]:
    """Some items of a judge run, in the order of their prompts, with texts and all attempts."""
    where = outcomes(index, run)[outcome]
    query = f"{ITEMS} SELECT * FROM items WHERE {where} ORDER BY prompt_id, sample LIMIT ? OFFSET ?"
    return read(index, run, index.rows(query, [[run], limit, offset]))


def read(index: Index, run: str, rows: list[dict[str, Any]]) -> list[ItemRow]:
    """These items (rows of `ITEMS`) of a judge run, with texts and all attempts."""
    spec = index.ws.spec(run)
    asked = prompts(index, spec.candidate, [row["prompt_id"] for row in rows])
    turns = {number: [*tables.earlier_prompts(messages), number] for number, messages in asked.items()}
    right = right_answers(index, spec.candidate, [one for ids in turns.values() for one in ids])
    sides = [_answers(index, getattr(spec, side), [row[f"{side}_id"] for row in rows], turns)
             for side in ("candidate", "reference") if getattr(spec, side)]  # fmt: skip
    return [
        ItemRow(
            asked[row["prompt_id"]],
            list(zip(*said, strict=True)),
            [right.get(one) for one in turns[row["prompt_id"]]],
            row["preference"],
            row["grade"],
            row["preference"] is not None and row["lowest"] < 0.5 < row["highest"],
            _attempts(index, run, row),
        )
        for row, *said in zip(rows, *sides, strict=True)
    ]


def _answers(index: Index, run: str, ids: list[int], turns: dict[int, list[int]]) -> list[list[str | None]]:
    """What was answered before each of these answers, and itself; `turns`: a prompt's earlier ones, and itself."""
    said = texts(index, run, ids)
    earlier = [one for before in turns.values() for one in before[:-1]]
    found = answers(index, run, earlier) if earlier else {}
    return [
        [*(found.get((turn, answer["sample"])) for turn in turns[answer["prompt_id"]][:-1]), answer["response"]]
        for answer in (said[number] for number in ids)
    ]


def _attempts(index: Index, run: str, item: dict[str, Any]) -> list[dict[str, Any]]:
    query = """SELECT "order", attempt, status, preference, grade, explanation, judge, prompt_tokens, completion_tokens,
               seconds FROM judgements
        WHERE run = ? AND candidate_id = ? AND reference_id = ? AND sample = ? AND turn = ? ORDER BY "order", attempt"""
    keys = ("candidate_id", "reference_id", "sample", "turn")
    return index.rows(query, [run, *(item[key] for key in keys)])


def words(index: Index, run: str) -> float | None:
    """Mean number of words of a run's answers."""
    path = index.parquet(inputs.owner(index.ws, run, "responses"), "responses")
    query = r"SELECT avg(len(string_split_regex(trim(response), '\s+'))) AS words FROM read_parquet(?)"
    return index.rows(query, [path])[0]["words"]


def lengths(index: Index, run: str) -> pd.DataFrame:
    """prompt_id, preference, candidate, reference (characters of the answers): every item with a verdict.

    BadInput where the answers of a side are gone.
    """
    spec = index.ws.spec(run)
    paths = [index.parquet(inputs.owner(index.ws, side, "responses"), "responses")
             for side in (spec.candidate, spec.reference)]  # fmt: skip
    said = "(SELECT response_id, any_value(length(response)) AS n FROM read_parquet(?) GROUP BY response_id)"
    query = f"""{ITEMS} SELECT prompt_id, preference, c.n AS candidate, r.n AS reference FROM items
        JOIN {said} c ON candidate_id = c.response_id JOIN {said} r ON reference_id = r.response_id
        WHERE preference IS NOT NULL ORDER BY prompt_id, candidate_id"""
    return index.table(query, [[run], *paths]).to_pandas()


def judge_rows(index: Index) -> list[dict[str, Any]]:
    """run, title, study, stamp, seconds, candidate, reference, summary of every judge run.

    `reference`: None where answers are graded one by one.
    """
    rows = index.rows("""SELECT run, title, study, stamp, seconds, summary, spec FROM runs
        WHERE kind = 'judge' AND outcome IN ('finished', 'incomplete') ORDER BY created""")
    return [
        {**row, "candidate": spec["candidate"], "reference": spec.get("reference"),
         "summary": json.loads(row["summary"])}
        for row in rows
        for spec in [json.loads(row.pop("spec"))]
    ]  # fmt: skip


def verdict_rows(index: Index) -> list[dict[str, Any]]:
    """The rows of `judge_rows` that compare two sides."""
    return [row for row in judge_rows(index) if row["reference"]]
