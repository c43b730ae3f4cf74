"""What commands that control AlpacaEval's win rate for length share: the options of the two calibration files."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from ..errors import BadSpec
from ..judges.length_controlled import Align, Setting
from ..report import alpaca_files
from ..report.length_control import Calibration
from ..workspace import Workspace

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_OPTIONS = (
    click.option("--difficulty", type=FILE, help="instruction_difficulty.csv, for the length-controlled win rate."),
    click.option("--gamed", type=FILE, help="df_gamed.csv, for the length-controlled win rate."),
    click.option("--align", type=click.Choice(["instruction", "position"]), default="instruction", show_default=True,
                 help="How a row finds its difficulty; position is wrong where rows are missing."),
    click.option("--resamples", type=click.IntRange(0), default=0, show_default=True,
                 help="Bootstrap resamples for lc_lower and lc_upper; 1000 take a fifth of a second."),
)  # fmt: skip


def options(command: Callable[..., Any]) -> Callable[..., Any]:
    """--difficulty, --gamed, --align and --resamples."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def read(difficulty: Path | None, gamed: Path | None) -> Calibration | None:
    """The two files, or None where neither is given; BadSpec where one is."""
    both = _both(difficulty, gamed)
    return alpaca_files.read_calibration(*both) if both else None


def setting(ws: Workspace, difficulty: Path | None, gamed: Path | None, align: Align) -> Setting | None:
    """The same as a setting of the workspace."""
    both = _both(difficulty, gamed)
    return Setting(difficulty=ws.adopt(both[0]), gamed=ws.adopt(both[1]), align=align) if both else None


def _both(difficulty: Path | None, gamed: Path | None) -> tuple[Path, Path] | None:
    if (difficulty is None) != (gamed is None):
        raise BadSpec("--difficulty and --gamed belong together; give both or neither.")
    return (difficulty, gamed) if difficulty and gamed else None
