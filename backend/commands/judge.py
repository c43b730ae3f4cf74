"""`judge`: verdicts on answers, of two runs or of a benchmark's own files."""

from __future__ import annotations

import re

import click

from ..errors import nearest
from ..judges import judges
from . import Commands, _flags, _judges

DEFAULT = "runs"
RUN = re.compile(r"[a-z]+-[0-9a-f]{12}$")


class Judge(Commands):
    """A group whose subcommand may be left out: what does not name one goes to `judge runs`."""

    package = _judges

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The subcommand that the first word names, or the one for runs."""
        first, names = args[0], self.list_commands(ctx)
        if first not in names and not first.startswith("-") and not RUN.match(first):
            raise click.UsageError(f"{first!r} is neither a benchmark nor a run; {nearest(first, names)}")
        return super().resolve_command(ctx, args if first in names else [DEFAULT, *args])


@click.group(
    cls=Judge, no_args_is_help=False, context_settings={"ignore_unknown_options": True}, epilog=_flags.listing(judges)
)
def judge() -> None:
    """Compare answers. Two runs: `judge CANDIDATE_RUN REFERENCE_RUN --judge …`, the same as `judge runs`.

    Two files: `judge alpaca|mtbench|arena|tldr|hh|pairwise|custom`. Run again, it asks only for what is missing.
    """
