"""`judge custom`: any two files of answers, compared by the user's own template."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from ...errors import BadSpec
from ...judges import judges
from .. import Session, _flags
from . import _benchmark, _two_files


@click.command(context_settings=_flags.ANY_FLAG)
@_two_files.OUTPUTS
@_two_files.REFERENCE
@_benchmark.options
@click.pass_context
def custom(context: click.Context, outputs: Path, reference: Path, orders: str | None, **given: Any) -> None:
    """Your own --template with {answer_a} and {answer_b}, which may hold {question}, {reference} and {category}.

    How its replies are read: --reply label (--first, --second, --tie, --several equal or last, --after), token
    (--first, --second), ranking, or json (--field). --orders both (default), or official: one per item, by chance.
    """
    session: Session = context.find_object(Session) or Session()
    if not given["prompts"]:
        raise BadSpec("judge custom needs the template: name its file with --template.")
    own = _flags.read(judges["custom"], context.args)
    _two_files.judge(session, "custom", outputs, reference, given, both_orders=orders != "official", **own)
