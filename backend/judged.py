"""Judge runs as reports set them beside each other: who was judged by whom against what, one row per judged item."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from . import inputs, tables
from .errors import BadInput
from .formats import UNNAMED
from .judges import judges
from .models.resolve import name_of
from .registry import Call
from .report.verdicts import COLUMNS, ITEM, verdicts
from .specs import HubModel, JudgeSpec, ModelRef
from .workspace import Workspace

BySeed = Mapping[int, str]  # training seed → judge run
SHOWN = 12  # characters of an argument in a judge's name: a template is named by its sha256, a commit by its hash


@dataclass(frozen=True)
class Contest:
    """Candidates that one judge compared with one reference, or graded: their values may stand beside each other.

    `reference`: None where answers are graded one by one. `direct`: (candidate, other candidate) → the runs in which
    the same judge compared these two.
    """

    judge: str
    reference: str | None
    runs: Mapping[str, BySeed]  # candidate → its runs
    direct: Mapping[tuple[str, str], BySeed] = field(default_factory=dict)

    @property
    def title(self) -> str:
        """The contest in words."""
        return f"{self.judge} against {self.reference}" if self.reference else f"graded by {self.judge}"

    @property
    def every_run(self) -> list[str]:
        """All its judge runs, each once."""
        parts = (*self.runs.values(), *self.direct.values())
        return list(dict.fromkeys(run for by_seed in parts for run in by_seed.values()))


class Side(NamedTuple):
    """Answers that are judged: those of a run or, of a run of pairs, its chosen or rejected ones."""

    run: str
    part: str = ""


def judge_runs(ws: Workspace) -> list[str]:
    """Every judge run that has verdicts."""
    return [run for run in ws.run_ids() if (ws.folder(run) / "judgements.parquet").exists()]


def chosen(ws: Workspace, runs: Sequence[str]) -> Sequence[str]:
    """These runs, or all that have verdicts; BadInput names one that is no judge run."""
    for run in runs:
        if ws.spec(run).kind != "judge":
            raise BadInput(f"run {run} is no judge run; `python -m backend runs --kind judge` lists them.")
    return runs or judge_runs(ws)


def contests(ws: Workspace, runs: Iterable[str]) -> list[Contest]:
    """These judge runs by judge and reference, those with the most candidates first."""
    specs = {run: ws.spec(run) for run in runs}
    judge_of, sides = judge_names(ws, specs), side_names(ws, specs)
    groups: dict[tuple[str, str | None], list[str]] = {}
    for run in specs:
        groups.setdefault((judge_of[run], sides[run][1]), []).append(run)
    found = []
    for (judge, reference), of in groups.items():
        names = told_apart({run: sides[run][0] for run in of})
        there = {*names.values(), *([reference] if reference else [])}
        pairs = {
            run: (ours, theirs or "")
            for run, (ours, theirs) in sides.items()
            if judge_of[run] == judge and run not in of
        }
        direct = {pair: {0: run} for run, pair in pairs.items() if there.issuperset(pair)}
        runs_of = {name: {0: run} for run, name in names.items()}
        found.append(Contest(judge, reference, runs_of, direct))
    return sorted(found, key=lambda contest: -len(contest.runs))


def side_names(ws: Workspace, specs: Mapping[str, JudgeSpec]) -> dict[str, tuple[str, str | None]]:
    """Judge run → the names of the candidate's and the reference's answers.

    Two sides have one name where they are one: answers are what they say and whose they are, in whichever run they lie.
    """
    first = _first_with_these_answers(_answers(ws, specs))
    names = told_apart({run: answers_name(ws, run) for run in sorted({side.run for side in first.values()})})

    def name(side: Side) -> str:
        return f"{names[first[side].run]} ({side.part})" if side.part else names[first[side].run]

    found = {run: _sides(spec) for run, spec in specs.items()}
    return {run: (name(ours), name(theirs) if theirs else None) for run, (ours, theirs) in found.items()}


def _sides(spec: JudgeSpec) -> tuple[Side, Side | None]:
    return Side(spec.candidate), Side(spec.reference, spec.reference_side or "") if spec.reference else None


def _answers(ws: Workspace, specs: Mapping[str, JudgeSpec]) -> dict[Side, dict[int, frozenset[int]]]:
    """Side → prompt → its judged answers. Their ids are hashes of prompt, author and text (`tables.response_id`)."""
    found: dict[Side, dict[int, set[int]]] = {}
    for run, spec in specs.items():
        prompts, *said = ws.table(run, "judgements", ["prompt_id", "candidate_id", "reference_id"]).columns
        for side, ids in zip(filter(None, _sides(spec)), said, strict=False):
            mine = found.setdefault(side, {})
            for prompt, answer in zip(prompts.to_pylist(), ids.to_pylist(), strict=True):
                mine.setdefault(prompt, set()).add(answer)
    return {side: {prompt: frozenset(ids) for prompt, ids in mine.items()} for side, mine in found.items()}


def _first_with_these_answers(said: Mapping[Side, Mapping[int, frozenset[int]]]) -> dict[Side, Side]:
    """Each side and the largest one that has the same answers to all prompts that both were judged on, one at least."""
    first: dict[Side, Side] = {}
    answers: dict[Side, dict[int, frozenset[int]]] = {}
    owners: dict[tuple[int, frozenset[int]], Side] = {}
    for side, mine in sorted(said.items(), key=lambda one: (-len(one[1]), one[0])):
        near = sorted({owners[one] for one in mine.items() if one in owners})
        first[side] = next((one for one in near if one.part == side.part and _agree(mine, answers[one])), side)
        answers.setdefault(first[side], {}).update(mine)
        owners = dict.fromkeys(mine.items(), first[side]) | owners
    return first


def _agree(mine: Mapping[int, frozenset[int]], theirs: Mapping[int, frozenset[int]]) -> bool:
    return all(theirs.get(prompt, ids) == ids for prompt, ids in mine.items())


def of_arms(ws: Workspace, arms: Mapping[str, BySeed]) -> Contest:
    """The contest of a study's arms: all were judged alike."""
    runs = [run for by_seed in arms.values() for run in by_seed.values()]
    specs = {run: ws.spec(run) for run in runs}
    references = {reference for _, reference in side_names(ws, specs).values()}
    against = "each seed's start" if len(references) > 1 else references.pop()
    return Contest(judge_names(ws, specs)[runs[0]], against, arms)


