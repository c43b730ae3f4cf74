"""`recorded_*`: verdicts that another tool recorded, looked up in its file. Nothing is asked."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ..exchange import Layout, alpaca, arena, llm_comparator, mt_bench, recorded
from ..specs import Sha256
from . import Asked, Desk, Row, judges, row
from .alpaca_eval import win_rates
from .arena_hard import score, score_v2
from .mt_bench import grades, record
from .pairwise import with_flips


def _look_up(layout: Layout, asked: Sequence[Asked], desk: Desk, file: str, suffix: str) -> Iterator[Row]:
    """A row for everything that is asked. `request` names the file: no endpoint was sent anything."""
    found = recorded(desk.ws, layout, {"file": file, "suffix": suffix}).said
    for one in asked:
        if one.attempts:  # asked again, the file says the same
            continue
        said = found[layout.key(one.item)][one.order]
        identical = one.item.candidate == one.item.reference and said.preference == 0.5
        yield row(one, said.status, said.preference, grade=said.grade, explanation=said.text or said.reason,
                  judge=said.judge, cost=said.cost, seconds=said.seconds,
                  request=None if identical else f"file {file}", reason=said.reason)  # fmt: skip


@judges.member(figures=win_rates, recorded=alpaca.LAYOUT)
def recorded_alpaca(asked: Sequence[Asked], desk: Desk, *, file: Sha256, suffix: str) -> Iterator[Row]:
    """AlpacaEval's annotations.json: one preference for each instruction.

    The order in which the answers were shown is the one in which the recorded completions give the recorded
    preferences, AlpacaEval's own or always the baseline first; without completions it is unknown.
    """
    yield from _look_up(alpaca.LAYOUT, asked, desk, file, suffix)


@judges.member(figures=with_flips, recorded=llm_comparator.LAYOUT)
def recorded_llm_comparator(asked: Sequence[Asked], desk: Desk, *, file: Sha256, suffix: str) -> Iterator[Row]:
    """LLM Comparator's document: a score for each example, its raters by order where they make up the score."""
    yield from _look_up(llm_comparator.LAYOUT, asked, desk, file, suffix)


@judges.member(alone=True, figures=grades, recorded=mt_bench.SINGLE)
def recorded_mt_bench(asked: Sequence[Asked], desk: Desk, *, file: Sha256, suffix: str) -> Iterator[Row]:
    """MT-Bench's grades, <judge>_single.jsonl."""
    yield from _look_up(mt_bench.SINGLE, asked, desk, file, suffix)


@judges.member(figures=record, recorded=mt_bench.PAIR)
def recorded_mt_bench_pair(asked: Sequence[Asked], desk: Desk, *, file: Sha256, suffix: str) -> Iterator[Row]:
    """MT-Bench's matches in two games, <judge>_pair.jsonl."""
    yield from _look_up(mt_bench.PAIR, asked, desk, file, suffix)


@judges.member(figures=score, recorded=arena.V01)
def recorded_arena_v01(asked: Sequence[Asked], desk: Desk, *, file: Sha256, suffix: str) -> Iterator[Row]:
    """Arena-Hard v0.1's judgments in two games, model_judgment/<judge>/<model>.jsonl."""
    yield from _look_up(arena.V01, asked, desk, file, suffix)


@judges.member(figures=score_v2, recorded=arena.V2)
def recorded_arena_v2(asked: Sequence[Asked], desk: Desk, *, file: Sha256, suffix: str) -> Iterator[Row]:
    """Arena-Hard v2.0's judgments in two games; a question with an unreadable game does not count."""
    yield from _look_up(arena.V2, asked, desk, file, suffix)
