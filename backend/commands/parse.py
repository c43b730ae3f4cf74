"""`parse`: what judges replied, line by line, as the official tools read it."""

from __future__ import annotations

import json
import sys
import warnings
from collections.abc import Callable
from typing import Any

import click

from .. import verdicts
from ..errors import BadData
from ..judges import judges
from ..verdicts import Verdict
from . import _flags

CUSTOM = {"custom": "custom", "custom-grade": "custom_grade"}  # kind → the judge whose arguments say how to read


Read = Callable[[Any, str | None], Verdict]


@click.command(context_settings=_flags.ANY_FLAG)
@click.option("--kind", required=True, type=click.Choice([*verdicts.PARSERS, *CUSTOM]), help="Whose rules apply.")
@click.pass_context
def parse(context: click.Context, kind: str) -> None:
    """Read replies of judges: JSON Lines {id, text or raw, instruction} in, JSON Lines {id, value, error} out.

    `text` is the reply's words, `raw` the recorded completion. With `instruction` an AlpacaEval preference is in terms
    of (baseline, candidate), else of the answers as shown. A line without a verdict has a null value and a reason.

    custom and custom-grade are read as those judges would read them, by the same flags (--reply, --first, …); the value
    of custom is how far the answer shown first is preferred, 0 to 1.
    """
    read = _reader(kind, context.args)
    warnings.simplefilter("ignore", SyntaxWarning)  # of ast.literal_eval, about the judge's words
    for number, line in enumerate(sys.stdin.buffer, start=1):
        if line.strip():
            click.echo(json.dumps(_answer(read, line, number)))


def _reader(kind: str, extra: list[str]) -> Read:
    """How replies are read: by the official rules, or as the flags of a custom judge say."""
    if kind in CUSTOM:
        member = judges[CUSTOM[kind]]
        given = member.bind({"model": "", "prompts": "", **_flags.read(member, extra)})
        found = member.attributes["reads"](given)
        return lambda reply, _: verdicts.by(found, reply)
    if extra:
        raise click.UsageError(f"unexpected argument {extra[0]!r}: only custom and custom-grade take more.")
    return lambda reply, instruction: verdicts.read(kind, reply, instruction)


def _answer(read: Read, line: bytes, number: int) -> dict[str, Any]:
    name: Any = None
    try:
        row = _row(line, number)
        name = row.get("id")
        verdict = read(*_reply(row, number))
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