def judge_names(ws: Workspace, specs: Mapping[str, JudgeSpec]) -> dict[str, str]:
    """Judge run → its judge in a few words; equal where the judge is the same, wherever it was asked."""
    asked = {run: _judge(ws, run, spec) for run, spec in specs.items()}
    calls = {str(call): call for call in asked.values()}
    return {
        run: _short(call, [other for other in calls.values() if _alike(other, call)]) for run, call in asked.items()
    }


def _alike(one: Call, other: Call) -> bool:
    return (one.name, one.args.get("model")) == (other.name, other.args.get("model"))


def _short(call: Call, alike: list[Call]) -> str:
    """Its name and model, and the arguments that tell it from others of this name and model."""
    names = sorted({name for other in alike for name in other.args})
    several = [name for name in names if len({str(other.args.get(name)) for other in alike}) > 1]
    told = [f"{name} {str(call.args.get(name))[:SHOWN]}" for name in several]
    words = ", ".join([*([str(call.args["model"])] if call.args.get("model") else []), *told])
    return f"{call.name} ({words})" if words else call.name


def _judge(ws: Workspace, run: str, spec: JudgeSpec) -> Call:
    """What makes a judge: not where its endpoint is, nor which measure runs hold its rewards, but their model.

    Nor which file recorded its verdicts, where that says who judged: the models of one leaderboard are in many files.
    """
    if "recorded" in judges[spec.judge.name].attributes and (by := _recorded_by(ws, run)):
        return Call(name=spec.judge.name, args={"model": by})
    args = {name: value for name, value in spec.judge.args.items() if name != "endpoint"}
    measured = [value for value in args.values() if isinstance(value, str) and value.startswith("measure-")]
    args = {name: value for name, value in args.items() if value not in measured}
    model = _measured_by(ws, measured[0]) if measured else _model_name(ws, spec.served) if spec.served else None
    return Call(name=spec.judge.name, args=args | ({"model": model} if model else {}))


