"""Where runs stand: the strip on every page, and the words, colours and bars of one run."""

from __future__ import annotations

import streamlit as st

from backend import runs
from backend.commands import duration
from backend.store.queries_runs import RunRow, counts

from . import problems, session
from .words import plain

ICONS = {
    "finished": ":material/check_circle:", "incomplete": ":material/rule:", "failed": ":material/error:",
    "running": ":material/play_circle:", "waiting": ":material/schedule:", "cancelled": ":material/cancel:",
    "lost": ":material/help:",
}  # fmt: skip
COLOURS = {
    "finished": "green", "incomplete": "orange", "failed": "red", "running": "blue", "waiting": "gray",
    "cancelled": "gray", "lost": "red",
}  # fmt: skip
SHOWN_AT_ONCE = 2


@st.fragment(run_every=2.0)
def strip() -> None:
    """One line: what runs, how far it is, how many wait or failed."""
    with problems.shown():
        rows = session.all_runs()
        numbers = counts(rows)
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            for status in ("running", "waiting", "failed", "lost", "incomplete"):
                if numbers.get(status):
                    st.badge(f"{numbers[status]} {status}", icon=ICONS[status], color=COLOURS[status])  # type: ignore[arg-type]
            if not any(numbers.get(status) for status in runs.LIVE):
                st.badge(f"{numbers.get('finished', 0)} finished, nothing runs", icon=":material/check:", color="gray")
            for row in [r for r in rows if r.status == "running"][:SHOWN_AT_ONCE]:
                st.caption(f"**{plain(row.title)}** {how_far(row.run)}", width="content")


def how_far(run: str) -> str:
    """`training 40/200 steps, 12 s left`, or `starting`."""
    now = runs.progress(session.workspace(), run)
    if now is None:
        return "starting"
    amount = f"{now.done:,.0f}/{now.total:,.0f} {now.unit}" if now.total else f"{now.done:,.0f} {now.unit}"
    left = f", {duration(now.eta)} left" if now.eta is not None else ""
    return " ".join(filter(None, (now.note, amount))) + left


def bar(run: str) -> None:
    """The progress bar of a running run."""
    now = runs.progress(session.workspace(), run)
    share = min(1.0, now.done / now.total) if now and now.total else 0.0
    st.progress(share, text=how_far(run))


def badge(row: RunRow) -> None:
    """The status of a run as a coloured word."""
    st.badge(row.status, icon=ICONS[row.status], color=COLOURS[row.status])  # type: ignore[arg-type]


@st.fragment(run_every=2.0)
def follow(run: str) -> None:
    """Follows one run while it lives; says how it ended. A page that shows its answer is drawn again then."""
    with problems.shown():
        row = next((r for r in session.all_runs() if r.run == run), None)
        if row is None:
            return
        was = st.session_state.get(f"followed {run}")
        st.session_state[f"followed {run}"] = row.status
        if was in runs.LIVE and row.status not in runs.LIVE:
            st.rerun()
        with st.container(horizontal=True, vertical_alignment="center"):
            badge(row)
            st.caption(f"{plain(row.title)} · `{run}`", width="content")
            st.page_link("pages/runs.py", label="Open", query_params={"run": run}, icon=":material/arrow_forward:")
        if row.status == "running":
            bar(run)
        elif row.error:
            st.error(row.error)
