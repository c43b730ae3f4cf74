"""Runs: everything that was asked here; one run in detail."""

from __future__ import annotations

import json
import time

import pandas as pd
import streamlit as st

from backend import runs, tables
from backend.commands import duration
from backend.commands.logs import tail
from backend.specs import KINDS
from backend.store.queries_runs import RunRow
from pages.parts import command, problems, run_result, run_status, session, verdict_export
from pages.parts.words import plain

ws = session.workspace()
PICKED = "row picked before"
FIRST = {"running": 0, "failed": 1, "lost": 1, "waiting": 3}  # what is looked for first; others by age, between


@st.fragment(run_every=3.0)
def listing() -> None:
    """The table of runs; clicking a row opens it."""
    with problems.shown():
        rows = sorted((r for r in session.all_runs() if _wanted(r)), key=lambda r: FIRST.get(r.status, 2))
        if not rows:
            st.info("No runs here. Load data on the Data page, or run `python -m backend demo`.")
            return
        picked = st.dataframe(
            _frame(rows), hide_index=True, on_select="rerun", selection_mode="single-row", key="picked", height=320,
            column_config={"took": st.column_config.TextColumn(width="small")},
        )["selection"]["rows"]  # fmt: skip
        if picked != st.session_state.get(PICKED):  # rows move while runs go on: only a new click opens another run
            st.session_state[PICKED] = picked
            if picked and picked[0] < len(rows):
                st.query_params["run"] = rows[picked[0]].run
                st.rerun()


def _wanted(row: RunRow) -> bool:
    return (not kinds or row.kind in kinds) and (not states or row.status in states)


def _frame(rows: list[RunRow]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "title": [r.title for r in rows],
            "kind": [r.kind for r in rows],
            "status": [r.status for r in rows],
            "progress": [run_status.how_far(r.run) if r.status == "running" else "" for r in rows],
            "took": ["–" if r.seconds is None else duration(r.seconds) for r in rows],
            "asked": [pd.Timestamp(r.created, unit="s", tz="UTC").strftime("%d %b %H:%M") for r in rows],
            "run": [r.run for r in rows],
        }
    )


@st.fragment(run_every=2.0)
def detail(run: str) -> None:
    """Status, progress, answer, question, log and what can be done with a run."""
    with problems.shown():
        row = next((r for r in session.all_runs() if r.run == run), None)
        if row is None:
            _gone(run)
            return
        with st.container(horizontal=True, vertical_alignment="center"):
            st.subheader(plain(row.title), width="content")
            run_status.badge(row)
            st.caption(f"`{run}` · asked {time.strftime('%d %b %H:%M', time.localtime(row.created))}", width="content")
        if row.status == "running":
            run_status.bar(run)
        if row.error:
            st.error(row.error)
        if row.status == "lost":
            st.error(f"The job ended without a word; {runs.last_words(ws, run)} Start it again: it goes on from there.")
        _actions(row)
        _parts(row)


def _gone(run: str) -> None:
    if not (ws.root / "trash" / run).exists():
        st.info(f"There is no run {run} in this workspace.")
        return
    st.info("This run was deleted.")
    if st.button("Undo", icon=":material/undo:"):
        runs.restore(ws, run)
        st.rerun()


def _actions(row: RunRow) -> None:
    with st.container(horizontal=True):
        if row.status in runs.LIVE and st.button("Cancel", icon=":material/stop_circle:"):
            with st.spinner("Asking the job to save and stop…"):
                runs.cancel(ws, row.run)
            st.rerun()
        if row.status in ("failed", "lost", "cancelled", "incomplete") and st.button("Retry", icon=":material/replay:"):
            runs.launch(ws, ws.spec(row.run))
            st.rerun()
        with st.popover("Rename", icon=":material/edit:"):
            command.rename(row.run, row.title)
        if row.status not in runs.LIVE and st.button("Delete", icon=":material/delete:"):
            runs.delete(ws, row.run)
            st.rerun()
        if row.answered:
            names = [name for name in tables.TABLES if (ws.folder(row.run) / f"{name}.parquet").exists()]
            for name in names:
                path = ws.folder(row.run) / f"{name}.parquet"
                st.download_button(f"{name}.parquet", path.read_bytes, f"{row.run}.{name}.parquet", key=f"get {name}",
                                   icon=":material/download:")  # fmt: skip


def _parts(row: RunRow) -> None:
    result, question, log, origin = st.tabs(["Result", "Question", "Log", "Made from"])
    with result:
        run_result.show(row)
        if row.answered and row.kind == "judge":
            verdict_export.show(row.run)
        if row.answered and row.kind in ("load", "pair", "select"):
            command.equivalent("export", row.run, f"{row.run}.jsonl")
    with question:
        st.json(row.spec, expanded=2)
        command.equivalent_run(json.dumps(row.spec))
    with log:
        st.code("\n".join(tail(ws, row.run, 60)) or "(nothing printed)", language=None, height=300)
        command.equivalent("logs", row.run)
    with origin:
        titles = {r.run: r.title for r in session.all_runs()}
        for up in runs.lineage(ws, row.run)[1:]:
            st.page_link("pages/runs.py", label=f"{plain(titles.get(up, 'not here'))} · {up}", query_params={"run": up})


st.title("Runs")
kinds = st.pills("Kind", KINDS, selection_mode="multi", key="kind", bind="query-params")
states = st.pills("Status", list(run_status.ICONS), selection_mode="multi", key="status", bind="query-params")
listing()
if chosen := st.query_params.get("run"):
    st.query_params["run"] = chosen  # said again: after a link from this page to itself the address lags behind
    detail(chosen)
else:
    st.caption("Click a row to open a run.")
