"""`load`: a file or a Hub dataset → prompts, responses, pairs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from .. import benchmarks, files, runs, sources
from ..benchmarks import BENCHMARKS
from ..errors import BadData, BadInput, BadSpec
from ..formats import Row, formats
from ..formats.detection import answers_alone
from ..specs import FileSource, LoadSpec, Source
from ..workspace import Workspace
from . import Session

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command()
@click.argument("what", metavar="PATH|HUB_ID", required=False)
@click.option("--benchmark", type=click.Choice(list(BENCHMARKS)), help="A benchmark in place of PATH|HUB_ID, fetched.")
@click.option("--questions", type=FILE, help="Benchmark, or a file of answers to one: its question.jsonl.")
@click.option("--reference", type=FILE, help="Benchmark: the baseline's answers; of MT-Bench the right ones.")
@click.option("--format", "chosen", default=sources.AUTO, show_default=True, help="auto, or one of the formats.")
@click.option(
    "--column", "columns", multiple=True, metavar="NAME=COLUMN", help="Which column is which; may be repeated."
)
@click.option("--config", help="Hub: the configuration.")
@click.option("--split", default="train", show_default=True, help="Hub: the split.")
@click.option("--revision", help="Hub: a branch, tag or commit.")
@click.option("--drop", default="", metavar="REASON,…", help="Leave out rows for these reasons; others are kept.")
@click.option("--held-out", metavar="RUN", help="A load run whose prompts must not be trained on.")
@click.option(
    "--held-out-share", type=click.FloatRange(0, 1, max_open=True), default=0.0, help="Share of prompts to set aside."
)
@click.option("--limit", type=click.IntRange(1), help="Only the first rows.")
@click.option(
    "--max-chars", type=click.IntRange(1), default=16_384, show_default=True, help="Longer rows are over_length."
)
@click.option(
    "--title", help="A name for the run (default: the one model that the file's answers are of, or the file's name)."
)
@click.pass_obj
def load(
    session: Session, what: str | None, chosen: str, columns: tuple[str, ...], drop: str, title: str | None, **rest: Any
) -> None:
    """Load preference data, rated answers, prompts or a benchmark, from files or from the Hub."""
    rest["drop"] = tuple(dict.fromkeys(filter(None, (name.strip() for name in drop.split(",")))))
    benchmark = rest.pop("benchmark")
    local: dict[benchmarks.Part, Path] = {part: path for part in benchmarks.PARTS if (path := rest.pop(part))}
    if bool(what) == bool(benchmark):
        raise click.UsageError("name a file, a Hub dataset, or a benchmark with --benchmark: one of them.")
    place = {name: rest.pop(name) for name in ("config", "split", "revision")}
    given = {part: sources.from_file(session.workspace, path) for part, path in local.items()}
    if what is None:
        spec, why = benchmarks.load_spec(session.workspace, benchmark, given, **rest)
        _loaded(session, spec, title or BENCHMARKS[benchmark].title, why)
        return
    if chosen != sources.AUTO:
        formats[chosen]  # says so where there is no such format
    ws = session.workspace
    source = _source(ws, what, **place)
    rows = sources.first_rows(ws, source)
    call, why = sources.format_of(rows, chosen, _mapping(columns))
    _loaded(
        session,
        sources.load_spec(source, call, **_beside(what, rows[0], given), **rest),
        title or sources.title(ws, source, Path(what).name),
        why,
    )


def _beside(what: str, first: Row, given: dict[benchmarks.Part, FileSource]) -> dict[str, Any]:
    """The files beside answers that name their questions only; BadInput where they are missing or belong to nothing."""
    if answers_alone(first) and "questions" not in given:
        raise BadInput(f"{what} holds answers to a benchmark; give its question.jsonl with --questions.")
    if given and not answers_alone(first):
        raise BadInput(f"{what} holds no answers that need files beside them; leave --{' and --'.join(given)} out.")
    fields = {"questions": "questions", "reference": "right_answers"}
    return {fields[part]: source.model_dump() for part, source in given.items()}


def _loaded(session: Session, spec: LoadSpec, title: str, why: str) -> None:
    ws = session.workspace
    run = runs.launch(ws, spec, {"title": title, "note": why})
    facts = session.answer(run)
    session.show({"run": run, **facts}, f"{run}: {spec.format} ({why})\n{_text(facts)}{_listed(ws, run)}")


def _source(ws: Workspace, what: str, config: str | None, split: str, revision: str | None) -> Source:
    path = Path(what).expanduser()
    if sources.exists(path) or what.count("/") != 1 or what.startswith((".", "/", "~")) or _looks_like_file(what):
        return sources.from_file(ws, path)
    from .. import hub

    return hub.source(what, config, split, revision)


def _looks_like_file(what: str) -> bool:
    try:
        return bool(files.suffix_of(what))
    except BadData:
        return False


def _mapping(columns: tuple[str, ...]) -> dict[str, str]:
    for given in columns:
        if "=" not in given:
            raise BadSpec(f"--column {given!r} must be NAME=COLUMN, for example prompt=question.")
    return dict(given.split("=", 1) for given in columns)


def _listed(ws: Workspace, run: str) -> str:
    """Where the rows with something to say about them are listed, and why the first that does not fit does not."""
    path = ws.folder(run) / "flagged.jsonl"
    notes = ws.read_lines(path)
    first = next((f"row {note['row']} does not fit: {note['why']}\n" for note in notes if "why" in note), "")
    return f"\n{first}{len(notes)} rows are listed in {path}" if notes else ""


def _text(facts: dict[str, Any]) -> str:
    counts = ", ".join(
        f"{facts[name]:,} {name.replace('_', ' ')}" for name in ("rows_read", "prompts", "responses", "pairs")
    )
    lines = [counts]
    for what in ("dropped", "flagged"):
        lines += [f"{what}: {count} {reason}" for reason, count in facts[what].items()]
    return "\n".join(lines)
