"""`arena_hard`: two answers compared on a scale of five labels, in two games."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import Annotated, Any, Literal

from pydantic import Field

from ..report.arena import leaderboard
from ..report.arena_files import Rows
from ..verdicts import arena
from . import Asked, Desk, Judged, JudgeModel, Row, judges, templates
from .asking import Messages, Way, ask
from .templates import Template

Version = Literal["v0.1", "v2.0"]
MAX_TOKENS: dict[Version, int] = {"v0.1": 4096, "v2.0": 16_000}
AGAIN = "continue your judgment and finish by outputting a final verdict label"  # v0.1, gen_judgment.py
STRONG = 3  # battles that a strong label counts as

# How far the answer shown first is preferred; v2.0 also reads the labels that are written the other way round.
FIRST = {
    "A>>B": 1.0, "A>B": 0.75, "A=B": 0.5, "B>A": 0.25, "B>>A": 0.0,
    "B<<A": 1.0, "B<A": 0.75, "B=A": 0.5, "A<B": 0.25, "A<<B": 0.0,
}  # fmt: skip

SYSTEM = (
    "You compare two assistants' answers to a request. First work out for yourself what a good answer must hold; then "
    "check both answers against it: what is right, what is wrong, what is missing, what is beside the point. Neither "
    "length nor the order in which the answers are shown counts."
)
QUESTION = """<request>
{question_1}
</request>

<answer_A>
{answer_1}
</answer_A>

<answer_B>
{answer_2}
</answer_B>

Say what decides. Then end with one line that holds only one of these labels: [[A>>B]] answer A is much better, \
[[A>B]] answer A is a little better, [[A=B]] they are about equal, [[B>A]] answer B is a little better, [[B>>A]] \
answer B is much better."""
OWN = Template((("system", SYSTEM), ("user", QUESTION)))


def score(judged: Sequence[Judged], *, whole_questions: bool = False) -> dict[str, Any]:
    """The row of `report arena`: score and interval over questions in percent; of `n` battles a strong label is three.

    `n_null` games have no label; with `whole_questions` (v2.0) a question with one of them does not count at all.
    """
    rows = Rows()
    for one in judged:
        games = [None if row is None else float(row["preference"]) for row in one.rows.values()]
        rows.add_null(*["candidate"] * games.count(None))
        for preference in games:
            if preference is not None and not (whole_questions and None in games):
                points, weight = _outcome(preference)
                rows.add("candidate", "baseline", points, one.item.prompt_id, weight)
    if not rows.rows:
        return {"score": None, "lower": None, "upper": None, "n": 0, "n_null": len(rows.nulls)}
    standings = leaderboard(rows.battles("v2.0" if whole_questions else "v0.1"), "baseline")
    row = next(asdict(one) for one in standings if one.model == "candidate")
    return {name: value for name, value in row.items() if name != "model"}


def score_v2(judged: Sequence[Judged]) -> dict[str, Any]:
    """The score where a question with an unreadable game is left out."""
    return score(judged, whole_questions=True)


def _outcome(preference: float) -> tuple[float, int]:
    """Points (1 won, ½ tied, 0 lost) and how many battles they count as."""
    return (0.5 if preference == 0.5 else float(preference > 0.5)), STRONG if preference in (0.0, 1.0) else 1


def _judge(
    asked: Sequence[Asked], desk: Desk, version: Version, model: JudgeModel, endpoint: str | None, prompts: str | None,
    temperature: float, max_tokens: int | None,
) -> Iterator[Row]:  # fmt: skip
    known = templates.read(desk.ws, prompts) if prompts else {templates.ONLY: OWN}
    label = arena.label_v01 if version == "v0.1" else arena.label_v2

    def messages(one: Asked) -> Messages:
        (*_, a), (*_, b) = one.shown
        question = one.item.prompt[-1]["content"]
        names = {
            "question_1": question,
            "answer_1": a,
            "answer_2": b,
            "QUESTION": question,
            "ANSWER_A": a,
            "ANSWER_B": b,
        }
        return templates.named(known, str(one.item.category)).fill(names)

    def read(choice: Any, one: Asked) -> dict[str, float]:
        return {"preference": one.preferred(FIRST[label(choice)])}

    settings = {"temperature": temperature, "max_tokens": max_tokens or MAX_TOKENS[version]}

    def again(text: str) -> str | None:
        return AGAIN if version == "v0.1" and not arena.DOUBLE.search(text) else None

    way = Way(messages, read, settings, again)
    yield from ask(asked, desk, way, model=model, endpoint=endpoint)


@judges.member(ordered=True, figures=score)
def arena_hard_v01(
    asked: Sequence[Asked],
    desk: Desk,
    *,
    model: JudgeModel,
    endpoint: str | None = None,
    prompts: templates.OptionalFile = None,
    temperature: Annotated[float, Field(ge=0)] = 0.0,
    max_tokens: Annotated[int, Field(ge=1)] | None = None,
) -> Iterator[Row]:
    """Five labels from much better to much worse, in two games; all labels of a reply must be the same.

    Li et al. (2024), Arena-Hard-Auto v0.1. A reply without a label is asked, once, to go on. `prompts`: sha256 of
    judge_config.yaml; without it the wording is Winnow's own.
    """
    yield from _judge(asked, desk, "v0.1", model, endpoint, prompts, temperature, max_tokens)


@judges.member(ordered=True, figures=score_v2)
def arena_hard_v2(
    asked: Sequence[Asked],
    desk: Desk,
    *,
    model: JudgeModel,
    endpoint: str | None = None,
    prompts: templates.OptionalFile = None,
    temperature: Annotated[float, Field(ge=0)] = 0.0,
    max_tokens: Annotated[int, Field(ge=1)] | None = None,
) -> Iterator[Row]:
    """Five labels from much better to much worse, in two games; the last label of a reply counts.

    Arena-Hard-Auto v2.0. `prompts`: sha256 of a file with system_prompt and prompt_template, or of JSON Lines with one
    such template for each category, by its name; without it the wording is Winnow's own.
    """
    yield from _judge(asked, desk, "v2.0", model, endpoint, prompts, temperature, max_tokens)
