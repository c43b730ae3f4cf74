"""Files of recorded verdicts → the questions of load and judge runs, so that all that reads judge runs reads them.

AlpacaEval's and LLM Comparator's rows hold the answers. MT-Bench's and Arena-Hard's hold none: the answers are files of
the benchmark beside its questions, or runs that are here.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .. import files, inputs, sources
from ..errors import BadData, BadInput
from ..formats import formats
from ..formats.detection import answers_alone, author_of, detect
from ..judges import judges
from ..specs import FileSource, JudgeSpec, LoadSpec
from ..workspace import Workspace
from . import Layout, alpaca, arena, llm_comparator, mt_bench

LAYOUTS = (alpaca.LAYOUT, llm_comparator.LAYOUT, mt_bench.SINGLE, mt_bench.PAIR, arena.V01, arena.V2)

FIGURES = {  # of what `official` holds, the first that is found
    "win_rate_adjusted": "win rate, a tie half (%)", "win_rate": "win rate (%)", "average": "mean grade",
    "score": "score (%)",
}  # fmt: skip


@dataclass(frozen=True)
class Recording:
    """The rows of a file on one candidate against one reference (None: graded alone, or not named there).

    `place`: where the file lies; `source` are its rows on these two.
    """

    layout: Layout
    candidate: str
    reference: str | None
    source: FileSource
    rows: int
    place: Path


@dataclass
class Beside:
    """What lies beside verdicts that hold no answers: by author the answers, as a load's question or a run's id."""

    answers: dict[str, LoadSpec | str] = field(default_factory=dict)
    questions: FileSource | None = None
    baselines: list[dict[str, Any]] = field(default_factory=list)  # answers that verdicts hold, by instruction


@dataclass(frozen=True)
class Import:
    """A judge run to be made of recorded verdicts, with the loads of its answers, and what both are called."""

    spec: JudgeSpec
    title: str
    loads: Mapping[str, LoadSpec]  # title → question
    recording: Recording
    reference: str | None


def recordings(ws: Workspace, source: FileSource) -> list[Recording]:
    """What a file holds, one entry for every two models; BadData where it is no file of verdicts.

    The rows of each become a file of their own where there are several, so that no run reads the others'.
    """
    path = ws.adopted(source.sha256)
    rows = [(f"{path.name} row {n}", row) for n, row in enumerate(files.rows(path, source.suffix), start=1)]
    layout = layout_of(path.name, rows[0][1])
    groups: dict[tuple[str, str | None], list[files.Row]] = {}
    for place, row in rows:
        mine = layout.sides(place, row)
        swapped = mine[::-1] if mine[1] is not None and mine[::-1] in groups and layout is mt_bench.PAIR else mine
        groups.setdefault((swapped[0] or "", swapped[1]), []).append(row)
    if layout is llm_comparator.LAYOUT:
        groups = {llm_comparator.names(path): list(*groups.values())}
    sources_of = [source] if len(groups) == 1 else [
        _kept(ws, some, f"{pair[0]}-{path.name}") for pair, some in groups.items()
    ]  # fmt: skip
    return [
        Recording(layout, *pair, of, len(some), path.resolve())
        for of, (pair, some) in zip(sources_of, groups.items(), strict=True)
    ]


def told_apart(ws: Workspace, given: Iterable[FileSource]) -> tuple[list[FileSource], list[FileSource]]:
    """Files of verdicts, and those that lie beside them."""
    verdicts, others = list[FileSource](), list[FileSource]()
    for source in given:
        first = files.first_rows(ws.adopted(source.sha256), source.suffix, 1)[0]
        (verdicts if holds_verdicts(first) else others).append(source)
    return verdicts, others


def holds_verdicts(row: files.Row) -> bool:
    """Whether a row is one of a file of recorded verdicts."""
    return any(layout.is_row(row) for layout in LAYOUTS)


def layout_of(name: str, row: files.Row) -> Layout:
    """The layout that a file's first row shows."""
    found = next((layout for layout in LAYOUTS if layout.is_row(row)), None)
    if found is None:
        raise BadData(
            f"{name} holds no verdicts (its columns: {', '.join(row)[:60]}); AlpacaEval's annotations.json, "
            "LLM Comparator's document, and the judgment rows of MT-Bench and Arena-Hard are (battles: `report arena`)."
        )
    return found


def beside(ws: Workspace, given: Iterable[FileSource], runs: Mapping[str, str]) -> Beside:
    """Files of answers and questions, told apart by their rows, and runs by their author."""
    found, answers = Beside(answers=dict(runs)), list[tuple[FileSource, files.Row]]()
    for source in given:
        path = ws.adopted(source.sha256)
        first = files.first_rows(path, source.suffix, 1)[0]
        if answers_alone(first):
            answers.append((source, first))
        elif {"question_id", "uid"} & first.keys() and {"turns", "prompt"} & first.keys():
            found.questions = source
        else:
            raise BadData(
                f"{path.name} holds neither MT-Bench's or Arena-Hard's answers nor their questions (its columns: "
                f"{', '.join(first)[:60]}); leave it out: verdicts of AlpacaEval and LLM Comparator hold their answers."
            )
    if answers and found.questions is None:
        raise BadInput("answers of a benchmark need its questions; give its question.jsonl as well (--questions).")
    for source, first in answers:
        asked = found.questions and found.questions.model_dump()
        found.answers[str(author_of(first))] = sources.load_spec(source, detect([first]).call, questions=asked)
    return found


def authors(ws: Workspace, run: str) -> str:
    """Who gave the answers of a run; BadInput where there are several."""
    names = inputs.responses(ws, run)["author"].unique().to_pylist()
    if len(names) != 1:
        raise BadInput(f"run {run} holds answers of {len(names)} authors; name the one that was judged: NAME={run}.")
    return str(names[0])


