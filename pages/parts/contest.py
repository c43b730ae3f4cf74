"""Which verdicts Results is about: a study's arms, or candidates that one judge compared with one reference."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd
import streamlit as st

from backend import judged
from backend.judged import Contest
from backend.report.slices import Slice, slices
from backend.store import queries_results
from backend.studies.reader import Reader
from backend.studies.study import load_study

from . import session

Items = dict[str, dict[int, pd.DataFrame]]  # candidate → training seed → judged items
Stamps = tuple[tuple[str, int], ...]


def every(study: str | None) -> list[Contest]:
    """The contests of a study (one at most), or of all judge runs."""
    ws = session.workspace()
    if study is None:
        return _contests(str(ws.root), stamps())
    found = load_study(ws, study)
    assert found.plan.report
    reader = Reader(ws, found)
    arms = {arm: dict(reader.finished(found.plan.report.judge, arm)) for arm in found.plan.arms}
    arms = {arm: by_seed for arm, by_seed in arms.items() if by_seed}
    return [judged.of_arms(ws, arms)] if arms else []


@st.cache_data(show_spinner=False, max_entries=4)
def _contests(root: str, states: Stamps) -> list[Contest]:
    return judged.contests(session.workspace(), [run for run, _ in states])


def judge_names() -> dict[str, str]:
    """Judge run → its judge in a few words, its model among them: equal names, comparable verdicts."""
    return _judge_names(str(session.workspace().root), stamps())


@st.cache_data(show_spinner=False, max_entries=4)
def _judge_names(root: str, states: Stamps) -> dict[str, str]:
    ws = session.workspace()
    return judged.judge_names(ws, {run: ws.spec(run) for run, _ in states})


def stamps(runs: list[str] | None = None) -> Stamps:
    """The judge runs (or those given) in their present state."""
    rows = queries_results.judge_rows(session.index())
    return tuple((row["run"], row["stamp"]) for row in rows if runs is None or row["run"] in runs)


def picked(found: list[Contest]) -> Contest:
    """The contest that is looked at; it stands in the URL."""
    if len(found) == 1:
        return found[0]
    titles = {one.title: f"{one.title} · {len(one.runs)} candidate{'s'[: len(one.runs) > 1]}" for one in found}
    linked = st.query_params.get("contest", "")
    at = list(titles).index(linked) if linked in titles else 0
    title = st.selectbox("Judged by", titles, at, key="contest", format_func=lambda name: titles[name])
    st.query_params["contest"] = title
    return next(one for one in found if one.title == title)


@st.cache_resource(show_spinner="Reading the verdicts…", max_entries=300)
def _items(root: str, run: str, stamp: int) -> pd.DataFrame:
    return judged.read(session.workspace(), run)


def items(runs: Mapping[str, judged.BySeed]) -> Items:
    """The judged items of candidates; nobody may change them."""
    root, known = str(session.workspace().root), dict(stamps())
    return {
        name: {seed: _items(root, run, known.get(run, 0)) for seed, run in by_seed.items()}
        for name, by_seed in runs.items()
    }


def parts(of: Contest, by: str | None) -> dict[str, list[Slice]]:
    """Candidate → the means over its items by category or turn, or (None) over all of them."""
    return _parts(str(session.workspace().root), stamps(of.every_run), (of.title, *of.runs), by, of)


@st.cache_data(show_spinner="Counting…", max_entries=64)
def _parts(root: str, states: Stamps, names: tuple[str, ...], by: str | None, _of: Contest) -> dict[str, list[Slice]]:
    graded = _of.reference is None
    return {name: slices(list(by_seed.values()), by, graded=graded) for name, by_seed in items(_of.runs).items()}


def ranked(of: Contest) -> dict[str, Slice]:
    """Every candidate with a verdict and its mean over all items, the highest first."""
    found = {name: whole for name, (whole,) in parts(of, None).items() if whole.mean}
    return dict(sorted(found.items(), key=lambda one: -one[1].mean.value if one[1].mean else 0.0))
