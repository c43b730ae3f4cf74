"""Answers, one or two beside each other, with every verdict on them; which runs have answers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

import streamlit as st

from backend import benchmarks
from backend.store import queries_results, queries_runs
from backend.store.queries_results import ItemRow
from backend.store.queries_runs import Beside, RunRow

from . import command, pair_view, run_picker, session, verdict_export

PAGE = 3
LONGEST, LABEL = 1500, 60  # characters of a judge's reply that are shown without a click; of its beginning, with one
ORDERS = {
    "candidate_first": "Candidate shown first",
    "reference_first": "Reference shown first",
    "unordered": "Verdict",
}


def has_answers(row: RunRow) -> bool:
    """Whether a run holds answers that can be judged."""
    return row.kind == "generate" or bool(row.summary.get("responses"))


def has_one_answer_each(row: RunRow) -> bool:
    """Whether a run can be a candidate: pairs have two answers to a prompt."""
    return has_answers(row) and not row.summary.get("pairs")


def beside(candidate: str | None) -> Callable[[RunRow], tuple[bool, ...]]:
    """How good a reference a run is, the best last: of the same prompts, single answers, others than the candidate's
    own, a benchmark's baseline, of another author."""
    rows = [row.run for row in session.all_runs() if row.kind in ("generate", "load") and row.answered]
    found = _beside(str(session.workspace().root), candidate, tuple(rows)) if candidate else {}

    def goodness(row: RunRow) -> tuple[bool, ...]:
        one = found.get(row.run)
        if one is None or not one.common:
            return (False,)
        other = one.author != one.candidate
        return (True, has_one_answer_each(row), one.alike < one.common, one.author in benchmarks.BASELINES, other)

    return goodness


@st.cache_data(show_spinner=False, max_entries=16)
def _beside(root: str, candidate: str, rows: tuple[str, ...]) -> dict[str, Beside]:
    return queries_runs.beside(session.index(), candidate, rows)


def side_picker(reference: str | None) -> Literal["chosen", "rejected"] | None:
    """Of a reference that holds pairs, which side the candidate has to beat; None where it holds none."""
    row = next((r for r in session.all_runs() if r.run == reference), None)
    if row is None or not row.summary.get("pairs"):
        return None
    return st.segmented_control("Its side to be beaten", ("chosen", "rejected"), default="chosen", required=True,
                                key="side", bind="query-params")  # fmt: skip


def rewards_of(run: str) -> dict[str, str]:
    """The measure runs over a run's answers, with their titles."""
    rows = [r for r in session.all_runs() if r.kind == "measure" and r.answered and r.spec["responses"] == run]
    return run_picker.labels(rows)


def answers() -> None:
    """The answers of one judge run, with every verdict."""
    rows = queries_results.judge_rows(session.index())
    if not rows:
        st.info("No verdicts yet. Answers appear here as soon as a judge run has some.")
        return
    titles = {r["run"]: r["title"] or r["run"] for r in rows}
    at = run_picker.start("verdicts", list(titles), st.query_params.get("verdicts"))
    run = st.selectbox("Verdicts", titles, at, key="verdicts", format_func=lambda r: titles[r])
    st.query_params["verdicts"] = run
    st.page_link("pages/review.py", label="Filter these verdicts", query_params={"verdicts": run},
                 icon=":material/rate_review:")  # fmt: skip
    verdict_export.show(run)
    browse(run)
    command.equivalent("show", run)


def browse(run: str) -> None:
    """The items of a judge run, some at a time, by how they ended."""
    index = session.index()
    left, right = st.columns([4, 1], vertical_alignment="bottom")
    outcome = left.pills(
        "Show", list(queries_results.outcomes(index, run)), default="all", key="outcome", bind="query-params"
    )
    outcome = outcome or "all"
    total = queries_results.count(index, run, outcome)
    if not total:
        st.info("No item ended like that.")
        return
    with right:
        page = pair_view.page_number(total, "items", PAGE)
    for item in queries_results.items(index, run, outcome, offset=(page - 1) * PAGE, limit=PAGE):
        show(item)


def show(item: ItemRow) -> None:
    """A prompt, what was answered, turn by turn, and what the judge said each time it was asked."""
    with st.container(border=True):
        with st.container(horizontal=True):
            flipped = "flipped: the orders disagree", "blue"
            text, colour = flipped if item.flipped else verdict(item.preference, item.grade)
            st.badge(text, color=colour)  # type: ignore[arg-type]
        titles = ("Candidate", "Reference") if len(item.turns[-1]) == 2 else ("Answer",)
        pair_view.conversation(item.prompt, item.turns, titles, item.right)
        orders = sorted({a["order"] for a in item.attempts})
        for column, order in zip(st.columns(len(orders)), orders, strict=True):
            with column:
                for attempt in [a for a in item.attempts if a["order"] == order]:
                    _attempt(attempt)


def _attempt(attempt: dict[str, Any]) -> None:
    """One reply of the judge: what was read in it, what it cost, and its text."""
    order, text = attempt["order"], attempt["explanation"] or ""
    read = (attempt["preference"], attempt["grade"])
    said = attempt["status"] if read == (None, None) else verdict(*read)[0]
    tokens = (attempt["prompt_tokens"] or 0) + (attempt["completion_tokens"] or 0)
    facts = [attempt["judge"], f"{tokens:,} tokens" * bool(tokens),
             "" if attempt["seconds"] is None else f"{attempt['seconds']:.1f} s"]  # fmt: skip
    st.caption(" · ".join([f"**{ORDERS.get(order, order)}**, attempt {attempt['attempt']}: {said}",
                           *filter(None, facts)]))  # fmt: skip
    if len(text) <= LONGEST:
        st.text(text)
    else:
        with st.expander(f"{text[:LABEL].strip()}… ({len(text):,} characters)"):
            st.text(text)


def verdict(preference: float | None, grade: float | None = None) -> tuple[str, str]:
    """A preference or a grade in words, and the colour of its badge."""
    if grade is not None:
        return f"grade {grade:g}", "blue"
    if preference is None:
        return "no verdict", "gray"
    if preference == 0.5:
        return "tie", "gray"
    return ("candidate preferred", "green") if preference > 0.5 else ("reference preferred", "red")