def imports(
    ws: Workspace, found: Sequence[Recording], lying_beside: Beside, baseline: str | None = None
) -> tuple[list[Import], list[str]]:
    """The runs that these verdicts become, and a sentence on those that can become none.

    BadInput where none can. `baseline`: whose answers Arena-Hard's models were compared with, where rows do not say.
    """
    if not found:
        raise BadInput("none of these files holds verdicts; name the one that does as well.")
    made, left = [], list[str]()
    for one in sorted(
        found, key=lambda one: -one.rows
    ):  # a baseline's answers to fewer questions are among all of them
        try:
            made.append(_import(ws, one, lying_beside, _baseline(one, found, lying_beside, baseline)))
        except BadInput as problem:
            if len(found) == 1:
                raise
            left.append(str(problem))
    if not made:
        raise BadInput(left[0])
    return made, left


def _baseline(one: Recording, found: Sequence[Recording], lying_beside: Beside, named: str | None) -> str | None:
    """The reference: as the rows say, as it was named, or the only author whose answers are not judged."""
    if one.reference is not None or judges[one.layout.judge].attributes.get("alone"):
        return one.reference
    others = lying_beside.answers.keys() - {other.candidate for other in found}
    if named or len(others) == 1:
        return named or next(iter(others))
    raise BadInput(
        f"the verdicts on {one.candidate!r} do not say against whom; "
        "give the baseline's answers (--answers), or its name (--baseline)."
    )


def _import(ws: Workspace, one: Recording, lying_beside: Beside, reference: str | None) -> Import:
    if one.layout.answers:
        loads = _own_answers(ws, one, lying_beside)
    else:
        loads = _given(ws, one, lying_beside, [name for name in (one.candidate, reference) if name is not None])
    ids = [side if isinstance(side, str) else side.id for side in loads.values()]
    call = judges.call(one.layout.judge, file=one.source.sha256, suffix=one.source.suffix)
    against = f" against {reference}" if reference else ""
    return Import(
        JudgeSpec(candidate=ids[0], reference=ids[1] if len(ids) > 1 else None, judge=call),
        f"{one.candidate}{against}, recorded",
        {f"Answers of {name}": side for name, side in loads.items() if isinstance(side, LoadSpec)},
        one,
        reference,
    )


def _given(ws: Workspace, one: Recording, lying_beside: Beside, names: Sequence[str]) -> dict[str, LoadSpec | str]:
    """The answers of these authors: those that are given, else those in the benchmark's own folder."""
    found = {name: lying_beside.answers.get(name) or _in_official_folder(ws, one.place, name) for name in names}
    if missing := [name for name, side in found.items() if side is None]:
        files_of = " and ".join(f"model_answer/{name}.jsonl" for name in missing)
        raise BadInput(
            f"{one.place.name} holds verdicts on {' and '.join(map(repr, missing))}, but no answers; give "
            f"these as well: {files_of} (--answers) and question.jsonl (--questions), or runs that hold them."
        )
    return {name: side for name, side in found.items() if side is not None}


def _in_official_folder(ws: Workspace, place: Path, name: str) -> LoadSpec | str | None:
    """Answers where FastChat and Arena-Hard keep them, in a folder `model_answer` beside that of the judgments."""
    for folder in place.parents[1:3]:  # <benchmark>/model_judgment/[<judge>/]<file>
        files_there = (folder / "question.jsonl", folder / "model_answer" / f"{name}.jsonl")
        if all(path.is_file() for path in files_there):
            return beside(ws, [sources.from_file(ws, path) for path in files_there], {}).answers.get(name)
    return None


def _own_answers(ws: Workspace, one: Recording, lying_beside: Beside) -> dict[str, LoadSpec | str]:
    """The answers of both sides, each as a file of AlpacaEval's outputs: a baseline in many files is loaded once.

    So all models stand in one comparison, also those with fewer answers.
    """
    assert one.layout.answers and one.reference is not None
    sides: tuple[dict[str, Any], dict[str, Any]] = ({}, {})
    path = ws.adopted(one.source.sha256)
    for number, row in enumerate(files.rows(path, one.source.suffix), start=1):
        place = f"{path.name} row {number}"
        asked, *said, category = one.layout.answers(place, row)
        for side, text, author in zip(sides, said, (one.candidate, one.reference), strict=True):
            answer = {"instruction": asked, "output": text, "generator": author, "dataset": category}
            if side.setdefault(asked, answer)["output"] != text:
                raise BadData(f"{place} holds a second answer of {author!r} to {asked[:40]!r}; split the file.")
    form, theirs = formats.call("answers"), sides[1]
    lying_beside.baselines.append(theirs)
    sides = sides[0], next(known for known in lying_beside.baselines if theirs.items() <= known.items())
    names = (one.candidate, one.reference if one.reference != one.candidate else f"{one.reference} (reference)")
    return {
        name: sources.load_spec(_kept(ws, list(side.values()), f"{name}-outputs"), form)
        for name, side in zip(names, sides, strict=True)
    }


def figure(official: Mapping[str, Any]) -> tuple[str | None, float | None]:
    """The figure by which a tool ranks models, of all that it prints, and what it is."""
    name = next((name for name in FIGURES if name in official), None)
    return (FIGURES[name], official[name]) if name else (None, None)


def _kept(ws: Workspace, rows: Sequence[files.Row], name: str) -> FileSource:
    """Rows as a file of the workspace."""
    content = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows).encode()
    plain = "".join(c if c.isalnum() or c in "-_." else "-" for c in name).removesuffix(".gz").rsplit(".json", 1)[0]
    return FileSource(sha256=ws.adopt_bytes(content, f"{plain[:80]}.jsonl"), suffix="jsonl")
