"""Rows of answers beside their questions: benchmarks keep the two in files of their own, joined by name."""

from __future__ import annotations

from dataclasses import dataclass, field

from .. import files
from ..errors import BadData
from ..files import Row
from ..specs import FileSource, LoadSpec
from ..workspace import Workspace


@dataclass(frozen=True)
class Beside:
    """The questions, and the right answers, that rows of answers are about, by their names; None: not asked for."""

    questions: dict[str, Row] | None
    right_answers: dict[str, Row] | None
    answered: set[str] = field(default_factory=set)

    @classmethod
    def of(cls, ws: Workspace, spec: LoadSpec) -> Beside:
        """What the spec names."""
        return cls(
            _by_name(ws, spec.questions) if spec.questions else None,
            _by_name(ws, spec.right_answers) if spec.right_answers else None,
        )

    def joined(self, row: Row) -> Row:
        """The row with its `question` and, where there is one, its `right_answer`; BadData without a question.

        Where no questions are asked for, the rows are the questions themselves.
        """
        if self.questions is None and self.right_answers is None:
            return row
        name = _name(row, "it")
        right = (self.right_answers or {}).get(name)
        if self.questions is None:
            return {**row, "right_answer": right}
        if name not in self.questions:
            raise BadData(f"question {name!r} is not in the questions file; give this benchmark's own.")
        self.answered.add(name)
        return {**row, "question": self.questions[name], "right_answer": right}

    @property
    def unanswered(self) -> list[str]:
        """The questions that no row answers."""
        return [name for name in self.questions or () if name not in self.answered]


def _by_name(ws: Workspace, source: FileSource) -> dict[str, Row]:
    place = ws.adopted(source.sha256)
    rows = enumerate(files.rows(place, source.suffix), start=1)
    return {_name(row, f"{place.name} row {number}"): row for number, row in rows}


def _name(row: Row, where: str) -> str:
    name = next((row[key] for key in ("uid", "question_id") if row.get(key) is not None), None)
    if name is None:
        raise BadData(f"{where} has neither `question_id` nor `uid`; the benchmark's own layout is needed.")
    return str(name)
