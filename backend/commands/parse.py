"""`parse`: what judges replied, line by line, as the official tools read it."""

from __future__ import annotations

import json
import sys
import warnings
from typing import Any

import click

from .. import verdicts
from ..errors import BadData
from ..verdicts import Verdict


@click.command()
@click.option("--kind", required=True, type=click.Choice(list(verdicts.PARSERS)), help="Whose rules apply.")
def parse(kind: str) -> None:
    """Read replies of judges: JSON Lines {id, text or raw, instruction} in, JSON Lines {id, value, error} out.

    `text` is the reply's words, `raw` the recorded completion. With `instruction` an AlpacaEval preference is in terms
    of (baseline, candidate), else of the answers as shown. A line without a verdict has a null value and a reason.
    """
    warnings.simplefilter("ignore", SyntaxWarning)  # of ast.literal_eval, about the judge's words
    for number, line in enumerate(sys.stdin.buffer, start=1):
        if line.strip():
            click.echo(json.dumps(_answer(kind, line, number)))


def _answer(kind: str, line: bytes, number: int) -> dict[str, Any]:
    name: Any = None
    try:
        row = _row(line, number)
        name = row.get("id")
        verdict = verdicts.read(kind, *_reply(row, number))
    except BadData as problem:
        verdict = Verdict(None, str(problem))
    return {"id": name, "value": verdict.value, "error": verdict.reason}


def _row(line: bytes, number: int) -> dict[str, Any]:
    try:
        row = json.loads(line.decode("utf-8-sig" if number == 1 else "utf-8"))
    except (ValueError, RecursionError) as error:
        raise BadData(f"line {number} is no JSON: {error}; mend or remove the line.") from None
    if not isinstance(row, dict):
        raise BadData(f"line {number} is a {type(row).__name__}; it must be an object with `text` or `raw`.")
    return row


def _reply(row: dict[str, Any], number: int) -> tuple[Any, str | None]:
    """The reply and the instruction of a row."""
    reply = row.get("text") if row.get("raw") is None else row["raw"]
    if reply is None:
        raise BadData(f"line {number} has neither `text` nor `raw`; give one of them.")
    instruction = row.get("instruction")
    if not (instruction is None or isinstance(instruction, str)):
        raise BadData(f"line {number}: `instruction` is a {type(instruction).__name__}; it must be text.")
    return reply, instruction
