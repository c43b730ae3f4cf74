"""`mt_bench` and `mt_bench_pair`: an answer graded 1 to 10, or two compared, turn by turn, beside the right answers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Annotated, Any

from pydantic import Field

from ..errors import BadSpec, Unreadable
from ..report.mt_bench import Grade, Match, grade_table, match_table
from ..verdicts import mt_bench as official
from . import Asked, Desk, Item, Judged, JudgeModel, Row, judges, templates
from .asking import Messages, Way, ask
from .templates import Template

NEED_RIGHT = ("math", "reasoning", "coding")  # FastChat's NEED_REF_CATS: graded beside the reference answers
LOWEST, HIGHEST = 1, 10

SYSTEM = "You judge answers of assistants. Neither the length of an answer nor the place where it stands counts."
GRADE = """{right}<conversation>
{conversation}
</conversation>

Grade the assistant's last answer as a careful person who asked would: is it right, does it do what was asked, does it \
leave out nothing that matters, is it clear? Say in a few sentences what decides. Then end with one line that holds \
only the grade from 1 (worst) to 10 (best) in double brackets, for example [[5]]."""
COMPARE = """{right}<conversation_A>
{conversation_a}
</conversation_A>

<conversation_B>
{conversation_b}
</conversation_B>

Compare the last answers of the two assistants as a careful person who asked would: which is right, does what was \
asked, leaves out nothing that matters, is clear? Say in a few sentences what decides. Then end with one line that \
holds only [[A]] if assistant A's is better, [[B]] if assistant B's is better, or [[C]] if neither is."""
RIGHT = """<right_answers>
{right}
</right_answers>

"""


def grades(judged: Sequence[Judged]) -> dict[str, Any]:
    """MT-Bench's table: mean grades by turn and category, and over all rows; answers without a grade are `n_failed`."""
    rows = [Grade("candidate", number, one.item.turn, _grade(one)) for number, one in enumerate(judged)]
    names = sorted((one.item.category or "", number) for number, one in enumerate(judged))
    (found,) = grade_table(rows, {number: name or None for name, number in names})
    return {name: value for name, value in found.row().items() if name != "model"}


def record(judged: Sequence[Judged]) -> dict[str, Any]:
    """MT-Bench's matches from the candidate's side: a win is one in both orders; rates in percent of those read."""
    games = [Match("candidate", "reference", number, one.item.turn, _winners(one)) for number, one in enumerate(judged)]
    (found,) = match_table(games)
    return {name: value for name, value in found.row().items() if name not in ("model_1", "model_2")}


def _grade(one: Judged) -> float | None:
    (row,) = one.rows.values()
    return None if row is None else row["grade"]


def _winners(one: Judged) -> tuple[str, str]:
    """Who won each of the two games."""
    names = {1.0: "model_1", 0.0: "model_2", 0.5: "tie"}
    first, second = ("error" if row is None else names[row["preference"]] for row in one.rows.values())
    return first, second


def on_right_answers(judged: Sequence[Judged]) -> Iterator[str]:
    """Notes where questions that are judged beside a reference answer have none, and where others have one."""
    missing = Counter(one.item.category for one in judged if one.item.category in NEED_RIGHT and not _right(one.item))
    if missing:
        counts = ", ".join(f"{count} of {name}" for name, count in sorted(missing.items()))
        yield f"No reference answer beside {counts}: MT-Bench gives one there; name the file with --reference."
    if any(one.item.category not in NEED_RIGHT and any(one.item.right) for one in judged):
        yield (
            f"Reference answers are shown in {', '.join(NEED_RIGHT)} only, but the file has more: if it holds another "
            "model's answers to compare with, name it with --against."
        )


