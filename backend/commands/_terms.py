"""The options that say how an endpoint is asked: how fast, at what price, and where to stop."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

from .. import terms
from ..judges import JudgeModel
from ..terms import Terms
from ..workspace import Workspace

NAMES = tuple(Terms.model_fields)


def options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Adds the options; a command gets them as keyword arguments, None where not given, and hands them to `of`."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def of(ws: Workspace, model: JudgeModel, given: dict[str, Any]) -> Terms:
    """The terms of a command's arguments, of which they are taken; BadSpec where they cannot be kept."""
    return terms.checked(ws, model if isinstance(model, str) else None, **{name: given.pop(name) for name in NAMES})


_OPTIONS = (
    click.option("--concurrency", type=int, help="Calls in flight; fewer after a 429 (default: 8; with --serve 32)."),
    click.option("--retries", type=int, help="Tries again after a failed call, with growing pauses (default: 8)."),
    click.option("--timeout", type=float, help="Seconds until a reply must be there (default: 60; with --serve 600)."),
    click.option("--max-cost", type=float, help="US dollars that this launch may spend at most."),
    click.option("--max-calls", type=int, help="Calls that this launch may make at most (--dry-run estimates them)."),
    click.option("--price-in", type=float, help="US dollars for a million prompt tokens (else: the price table)."),
    click.option("--price-out", type=float, help="US dollars for a million tokens of replies."),
    click.option("--api-key-env", help="The variable that holds the key (default: OPENAI_API_KEY)."),
)
