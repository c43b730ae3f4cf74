"""People's verdicts on two answers, beside a judge's: `votes.jsonl` of the workspace, to which lines are only added.

A line is a row of the table `votes`. Whoever votes twice on the same answers has changed their mind: the later line
stands. A line without a preference withdraws the last line of its author on these answers that still stood.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal, NamedTuple

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from . import judged, tables
from .errors import BadInput, NotFound
from .workspace import Workspace

Side = Literal["candidate", "reference"]
CHOICES: Mapping[str, float] = {"candidate": 1.0, "tie": 0.5, "reference": 0.0}  # how far the candidate is preferred
LONGEST_NAME = 60


class Compared(NamedTuple):
    """The two answers that a vote is on, whichever judges were asked about them.

    A turn is not named: the prompt of a later turn holds the messages of all turns so far, and both answers' ids are
    hashes that hold their prompt's.
    """

    prompt_id: int
    candidate_id: int
    reference_id: int


@dataclass(frozen=True)
class Vote:
    """One row of the table `votes`. `at`: seconds since 1970."""

    prompt_id: int
    candidate_id: int
    reference_id: int
    shown_first: Side
    preference: float
    author: str
    at: float

    @property
    def on(self) -> Compared:
        """What it is on."""
        return Compared(self.prompt_id, self.candidate_id, self.reference_id)


def shown_first(author: str, on: Compared) -> Side:
    """The side that this person sees first: by chance, but the same one whenever they look again."""
    return "candidate" if tables.content_id("shown first", author, *on) % 2 else "reference"


def item(run: str, on: Mapping[Any, Any]) -> str:
    """What an item is called in links and on the command line: `<judge run>.<candidate's answer>.<reference's>`."""
    return f"{run}.{on['candidate_id']:016x}.{on['reference_id']:016x}"


def parsed(item: str) -> tuple[str, dict[str, int]]:
    """The judge run and the answers' ids that an item's name holds; the reference's may be left out."""
    run, *ids = item.split(".")
    if not 1 <= len(ids) <= 2 or not all(re.fullmatch("[0-9a-f]{16}", number) for number in ids):
        raise BadInput(f"{item[:80]!r} is no item; copy the `item` of a Review link: JUDGE_RUN.CANDIDATE.REFERENCE.")
    return run, dict(zip(("candidate_id", "reference_id"), (int(number, 16) for number in ids), strict=False))


def named(ws: Workspace, item: str) -> Compared:
    """The two answers of an item; BadInput where the reference is left out and several were compared."""
    run, ids = parsed(item)
    if getattr(ws.spec(run), "reference", run) is None:
        raise BadInput(f"run {run} grades single answers; a vote is on two answers that were compared.")
    rows = ws.table(run, "judgements", [*Compared._fields])
    for name, number in ids.items():
        rows = rows.filter(pc.equal(rows[name], pa.scalar(number, tables.ID)))
    found = {Compared(**row) for row in rows.to_pylist()}
    if not found:
        raise NotFound(f"run {run} judged no answer {item[len(run) + 1 :]!r}; copy the `item` of a Review link.")
    if len(found) > 1:
        raise BadInput(
            f"run {run} compared this answer with {len(found)} others; name one: JUDGE_RUN.CANDIDATE.REFERENCE."
        )
    return found.pop()


def cast(ws: Workspace, on: Compared, preference: float, author: str, shown: Side | None = None) -> Vote:
    """Adds a vote; BadInput where the name or the preference cannot be one."""
    author = _name(author)
    if preference not in CHOICES.values():
        raise BadInput(f"a vote cannot be {preference!r}; it must be one of {', '.join(CHOICES)}.")
    vote = Vote(*on, shown_first=shown or shown_first(author, on), preference=preference, author=author, at=time.time())
    ws.append(ws.root / "votes.jsonl", asdict(vote))
    return vote


def withdraw(ws: Workspace, on: Compared, author: str) -> Vote:
    """Takes the standing vote of a person on these answers back, and returns it; the line itself stays in the file."""
    author = _name(author)
    standing = _stacks(ws).get((author, on))
    if not standing:
        raise BadInput(
            f"{author} has no vote on these answers that could be withdrawn; `votes list` shows what stands."
        )
    ws.append(ws.root / "votes.jsonl", {**asdict(standing[-1]), "preference": None, "at": time.time()})
    return standing[-1]


def read(ws: Workspace) -> list[Vote]:
    """The votes that stand, one for each person and comparison, the oldest first."""
    return sorted((stack[-1] for stack in _stacks(ws).values() if stack), key=lambda vote: vote.at)


def frame(votes: Iterable[Vote]) -> pd.DataFrame:
    """Votes as the columns of their table."""
    return tables.build("votes", [asdict(vote) for vote in votes]).to_pandas()


