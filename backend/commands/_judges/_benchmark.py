"""What the benchmarks' subcommands share: official files become load runs, a judge run asks, its figures are shown."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import click

from ... import inputs, runs, sources
from ...errors import BadData, BadInput
from ...judges import judges
from ...registry import Call
from ...specs import FileSource, JudgeSpec, LoadSpec
from ...workspace import Workspace
from .. import Session, _terms, duration
from ..estimate import stopped
from . import _dry, _local

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
# What a judge run says of the asking, beside the figures.
ASKING = (
    "items",
    "judged",
    "calls",
    "retries",
    "reused",
    "prompt_tokens",
    "completion_tokens",
    "cost",
    "failures",
    "missing",
    "notes",
)


@dataclass(frozen=True)
class Files:
    """Answers and how their rows are read; for benchmarks that keep them apart the questions and the right answers."""

    form: Call
    answers: Path
    questions: Path | None = None
    right_answers: Path | None = None

    def title(self, ws: Workspace) -> str:
        """The model whose answers these are, where the file names one, else the file."""
        return sources.title(ws, sources.from_file(ws, self.answers), self.answers.name)

    def spec(self, ws: Workspace) -> LoadSpec:
        """The question of the load run."""
        beside = {
            name: path and sources.from_file(ws, path).model_dump()
            for name, path in (("questions", self.questions), ("right_answers", self.right_answers))
        }
        return sources.load_spec(sources.from_file(ws, self.answers), self.form, **beside)


def options(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options of every benchmark."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


LIMIT = click.option("--limit", type=click.IntRange(1),
                     help="Judge only the first prompts, or conversations, in the order of their ids.")  # fmt: skip
DRY_RUN = click.option("--dry-run", is_flag=True, help="Estimate, show the first request, and ask nothing.")
TITLE = click.option("--title", help="A name for the run; of one that exists: its new name.")
_OPTIONS = (
    click.option("--orders", type=click.Choice(["official", "both"]), help="Which answer is shown first (see above)."),
    click.option("--prompts", "--template", "prompts", type=FILE,
                 help="Official template file, sent byte for byte; without it: Winnow's own."),
    LIMIT,
    DRY_RUN,
    click.option("--base-url", help="An OpenAI-compatible endpoint (default: the hosted API)."),
    click.option("--model", required=True, help="The judge's name there; with --serve the model itself."),
    TITLE,
    _local.options,
    _terms.options,
)  # fmt: skip


def template(ws: Workspace, given: str) -> str:
    """The sha256 of a template file, adopted, or as it is given."""
    known = re.fullmatch(r"[0-9a-f]{64}", given) and not Path(given).exists()
    return given if known else ws.adopt(given)


def judge(
    session: Session, name: str, candidate: Files, reference: Files | None, given: dict[str, Any], **arguments: Any
) -> dict[str, Any]:
    """Loads the files, asks the judge and returns its figures with how the asking went. `given`: what `options` got."""
    ws = session.workspace
    model = _local.model(ws, given["model"], given["base_url"], given)
    terms = _terms.of(ws, model, given)
    prompts = ws.adopt(given["prompts"]) if given["prompts"] else None
    call = judges.call(name, model=model, endpoint=given["base_url"], prompts=prompts, **arguments)
    ours, *theirs = _loaded(session, [candidate, *([reference] if reference else [])])
    other = theirs[0] if theirs else None
    side: Literal["chosen"] | None = "chosen" if other and session.answer(other)["pairs"] else None
    spec = JudgeSpec(candidate=ours, reference=other, reference_side=side, judge=call, limit=given["limit"])
    if given["dry_run"]:
        _dry.show(session, spec, terms)
    default = " against ".join(side.title(ws) for side in (candidate, reference) if side)
    run = runs.launch(ws, spec, {"title": default}, title=given["title"], terms=terms)
    facts = session.answer(run)
    names = {"model": _author(ws, ours)} | ({"baseline": _author(ws, theirs[0])} if theirs else {})
    asking = {key: facts[key] for key in (*ASKING, "beyond_limit", "estimate", "served", "ended_by") if key in facts}
    asking["notes"] = [*_left_out(session, [ours, *theirs], facts), *facts["notes"]]
    return {**names, **facts.get("official", {}), "run": run, "status": runs.status(ws, run), **asking}


def _loaded(session: Session, wanted: Sequence[Files]) -> list[str]:
    return loaded(session, [(files.title(session.workspace), files.spec(session.workspace)) for files in wanted])


def loaded(session: Session, wanted: Sequence[tuple[str, LoadSpec]]) -> list[str]:
    """Load runs of (title, question), side by side; BadData where a row cannot be read: a benchmark is judged whole."""
    ws = session.workspace
    loads = [runs.launch(ws, spec, {"title": title}) for title, spec in wanted]
    session.follow(loads)
    for run, (title, spec) in zip(loads, wanted, strict=True):
        file = ws.adopted_name(spec.source.sha256) if isinstance(spec.source, FileSource) else title
        try:
            facts = session.answer(run)
        except BadInput as problem:
            raise BadData(f"{file}: {problem}") from None
        if facts["dropped"]:
            first = next(note for note in ws.read_lines(ws.folder(run) / "flagged.jsonl") if note.get("why"))
            raise BadData(f"{file} row {first['row']}: {first['why']}")
    return loads


def _left_out(session: Session, loads: Sequence[str], facts: dict[str, Any]) -> Iterator[str]:
    for run in loads:
        if count := session.answer(run).get("unanswered"):
            yield f"{_author(session.workspace, run)} has no answer to {count} of the questions."
    if count := facts.get("candidate_without_reference"):
        yield f"{count} answers have no counterpart in the reference and are left out."


def _author(ws: Workspace, run: str) -> str:
    """Who wrote the answers of a run: one name, or all of them."""
    names = inputs.responses(ws, run)["author"].unique().to_pylist()
    return ", ".join(names)


def summary(found: dict[str, Any], figures: str) -> str:
    """The figures for people, then how the asking went, then what to know before believing them."""
    cost = "" if found["cost"] is None else f", {found['cost']:.4f} dollars"
    failed = ", ".join(f"{count} {kind.replace('_', ' ')}" for kind, count in found["failures"].items()) or "none"
    lines = [
        *filter(None, [stopped(found)]),
        f"{found['model']}: {figures}",
        f"{found['run']} ({found['status']}): {found['calls']} calls, {found['retries']} of them again, "
        f"{found['reused']} judgements known before{cost}; missing: {failed}",
        *filter(None, [estimate(found.get("estimate")), _served(found.get("served"))]),
        *found["notes"],
    ]
    return "\n".join(lines)


def estimate(guess: dict[str, Any] | None) -> str:
    if not guess or not guess["calls"]:
        return ""
    cost = "" if guess["cost"] is None else f", at most {guess['cost']:.4f} dollars"
    if guess.get("served"):
        cost = "; no money, for the judge runs here, and how long it takes shows once it runs"
    return f"estimated before the start: {guess['calls']} calls, {guess['prompt_tokens']} prompt tokens{cost}"


def _served(server: dict[str, Any] | None) -> str:
    return f"vLLM served {server['model']} here, {duration(server['starting'])} after it was started" if server else ""
