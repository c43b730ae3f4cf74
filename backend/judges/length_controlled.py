"""AlpacaEval's length-controlled win rate of judge runs, by two calibration files that a workspace knows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from .. import inputs
from ..errors import BadData, BadInput
from ..exchange.alpaca import of_run
from ..report.alpaca import Questions, Texts, controlled
from ..report.alpaca_files import read_calibration
from ..report.length_control import Calibration
from ..specs import Sha256
from ..workspace import Workspace

KEPT, ALPACA = "calibration.json", "alpaca_eval"
Align = Literal["instruction", "position"]
RESAMPLES = 1000  # of the interval; a fifth of a second


class Setting(BaseModel):
    """The two files by their content, and how a row finds its difficulty (`position` as on the published table)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    difficulty: Sha256
    gamed: Sha256
    align: Align = "instruction"


def kept(ws: Workspace) -> Setting | None:
    """What the workspace controls for length with; None where nothing was given yet."""
    try:
        found = ws.read_json(ws.root / KEPT)
        return None if found is None else Setting(**found)
    except (ValidationError, ValueError, TypeError):
        raise BadData(f"{ws.root / KEPT} names no two calibration files; delete it and give them again.") from None


def keep(ws: Workspace, setting: Setting) -> None:
    """Replaces what the workspace knows; BadData, and nothing is kept, where a file cannot be read."""
    _calibration(ws, setting)
    ws.write_json(ws.root / KEPT, setting.model_dump())


def length_controlled(
    ws: Workspace, run: str, setting: Setting | None, beside: Iterable[str] = (), resamples: int = RESAMPLES
) -> tuple[dict[str, Any], list[str]]:
    """The figures that `report alpaca` has for a run that compares two sides, and what to know of them.

    The benchmark's order is the reference's own; where that lacks questions, the one order of the complete references
    of the runs `beside`. The figures are None where they cannot be had, and a note says why.
    """
    try:
        verdicts = of_run(ws, run, _instructions(ws, ws.spec(run).candidate))
        questions = _questions(ws, setting, [run, *beside]) if setting else None
        return controlled(verdicts, questions, resamples)
    except BadInput as problem:  # an answer or a file that is gone
        return {"length_controlled_winrate": None}, [f"No length-controlled win rate: {problem}"]


def figures(ws: Workspace, run: str, of: Mapping[str, str]) -> dict[str, Any]:
    """The official figures of a judge run, as it keeps them, AlpacaEval's with the length-controlled win rate.

    `of`: judge run → the benchmark's judge whose figures it has (`figures.benchmark`), of all runs that stand together.
    """
    found = (ws.result(run) or {}).get("summary", {}).get("official", {})
    setting = kept(ws) if of[run] == ALPACA else None
    if setting is None:
        return dict(found)
    beside = [other for other, name in of.items() if name == ALPACA and other != run]
    controlled, notes = length_controlled(ws, run, setting, beside)
    return {**found, **controlled, "length_notes": [*notes, *found.get("length_notes", [])]}


def _calibration(ws: Workspace, setting: Setting) -> Calibration:
    return read_calibration(ws.adopted(setting.difficulty), ws.adopted(setting.gamed))


def _questions(ws: Workspace, setting: Setting, runs: Iterable[str]) -> Questions:
    calibration = _calibration(ws, setting)
    order = _order(ws, runs, len(calibration.difficulty))
    return Questions(calibration, order, setting.align == "position")


def _order(ws: Workspace, runs: Iterable[str], size: int) -> Texts | None:
    """The first run's reference's order if it is complete, else the one on which the others agree."""
    orders = (_instructions(ws, ws.spec(run).reference) for run in runs)
    if len(own := next(orders)) == size:
        return own
    complete = {order for order in orders if len(order) == size}
    return complete.pop() if len(complete) == 1 else own


def _instructions(ws: Workspace, answers: str) -> tuple[str, ...]:
    """What was asked, in the order of the file or load run."""
    owner = inputs.owner(ws, answers, "prompts")
    return tuple(prompt[-1]["content"] for prompt in ws.table(owner, "prompts", ["prompt"])["prompt"].to_pylist())
