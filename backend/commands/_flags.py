"""What several commands read: a question as JSON; the arguments of a family's member as flags, checked by its types."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import click

from ..errors import BadSpec, NotFound, nearest, sentence
from ..registry import Call, Family, Member
from ..specs import parse

ANY_FLAG: dict[str, Any] = {"ignore_unknown_options": True, "allow_extra_args": True}


def spec(given: str) -> Any:
    """The question in a JSON file, or on standard input for `-`; BadSpec says why it is none."""
    name = "standard input" if given == "-" else repr(given)
    try:
        document = json.loads(sys.stdin.read() if given == "-" else Path(given).read_bytes())
    except OSError as error:
        raise NotFound(f"cannot read {name}: {error.strerror}; give a spec as JSON, as every page shows it.") from None
    except (ValueError, RecursionError) as error:
        why = sentence(error).partition(": ")[2]
        raise BadSpec(f"{name} is no spec, for it is no JSON ({why}); give one as every page shows it.") from None
    if not isinstance(document, dict) or "kind" not in document:
        raise BadSpec(f"{name} is no spec: it must be one JSON object with a kind, as every page shows it.")
    return parse(document)


def call(family: Family, name: str, extra: list[str]) -> Call:
    """The member's call with the flags that click did not know."""
    return family.call(name, **read(family[name], extra))


def listing(family: Family) -> str:
    """Every member with its flags and defaults, for a command's help; recorded judges have a command of their own."""
    shown = (member for member in family if "recorded" not in member.attributes)
    return "\b\n" + "\n".join(f"{member.name} {_usage(member)}".rstrip() for member in shown)


def _usage(member: Member) -> str:
    return " ".join(
        f"--{name.replace('_', '-')}={'…' if field.is_required() else field.default}"
        for name, field in member.arguments.model_fields.items()
    )


def read(member: Member, extra: list[str]) -> dict[str, Any]:
    """The flags that click did not know as arguments of the member."""
    found: dict[str, Any] = {}
    rest = iter(extra)
    for flag in rest:
        name, is_given, value = flag.partition("=")
        key = name.removeprefix("--").replace("-", "_")
        if not name.startswith("--"):
            raise click.UsageError(f"unexpected argument {flag!r}.")
        if key not in member.arguments.model_fields:
            known = [f"--{field.replace('_', '-')}" for field in member.arguments.model_fields]
            raise click.UsageError(f"{member.name} has no option {name!r}; {nearest(name, known)}")
        text = value if is_given else next(rest, None)
        if text is None:
            raise click.UsageError(f"option {name!r} needs a value.")
        found[key] = None if text.lower() in ("none", "null") else text
    return found


class SeveralValues(click.Command):
    """A command whose repeatable options take several values after one flag: `--annotations one.json two.json`."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Repeats the flag before each further value."""
        repeatable = {flag for option in self.params if isinstance(option, click.Option) and option.multiple
                      for flag in option.opts}  # fmt: skip
        spread: list[str] = []
        flag = ""
        for word in args:
            if word.startswith("-"):
                flag = word
            elif flag in repeatable and spread[-1] != flag:
                spread.append(flag)
            spread.append(word)
        return super().parse_args(ctx, spread)
