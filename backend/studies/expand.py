"""Plan → cells. Pure apart from hashing the files it names: all run ids are known before anything runs."""

from __future__ import annotations

import importlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..errors import BadInput, BadSpec, nearest
from ..registry import Family
from ..specs import Spec, parse
from ..workspace import Workspace
from .plan import Plan

# The fields of specs that hold a call, and the family it is a member of.
CALLS = {
    "format": "formats",
    "measure": "measures",
    "strategy": "strategies",
    "pairing": "pairings",
    "judge": "judges",
}


@dataclass(frozen=True)
class Cell:
    """One run of a study: the step's name, the seed, the arm (None for steps that all arms share), the question."""

    name: str
    seed: int
    arm: str | None
    spec: Spec

    def __str__(self) -> str:
        return " · ".join(filter(None, (self.arm, self.name, f"seed {self.seed}")))


def expand(plan: Plan, folder: Path, ws: Workspace) -> list[Cell]:
    """Every cell of the plan, each after those it reads. `folder` is where the plan's paths start.

    BadSpec names the step that makes no sense.
    """
    _check(plan)
    return [cell for seed in plan.seed_list for cell in _seed(plan, folder, ws, seed)]


def _check(plan: Plan) -> None:
    for arm, changes in plan.arms.items():
        for step in changes:
            if step not in plan.each_arm:
                raise BadSpec(f"arm {arm!r} changes {step!r}, which is no step; {nearest(step, plan.each_arm)}")
    if twice := set(plan.steps) & set(plan.each_arm):
        raise BadSpec(f"step {min(twice)!r} stands in both steps and each_arm; rename one.")
    if plan.report:
        named = plan.report.model_dump(exclude={"notes", "delta"}, exclude_none=True)
        for role, name in named.items():
            known = _known(plan, role)
            if name not in known:
                raise BadSpec(f"report.{role} = {name!r} is not in the plan; {nearest(name, known)}")


def _known(plan: Plan, role: str) -> list[str]:
    if role in ("control", "overlap"):
        return list(plan.arms)
    return list(plan.steps if role in ("start_score", "truth") else plan.each_arm)


def _seed(plan: Plan, folder: Path, ws: Workspace, seed: int) -> Iterator[Cell]:
    shared = _Steps(ws, folder, {**plan.vars, "seed": seed})
    for name, step in plan.steps.items():
        yield Cell(name, seed, None, shared.spec(name, step))
    for arm, changes in plan.arms.items():
        steps = _Steps(ws, folder, {**shared.values, "arm": arm}, dict(shared.runs))
        for name, step in plan.each_arm.items():
            yield Cell(name, seed, arm, steps.spec(name, {**step, **changes.get(name, {})}, arm))


@dataclass
class _Steps:
    """Resolves one step after the other; `runs` are the ids of those that came before."""

    ws: Workspace
    folder: Path
    values: Mapping[str, str | int | float]
    runs: dict[str, str] = field(default_factory=dict)

    def spec(self, name: str, step: Mapping[str, Any], arm: str | None = None) -> Spec:
        try:
            spec = parse({key: self._field(key, value) for key, value in step.items()})
        except BadInput as error:
            where = f"step {name!r}" + (f" of arm {arm!r}" if arm else "")
            raise type(error)(f"{where}: {error}") from None
        self.runs[name] = spec.id
        return spec

    def _field(self, key: str, value: Any) -> Any:
        value = self._filled(key, value)
        return _call(CALLS[key], value) if key in CALLS else value

    def _filled(self, key: str, value: Any) -> Any:
        """The value of a field with every `$step`, `{name}`, file and model folder in it resolved."""
        if isinstance(value, list):
            return [self._filled("", part) for part in value]
        if isinstance(value, Mapping):
            value = {name: self._filled(name, part) for name, part in value.items()}
            if key == "source" and "file" in value:
                return self._file(value)
            return self._model(value) if key == "model" and "path" in value else value
        if isinstance(value, str):
            return {"run": self._text(value)} if key == "model" and value.startswith("$") else self._text(value)
        return value

    def _text(self, text: str) -> str | int | float:
        if text.startswith("$"):
            if text[1:] not in self.runs:
                raise BadSpec(f"{text!r} is no earlier step; {nearest(text[1:], self.runs)}")
            return self.runs[text[1:]]
        if text[:1] + text[-1:] == "{}" and text[1:-1] in self.values:
            return self.values[text[1:-1]]  # "{seed}" alone stays a number
        return re.sub(r"\{(\w+)\}", lambda m: str(self.values.get(m[1], m[0])), text)

    def _file(self, source: Mapping[str, Any]) -> dict[str, str]:
        path = self.folder / source["file"]
        return {
            "sha256": self.ws.adopt(path),
            "suffix": "".join(path.suffixes[-2:] if path.suffix == ".gz" else path.suffix)[1:],
        }

    def _model(self, model: Mapping[str, Any]) -> dict[str, Any]:
        adapter = {"adapter": self.ws.adopt(self.folder / model["adapter"])} if "adapter" in model else {}
        return {"sha256": self.ws.adopt(self.folder / model["path"]), "random": model.get("random", False), **adapter}


def _call(package: str, value: Any) -> Any:
    """The member's call with all its defaults: what a spec records."""
    family: Family = getattr(importlib.import_module(f"backend.{package}"), package)
    name, args = (value, {}) if isinstance(value, str) else (value.get("name"), value.get("args", {}))
    return family.call(name, **args)
