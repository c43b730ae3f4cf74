"""`python -m backend COMMAND …`: everything the dashboard does, headless.

Exit codes: 0 done, 1 failed, 2 bad input. What went wrong is one line on standard error.
"""

from __future__ import annotations

import sys

import click

from .commands import Commands, Session, _shared_options
from .errors import BadInput, WinnowError, sentence

LINE = 290


@click.command(cls=Commands, params=_shared_options(), context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """Winnow: which part of my preference data is worth training on, and how do I know?"""


def _say(text: str) -> None:
    text = " ".join(text.split())
    click.echo(text if len(text) <= LINE else text[: LINE - 1] + "…", err=True)


def run(arguments: list[str]) -> int:
    """Runs a command line; returns its exit code."""
    try:
        code = main.main(arguments, prog_name="python -m backend", standalone_mode=False, obj=Session())
        return code if isinstance(code, int) else 0
    except click.ClickException as error:
        _say(error.format_message())
        return 2
    except BadInput as error:
        _say(sentence(error))
        return 2
    except WinnowError as error:
        _say(sentence(error))
        return 1
    except (KeyboardInterrupt, click.Abort):
        _say("interrupted; runs that were started go on, `python -m backend runs` shows them.")
        return 130


if __name__ == "__main__":
    sys.exit(run(sys.argv[1:]))
