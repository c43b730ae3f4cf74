"""A plan: named steps for every seed, then the same steps again for every arm with that arm's changes.

    title: Which pairs are worth training on?
    seeds: 1                                  # a number of seeds, or a list of them
    vars: {labels: noisy}                     # "{labels}" and "{seed}" may stand in any text below
    steps:                                    # once a seed, in order; "$pool" is the run of the step `pool`
      pool: {kind: load, source: {file: "pairs-{labels}-{seed}.jsonl.gz"}, format: preference}
      sft: {kind: train, method: sft, model: {path: models/policy, random: true}, data: $pool, ...}
    each_arm:                                 # once a seed and arm
      subset: {kind: select, pairs: $pool, strategy: random, budget: 200, seed: "{seed}"}
    arms:                                     # what each arm changes in the steps of `each_arm`
      random: {}
      dm_mul: {subset: {strategy: dm_mul}}
    report: {subset: subset, control: random, ...}

A step is a spec (`backend/specs.py`). Paths are relative to the plan's file.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict, Field, JsonValue, ValidationError, field_validator

from ..errors import BadSpec, NotFound
from ..report.compare import DELTA

Step = Mapping[str, JsonValue]


class ReportPlan(BaseModel):
    """Which steps the report reads. A step that is not named leaves its columns out."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    control: str  # the arm that all others are compared with
    judge: str | None = None  # step of each arm: verdicts on its answers
    score: str | None = None  # step of each arm: a measure of its answers
    start_score: str | None = None  # step: the same measure of the answers before preference training
    subset: str | None = None  # step of each arm: the pairs it trained on
    truth: str | None = None  # step: a measure of the pool's responses that knows which labels are flipped
    overlap: str | None = None  # the arm whose subset the others' are compared with
    delta: float = Field(DELTA, gt=0, le=0.5)  # "no worse" means: at most this much less win rate (0.02: 2 points)
    notes: str = ""  # what the reader has to know to read the table rightly


class Plan(BaseModel):
    """A plan as it was written."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    title: str
    description: str = ""
    seeds: int | list[int] = 1
    vars: dict[str, str | int | float] = {}
    steps: dict[str, dict[str, JsonValue]]
    each_arm: dict[str, dict[str, JsonValue]] = {}
    arms: dict[str, dict[str, dict[str, JsonValue]]] = {}
    report: ReportPlan | None = None

    @field_validator("seeds")
    @classmethod
    def _at_least_one(cls, seeds: int | list[int]) -> int | list[int]:
        if (
            (isinstance(seeds, int) and seeds < 1)
            or seeds == []
            or (isinstance(seeds, list) and len(seeds) > len(set(seeds)))
        ):
            raise ValueError("a number of seeds (at least 1), or a list of different ones")
        return seeds

    @property
    def seed_list(self) -> list[int]:
        """The seeds: 3 means 0, 1 and 2."""
        return list(range(self.seeds)) if isinstance(self.seeds, int) else self.seeds


def read_plan(path: str | Path) -> Plan:
    """The plan in a YAML file; BadSpec names the first thing that is wrong."""
    path = Path(path)
    try:
        data = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, IsADirectoryError):
        raise NotFound(f"there is no plan {str(path)!r}; check the path.") from None
    except UnicodeDecodeError:
        raise BadSpec(f"plan {path.name} is not UTF-8 text; save it as UTF-8.") from None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f" line {mark.line + 1}:" if mark else ""
        raise BadSpec(f"plan {path.name} is no YAML:{line} {getattr(error, 'problem', error)}.") from None
    if not isinstance(data, Mapping):
        raise BadSpec(f"plan {path.name} must be a mapping with title, steps and arms.")
    try:
        return Plan(**data)
    except ValidationError as error:
        problem = error.errors()[0]
        where = ".".join(str(part) for part in problem["loc"])
        raise BadSpec(f"plan {path.name}: {where} = {str(problem.get('input'))[:60]!r}: {problem['msg']}.") from None