def _stacks(ws: Workspace) -> dict[tuple[str, Compared], list[Vote]]:
    """Every person's votes on every comparison, without those that were withdrawn."""
    names = [column.name for column in tables.TABLES["votes"]]
    found: dict[tuple[str, Compared], list[Vote]] = {}
    for line in ws.read_lines(ws.root / "votes.jsonl"):
        if not line.keys() >= set(names):
            continue  # added to the file by somebody else
        vote = Vote(**{name: line[name] for name in names})
        stack = found.setdefault((vote.author, vote.on), [])
        if line["preference"] is not None:
            stack.append(vote)
        elif stack:
            stack.pop()
    return found


def _name(author: str) -> str:
    name = " ".join(author.split())
    if not name or len(name) > LONGEST_NAME:
        raise BadInput(f"a vote needs the name of who votes, of 1 to {LONGEST_NAME} characters, not {author[:80]!r}.")
    return name


def rows(ws: Workspace, votes: Iterable[Vote]) -> list[dict[str, Any]]:
    """Votes as JSON: ids as 16 hex digits, which every reader of JSON keeps whole; `prefers` in words.

    What they are on: `prompt` (its last message), `candidate` and `reference` (whose answers), `items`: what the
    comparison is called in each judge run that made it. None and nothing where these were deleted.
    """
    given = list(votes)
    runs = _judged(ws, {vote.on for vote in given})
    names = judged.side_names(ws, {run: ws.spec(run) for there in runs.values() for run in there})
    prompts = _contents(ws, "prompts", "prompt", {vote.prompt_id for vote in given})
    words = {preference: choice for choice, preference in CHOICES.items()}
    return [
        {**asdict(vote), **{f"{name}": f"{value:016x}" for name, value in vote.on._asdict().items()},
         "prefers": words[vote.preference],
         "prompt": prompts[vote.prompt_id][-1]["content"] if vote.prompt_id in prompts else None,
         **dict(zip(("candidate", "reference"), names[there[0]] if there else (None, None), strict=True)),
         "items": [item(run, asdict(vote)) for run in there]}
        for vote in given
        for there in [runs[vote.on]]
    ]  # fmt: skip


def _judged(ws: Workspace, wanted: set[Compared]) -> dict[Compared, list[str]]:
    """The judge runs that compared these answers."""
    found: dict[Compared, list[str]] = {on: [] for on in wanted}
    ids = pa.array(sorted({on.candidate_id for on in wanted}), tables.ID)
    for run in judged.judge_runs(ws):
        rows = ws.table(run, "judgements", [*Compared._fields])
        columns = rows.filter(pc.is_in(rows["candidate_id"], ids)).to_pydict()
        for on in wanted & {Compared(*one) for one in zip(*columns.values(), strict=True)}:
            found[on].append(run)
    return found


@dataclass(frozen=True)
class Preferred:
    """Preference pairs in TRL's conversational layout, and what gave none.

    `undecided`: comparisons that people call a tie or are divided over; `gone`: comparisons whose answers were deleted.
    """

    rows: list[dict[str, Any]]
    undecided: int
    gone: int


def preferred(ws: Workspace, votes: Iterable[Vote]) -> Preferred:
    """One pair for every two answers of which more than half of the votes prefer one, a tie being half a vote for each.

    `label_source` names the voters.
    """
    said: dict[Compared, list[Vote]] = {}
    for vote in votes:
        said.setdefault(vote.on, []).append(vote)
    means = {on: sum(v.preference for v in some) / len(some) for on, some in said.items()}
    decided = {on: mean for on, mean in means.items() if mean != 0.5}
    answers = _contents(ws, "responses", "response", {i for on in decided for i in on[1:]})
    prompts = _contents(ws, "prompts", "prompt", {on.prompt_id for on in decided})
    there = [on for on in decided if on.prompt_id in prompts and {*on[1:]} <= answers.keys()]
    rows = []
    for on in there:
        better, worse = on[1:] if decided[on] > 0.5 else on[:0:-1]
        rows.append({
            "prompt": prompts[on.prompt_id], "chosen": _answer(answers[better]), "rejected": _answer(answers[worse]),
            "label_source": ", ".join(sorted(vote.author for vote in said[on])), "votes": len(said[on]),
        })  # fmt: skip
    return Preferred(rows, len(means) - len(decided), len(decided) - len(there))


def lines(found: Preferred) -> bytes:
    """The pairs as JSON Lines."""
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in found.rows).encode()


def _answer(text: str) -> list[dict[str, str]]:
    return [{"role": "assistant", "content": text}]


def _contents(ws: Workspace, table: str, column: str, wanted: set[int]) -> dict[int, Any]:
    """id → text of these answers, or messages of these prompts, from whichever runs hold them."""
    key, found = f"{column}_id", dict[int, Any]()
    ids = pa.array(sorted(wanted), tables.ID)
    for run in ws.run_ids():
        if len(found) < len(ids) and (ws.folder(run) / f"{table}.parquet").exists():
            inside = pc.is_in(ws.table(run, table, [key])[key], ids)
            if pc.any(inside).as_py():
                rows = ws.table(run, table, [key, column]).filter(inside)
                found |= dict(zip(rows[key].to_pylist(), rows[column].to_pylist(), strict=True))
    return found
