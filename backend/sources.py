"""A path, an upload or a Hub dataset → the question of a load run, and a look at its first rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from . import files, hygiene
from .errors import BadData, BadInput, NotFound, sentence
from .formats import Example, Row, examples, formats
from .formats.detection import answers_alone, author_of, detect
from .registry import Call
from .specs import FileSource, LoadSpec, Source, parse
from .workspace import Workspace

PREVIEW_ROWS = 50
NAMED_ROWS = 5000  # that are looked at for the model that a file names
AUTO = "auto"


@dataclass(frozen=True)
class Preview:
    """The first rows of a source, the format they seem to be in, why, and what those rows become in it."""

    rows: Sequence[Row]
    call: Call | None
    why: str
    examples: Sequence[Example]
    problems: Sequence[str]  # one sentence for each row that does not fit

    @property
    def columns(self) -> list[str]:
        """The names of all columns, in order of their first appearance."""
        return list(dict.fromkeys(name for row in self.rows for name in row))


def from_file(ws: Workspace, path: str | Path) -> FileSource:
    """A file of rows by its path; the workspace keeps a link to it."""
    return FileSource(sha256=adopted(ws, path), suffix=files.suffix_of(Path(path).name))


def adopted(ws: Workspace, path: str | Path) -> str:
    """The sha256 of a file by its path; the workspace keeps a link to it. BadData, NotFound where there is none."""
    path = Path(path).expanduser()
    if exists(path) and path.is_dir():
        raise BadData(f"{str(path)!r} is a folder; choose a file in it.")
    if not exists(path):
        raise NotFound(f"there is no file {str(path)!r}; check the path.")
    return ws.adopt(path)


def exists(path: Path) -> bool:
    """Whether there is such a file or folder; False where no such name can be."""
    try:
        return path.exists()
    except (OSError, ValueError):
        return False


def from_upload(ws: Workspace, content: bytes, name: str) -> FileSource:
    """An uploaded file; the workspace keeps its bytes."""
    return FileSource(suffix=files.suffix_of(name), sha256=ws.adopt_bytes(content, Path(name).name))


def preview(ws: Workspace, source: Source, chosen: str = AUTO, columns: Mapping[str, Any] | None = None) -> Preview:
    """The first rows and their format, named or detected; no examples of answers whose questions are a file beside."""
    rows = first_rows(ws, source)
    try:
        call, why = format_of(rows, chosen, columns)
    except BadInput as problem:
        return Preview(rows, None, sentence(problem), [], [])
    found: list[Example] = []
    problems = []
    member, arguments = formats[call.name], formats[call.name].bind(call.args)
    for row in () if answers_alone(rows[0]) else rows:
        try:
            found += examples(member, row, arguments)
        except BadData as problem:
            problems.append(sentence(problem))
    return Preview(rows, call, why, found, problems)


def first_rows(ws: Workspace, source: Source, count: int = PREVIEW_ROWS) -> Sequence[Row]:
    """The first rows of a source."""
    if isinstance(source, FileSource):
        return files.first_rows(ws.adopted(source.sha256), source.suffix, count)
    from . import hub

    return hub.first_rows(source, count)


def format_of(rows: Sequence[Row], chosen: str = AUTO, columns: Mapping[str, Any] | None = None) -> tuple[Call, str]:
    """The call that reads these rows, with the columns that the user mapped, and why it was taken."""
    if chosen != AUTO:
        return formats.call(chosen, **(columns or {})), "chosen by you"
    found = detect(rows)
    return formats.call(found.call.name, **{**found.call.args, **(columns or {})}), found.why


def title(ws: Workspace, source: Source, name: str) -> str:
    """What a load run is called: whose answers its rows are where they name one model, else as the file is."""
    rows = first_rows(ws, source, NAMED_ROWS if isinstance(source, FileSource) else PREVIEW_ROWS)
    authors = {author_of(row) for row in rows}
    return authors.pop() or name if len(authors) == 1 else name


def load_spec(source: Source, call: Call, **settings: Any) -> LoadSpec:
    """The question of a load run; BadSpec where a reason to drop rows is unknown."""
    hygiene.check_reasons(tuple(settings.get("drop", ())))
    spec = parse({"kind": "load", "source": source.model_dump(), "format": call.model_dump(), **settings})
    assert isinstance(spec, LoadSpec)
    return spec
