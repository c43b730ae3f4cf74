"""The command line: one module per subcommand, each with a click command of the module's name.

Every action of the dashboard, headless, with the same specs. A command gets a `Session` by `@click.pass_obj`. The
options `--workspace` and `--json` belong to all of them and may stand before or after the subcommand's name.
"""

from __future__ import annotations

import importlib
import json
import os
import pkgutil
import sys
import time
from collections.abc import Callable, Iterable
from functools import cached_property
from pathlib import Path
from types import ModuleType
from typing import Any

import click

from .. import runs as all_runs  # `runs` here would be the subcommand's module
from ..errors import BadInput, nearest
from ..workspace import Workspace, whole

DEFAULT_WORKSPACE = Path(__file__).parent.parent.parent / "data"


class Session:
    """What a command works with: the workspace, and how to print."""

    def __init__(self) -> None:
        self.root: str = os.environ.get("WINNOW_WORKSPACE") or str(DEFAULT_WORKSPACE)
        self.json = False

    @cached_property
    def workspace(self) -> Workspace:
        """The workspace, made where it is missing."""
        return Workspace.open(self.root)

    def show(self, document: Any, text: str) -> None:
        """One JSON document on standard output with --json, else the text."""
        click.echo(json.dumps(document, ensure_ascii=False, default=str) if self.json else text)

    @staticmethod
    def write(path: Path, fill: Callable[[Path], object]) -> None:
        """A file that the user named, whole or not at all (`workspace.whole`); BadInput where it cannot be written."""
        try:
            whole(path, fill)
        except OSError as error:
            why = error.strerror or str(error)
            raise BadInput(f"cannot write {str(path)!r}: {why}; name a file in a folder that is there.") from None

    def follow(self, wanted: Iterable[str]) -> None:
        """Waits for runs, with a progress line on a terminal. Interrupted, the runs go on."""
        wanted = list(wanted)
        line = _ProgressLine(self.workspace, wanted) if sys.stderr.isatty() else None
        all_runs.wait(self.workspace, wanted, tick=line and line.draw)
        if line:
            line.clear()

    def answer(self, run: str) -> dict[str, Any]:
        """Follows one run to its end and returns its summary; JobFailed says why there is none."""
        self.follow([run])
        return all_runs.answer(self.workspace, run)


class _ProgressLine:
    """`train-1a2b3c4d5e6f 40/200 steps, 12 s left` on one line of a terminal."""

    def __init__(self, ws: Workspace, wanted: list[str]) -> None:
        self.ws, self.wanted, self.last = ws, wanted, 0.0

    def draw(self) -> None:
        """Redraws at most once a second: many runs are many small files to read."""
        if time.monotonic() - self.last < 1.0:
            return
        self.last = time.monotonic()
        states = {run: all_runs.status(self.ws, run) for run in self.wanted}
        parts = [progress_text(self.ws, run) for run, state in states.items() if state == "running"]
        left = sum(state in all_runs.LIVE for state in states.values())
        done = f"{len(states) - left}/{len(states)} runs · " if len(states) > 1 else ""
        click.echo(f"\r\x1b[K{(done + ' · '.join(parts))[:150]}", nl=False, err=True)

    def clear(self) -> None:
        click.echo("\r\x1b[K", nl=False, err=True)


def progress_text(ws: Workspace, run: str) -> str:
    """How far a run is, in words: `train-… training 40/200 steps, 12 s left`."""
    now = all_runs.progress(ws, run)
    if now is None:
        return f"{run} starting"
    amount = f"{now.done:g}/{now.total:g} {now.unit}" if now.total else f"{now.done:g} {now.unit}"
    left = f", {duration(now.eta)} left" if now.eta is not None else ""
    return " ".join(filter(None, (run, now.note, amount))) + left


def duration(seconds: float) -> str:
    """`1.2 s`, `45 s`, `3 min 5 s`, `2 h 10 min`."""
    whole = round(seconds)
    if whole < 60:
        return f"{seconds:.1f} s" if seconds < 10 else f"{whole} s"
    minutes, rest = divmod(whole, 60)
    return f"{minutes} min {rest} s" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"


def _set(name: str) -> Any:
    def callback(ctx: click.Context, _: click.Parameter, value: Any) -> None:
        if value:
            setattr(ctx.ensure_object(Session), name, value)

    return callback


def _shared_options() -> list[click.Option]:
    return [
        click.Option(["--workspace"], expose_value=False, callback=_set("root"), is_eager=True, metavar="FOLDER",
                     help="Where runs lie (default: WINNOW_WORKSPACE, or data/ of this checkout)."),
        click.Option(["--json"], is_flag=True, expose_value=False, callback=_set("json"), is_eager=True,
                     help="One JSON document on standard output."),
    ]  # fmt: skip


class Commands(click.Group):
    """Finds `<package>/<name>.py` when it is asked for, so that a command imports only what it needs."""

    package: ModuleType = sys.modules[__name__]

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names of all subcommands."""
        return sorted(m.name for m in pkgutil.iter_modules(self.package.__path__) if not m.name.startswith("_"))

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command:
        """The subcommand, with the shared options."""
        if cmd_name not in (names := self.list_commands(ctx)):
            raise click.UsageError(f"there is no command {cmd_name!r}; {nearest(cmd_name, names)}")
        command: click.Command = getattr(importlib.import_module(f"{self.package.__name__}.{cmd_name}"), cmd_name)
        if not any(option.name == "workspace" for option in command.params):
            command.params += _shared_options()
        return command
