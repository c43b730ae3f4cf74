"""Two answers beside each other with both verdicts; which runs have answers; what judging will ask."""

from __future__ import annotations

from typing import Any

import streamlit as st

from backend.registry import Call
from backend.store import queries_results
from backend.store.queries_results import ItemRow
from backend.store.queries_runs import RunRow

from . import pair_view, run_picker, session

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


def rewards_of(run: str) -> dict[str, str]:
    """The measure runs over a run's answers, with their titles."""
    rows = [r for r in session.all_runs() if r.kind == "measure" and r.answered and r.spec["responses"] == run]
    return run_picker.labels(rows)


def cost(candidate: str, call: Call) -> None:
    """How many requests a judge will make at most."""
    row = next(r for r in session.all_runs() if r.run == candidate)
    answers = row.summary.get("responses") or row.summary.get("answers")
    if answers and "both_orders" in call.args:
        times = 2 if call.args["both_orders"] else 1
        st.caption(f"At most {answers * times:,} requests to the judge ({answers:,} answers, {times} order(s)), "
                   "retries apart. What was answered before is not asked again.")  # fmt: skip
    if isinstance(call.args.get("model"), dict):
        st.caption("No money: vLLM serves the judge on this machine, for this run alone. Starting it takes a minute or "
                   "several; how long the rest takes shows once it runs.")  # fmt: skip


def browse(run: str) -> None:
    """The items of a judge run, some at a time, by how they ended."""
    index = session.index()
    left, right = st.columns([4, 1], vertical_alignment="bottom")
    outcome = left.pills("Show", list(queries_results.OUTCOMES), default="all", key="outcome", bind="query-params")
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
    """A prompt, two answers, and what the judge said each time it was asked."""
    with st.container(border=True):
        with st.container(horizontal=True):
            text, colour = verdict(item.preference)
            st.badge(text, color=colour)  # type: ignore[arg-type]
            if item.flipped:
                st.badge("the orders disagree", color="orange")
        pair_view.prompt(item.prompt)
        pair_view.beside(item.candidate, item.reference, ("Candidate", "Reference"))
        for column, order in zip(st.columns(2), sorted({a["order"] for a in item.attempts}), strict=False):
            with column:
                for attempt in [a for a in item.attempts if a["order"] == order]:
                    _attempt(attempt)


def _attempt(attempt: dict[str, Any]) -> None:
    """One reply of the judge: what was read in it, what it cost, and its text."""
    order, text = attempt["order"], attempt["explanation"] or ""
    said = attempt["status"] if attempt["preference"] is None else verdict(attempt["preference"])[0]
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


def verdict(preference: float | None) -> tuple[str, str]:
    """A preference in words, and the colour of its badge."""
    if preference is None:
        return "no verdict", "gray"
    if preference == 0.5:
        return "tie", "gray"
    return ("candidate preferred", "green") if preference > 0.5 else ("reference preferred", "red")