@judges.member(alone=True, figures=grades, cautions=on_right_answers)
def mt_bench(
    asked: Sequence[Asked],
    desk: Desk,
    *,
    model: JudgeModel,
    endpoint: str | None = None,
    prompts: templates.OptionalFile = None,
    temperature: Annotated[float, Field(ge=0)] = 0.0,
    max_tokens: Annotated[int, Field(ge=1)] = 2048,
) -> Iterator[Row]:
    """A grade from 1 to 10 for each answer alone, later turns with the conversation before them.

    Zheng et al. (2023), "Judging LLM-as-a-Judge", section 3.1. Mathematics, reasoning and coding are graded beside the
    benchmark's reference answers. A grade outside 1 to 10 is unreadable (FastChat takes any number). `prompts`: sha256
    of FastChat's judge_prompts.jsonl; without it the wording is Winnow's own.
    """
    known = templates.read(desk.ws, prompts) if prompts else None

    def messages(one: Asked) -> Messages:
        if known:
            return _template(known, "single", "single-v1", one.item).fill(_fields(one))
        (answers, _), right = one.shown, _shown_right(one.item)
        return _own(GRADE.format(right=right, conversation=_conversation(one.item, answers)))

    def read(choice: Any, one: Asked) -> dict[str, float]:
        grade = official.grade(choice)
        if not LOWEST <= grade <= HIGHEST:
            raise Unreadable(f"the grade {grade:g} is not within {LOWEST} to {HIGHEST}.")
        return {"grade": float(grade)}

    way = Way(messages, read, {"temperature": temperature, "max_tokens": max_tokens})
    yield from ask(asked, desk, way, model=model, endpoint=endpoint)


@judges.member(ordered=True, figures=record, cautions=on_right_answers)
def mt_bench_pair(
    asked: Sequence[Asked],
    desk: Desk,
    *,
    model: JudgeModel,
    endpoint: str | None = None,
    prompts: templates.OptionalFile = None,
    temperature: Annotated[float, Field(ge=0)] = 0.0,
    max_tokens: Annotated[int, Field(ge=1)] = 2048,
) -> Iterator[Row]:
    """Two answers compared in both orders, later turns with the conversations before them.

    Zheng et al. (2023), sections 3.1 and 3.4. In FastChat's table a winner in one order only is a tie. `prompts` as for
    `mt_bench`.
    """
    known = templates.read(desk.ws, prompts) if prompts else None

    def messages(one: Asked) -> Messages:
        if known:
            return _template(known, "pair", "pair-v2", one.item).fill(_fields(one))
        a, b = (_conversation(one.item, answers) for answers in one.shown)
        return _own(COMPARE.format(right=_shown_right(one.item), conversation_a=a, conversation_b=b))

    def read(choice: Any, one: Asked) -> dict[str, float]:
        return {"preference": one.preferred({"A": 1.0, "B": 0.0, "tie": 0.5}[official.winner(choice)])}

    way = Way(messages, read, {"temperature": temperature, "max_tokens": max_tokens})
    yield from ask(asked, desk, way, model=model, endpoint=endpoint)


def _template(known: dict[str, Template], kind: str, plain: str, item: Item) -> Template:
    """As FastChat chooses: by whether a reference answer belongs to it, and by the turn."""
    if item.turn > 2:
        raise BadSpec("FastChat's templates show two turns; judge longer conversations without --prompts.")
    name = f"{kind}-math-v1" if _right(item) else plain
    return templates.named(known, name + ("-multi-turn" if item.turn > 1 else ""))


def _fields(one: Asked) -> dict[str, str]:
    """What FastChat's templates may hold: questions, answers and reference answers, with and without their turn."""
    first, second = one.shown
    asked = [message["content"] for message in one.item.prompt]
    columns = {
        "question": asked,
        "answer": first,
        "answer_a": first,
        "answer_b": second,
        "ref_answer": _right(one.item),
    }
    numbered = {f"{name}_{n}": text for name, texts in columns.items() for n, text in enumerate(texts, start=1)}
    return {**{name: texts[0] for name, texts in columns.items() if texts}, **numbered}


def _right(item: Item) -> list[str]:
    """The reference answers so far, where the question's category is judged beside them."""
    known = [text for text in item.right if text is not None]
    return known if item.category in NEED_RIGHT and len(known) == item.turn else []


def _shown_right(item: Item) -> str:
    return RIGHT.format(right=_conversation(item, _right(item))) if _right(item) else ""


def _conversation(item: Item, answers: Sequence[str]) -> str:
    turns = zip((message["content"] for message in item.prompt), answers, strict=False)
    return "\n\n".join(f"[user]\n{asked}\n\n[assistant]\n{said}" for asked, said in turns)


def _own(text: str) -> Messages:
    return [{"role": "system", "content": SYSTEM}, {"role": "user", "content": text}]
