"""Data: a file or a Hub dataset → a preview, its format, and a load run."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from backend import hygiene, sources
from backend.exchange import importing
from backend.formats import formats
from backend.specs import Source
from pages.parts import benchmark_form, command, member_form, pair_view, problems, run_picker, session, source_input

ws = session.workspace()
PLACES = (*source_input.PLACES, "A benchmark")
LOADED = ("load", "pair")


@st.cache_data(show_spinner="Reading the first rows…", ttl=600)
def looked_at(source: Source, chosen: str, columns: dict[str, Any] | None) -> sources.Preview:
    """The first rows and what they become."""
    return sources.preview(session.workspace(), source, chosen, columns)


def load_form(source: Source, name: str) -> None:
    """Format, columns, hygiene; the preview; the button."""
    left, right = st.columns([1, 2])
    with left:
        chosen = st.selectbox("Format", [sources.AUTO, *formats.names()], key="format", bind="query-params") or "auto"
        columns = None
        if chosen != sources.AUTO:
            st.caption(formats[chosen].title)
            with st.expander("Columns", expanded=True):
                columns = member_form.arguments(formats[chosen], "columns", {})
        seen = looked_at(source, chosen, columns)
        if seen.call is None:
            st.warning(seen.why, icon=":material/error:")
        else:
            st.success(f"Read as **{seen.call.name}**: {seen.why}.", icon=":material/check:")
            st.caption(str(seen.call))
        if seen.rows and importing.holds_verdicts(seen.rows[0]):
            st.page_link("pages/judge.py", label="Verdicts: make a judge run of them",
                         icon=":material/gavel:")  # fmt: skip
    with right:
        preview(seen)
    if seen.call and (beside := source_input.files_beside(seen)) is not None:
        settings(source, seen, name, beside)


def preview(seen: sources.Preview) -> None:
    """The first rows as they are, and as they will be read."""
    raw, read = st.tabs(["The first rows", "As they are read"])
    raw.dataframe(pd.DataFrame([{k: str(v)[:300] for k, v in row.items()} for row in seen.rows[:20]]), hide_index=True)
    with read:
        for problem in seen.problems[:3]:
            st.warning(problem)
        for example in seen.examples[:3]:
            pair_view.example(example)


def settings(source: Source, seen: sources.Preview, name: str, beside: dict[str, Any]) -> None:
    """What to drop, what to set aside, and the run."""
    assert seen.call
    with st.expander("What to leave out, what to set aside"):
        drop = st.multiselect("Leave out rows that are", [r for r in hygiene.REASONS if r != "unreadable_row"],
                              help="Everything else is counted, flagged and kept.", key="drop", bind="query-params",
                              format_func=lambda r: f"{r}: {hygiene.REASONS[r]}")  # fmt: skip
        share = st.slider("Set aside this share of the prompts", 0.0, 0.5, 0.0, 0.05, key="share", bind="query-params")
        held = run_picker.run_picker("Never train on the prompts of", ("load",), "held_out", optional=True)
        limit = st.number_input("Only the first rows", 1, value=None, placeholder="all", key="limit")
    spec = sources.load_spec(
        source, seen.call, drop=tuple(drop), held_out_share=share, held_out=held, limit=limit, **beside
    )
    command.launcher("Load", spec, command.name(spec, name, f"title {name}"))


def loaded() -> None:
    """What is loaded: counts, what was flagged, some rows."""
    st.subheader("Loaded")
    _show_new()
    run = run_picker.run_picker("Load run", LOADED, "loaded")
    if not run:
        st.info("Nothing is loaded yet. Give a path, upload a file, name a Hub dataset or a benchmark above.")
        return
    row = next(r for r in session.all_runs() if r.run == run)
    for column, (label, value) in zip(
        st.columns(4), [(k, v) for k, v in row.summary.items() if isinstance(v, int)][:4], strict=False
    ):
        column.metric(label.replace("_", " ").capitalize(), f"{value:,}")
    reasons = {**row.summary.get("dropped", {}), **row.summary.get("flagged", {})}
    if reasons:
        left_out, kept = row.summary.get("dropped", {}), row.summary.get("flagged", {})
        frame = pd.DataFrame(
            [(r, hygiene.REASONS.get(r, ""), left_out.get(r, 0), kept.get(r, 0)) for r in reasons],
            columns=["reason", "means", "left out", "flagged and kept"],
        )
        st.dataframe(frame, hide_index=True)
    pair_view.pages(run, "loaded_page")


def _show_new() -> None:
    """Opens what was loaded since this session last looked."""
    now = [r.run for r in session.all_runs() if r.kind in LOADED and r.answered]
    before = st.session_state.setdefault("loaded before", now)
    if new := [run for run in now if run not in before]:
        st.session_state["loaded"] = new[0]
    st.session_state["loaded before"] = now


st.title("Data")
where = st.segmented_control(
    "Where is the data?", PLACES, default=PLACES[0], required=True, key="place", bind="query-params"
)
with problems.shown():
    if where == "A benchmark":
        benchmark_form.benchmark_form()
    elif source := source_input.source_input(where):
        load_form(*source)
loaded()