def _recorded_by(ws: Workspace, run: str) -> str:
    """Who gave the verdicts, as their file says it; empty where it does not."""
    names = ws.table(run, "judgements", ["judge"])["judge"].drop_null().unique().to_pylist()
    return ", ".join(sorted(names))


def _measured_by(ws: Workspace, run: str) -> str:
    try:
        spec = ws.spec(run)
    except BadInput:
        return run
    return str(spec.measure) if spec.model is None else _model_name(ws, spec.model)


def _model_name(ws: Workspace, model: ModelRef) -> str:
    """Its name; two commits of one model on the Hub are two judges."""
    name = name_of(ws, model)
    return f"{name}@{model.revision[:SHOWN]}" if isinstance(model, HubModel) else name


def answers_name(ws: Workspace, run: str) -> str:
    """What the answers of a run are called: the title of what generated them, or the author that a file names."""
    try:
        title = ws.about(run).get("title") or run
        if ws.spec(run).kind == "generate":
            return str(title)
        authors = ws.table(inputs.owner(ws, run, "responses"), "responses", ["author"])["author"].unique().to_pylist()
    except BadInput:
        return f"{run} (deleted)"
    return authors[0] if len(authors) == 1 and authors != [UNNAMED] else str(title)


def told_apart(names: Mapping[str, str]) -> dict[str, str]:
    """The same names, those that several runs have with the end of the run's id."""
    several = {name for name, count in Counter(names.values()).items() if count > 1}
    return {run: f"{name} ({run[-4:]})" if name in several else name for run, name in names.items()}


def read(ws: Workspace, run: str) -> pd.DataFrame:
    """One row per judged item of a run.

    The item's ids; `value`: how far the candidate is preferred (0–1, the mean of both orders) or its grade, NaN where
    an order has no readable verdict; `flipped`: the orders disagree about the winner; `question`: the prompt of the
    conversation's first turn; `category`: None where the prompt has none or its run is gone.
    """
    spec = ws.spec(run)
    judgements = ws.table(run, "judgements", [*COLUMNS, "grade"]).to_pandas()
    if spec.reference is None:
        judgements["preference"] = judgements["grade"]
    asked = judgements[ITEM].drop_duplicates()
    seen = verdicts(judgements).rows[[*ITEM, "preference", "flipped"]]
    found = asked.merge(seen, on=ITEM, how="left").rename(columns={"preference": "value"})
    found["flipped"] = found["flipped"].eq(True)
    prompts = _prompts(ws, spec.candidate, found)
    found["category"] = [prompts.get(number, (None, None))[0] for number in found["prompt_id"]]
    first = (prompts.get(number, (None, None))[1] for number in found["prompt_id"])
    found["question"] = np.array([one or number for one, number in zip(first, found["prompt_id"], strict=True)], "u8")
    return found


def _prompts(ws: Workspace, answers: str, found: pd.DataFrame) -> dict[int, tuple[str | None, int | None]]:
    """prompt → its category and, of a later turn, the prompt of the first."""
    later = set(found["prompt_id"][found["turn"] > 1])
    try:
        owner = inputs.owner(ws, answers, "prompts")
    except BadInput:
        return {}
    rows = ws.table(owner, "prompts", ["prompt_id", "category", *(["prompt"] if later else [])]).to_pylist()
    return {row["prompt_id"]: (row["category"], _first(row) if row["prompt_id"] in later else None) for row in rows}


def _first(row: Mapping[str, Any]) -> int:
    return tables.prompt_id(row["prompt"][:1])


def by_judge(ws: Workspace, runs: Iterable[str]) -> dict[str, pd.DataFrame]:
    """The items of these runs by judge, with `candidate` and `against`: the names of both sides' answers."""
    specs = {run: ws.spec(run) for run in runs}
    sides = side_names(ws, specs)
    found: dict[str, list[pd.DataFrame]] = {}
    for run, judge in judge_names(ws, specs).items():
        candidate, against = sides[run]
        found.setdefault(judge, []).append(read(ws, run).assign(candidate=candidate, against=against))
    return {judge: pd.concat(found[judge]) for judge in sorted(found)}
