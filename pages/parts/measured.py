"""A pool and its measure runs: picked once, shared by Explore and Select; signals are kept in memory."""

from __future__ import annotations

import numpy as np
import streamlit as st

from backend import inputs
from backend.errors import BadInput
from backend.measures import measures
from backend.report.subset import flipped
from backend.signals import FITS, ROLES, Signals, compute, measure
from backend.specs import MeasureSpec
from backend.store.queries_runs import RunRow

from . import command, estimate_view, member_form, run_picker, session

PAIRS = ("load", "pair", "select")


def pool_picker(kinds: tuple[str, ...] = PAIRS) -> str | None:
    """The run whose pairs are looked at; only runs that have pairs."""
    index = session.index()
    with_pairs = {row["run"] for row in index.rows("SELECT DISTINCT run FROM pairs")}
    used = {up for r in session.all_runs() if r.kind in ("measure", "select") for up in r.spec.values() if r.answered
            and isinstance(up, str)}  # fmt: skip
    return run_picker.run_picker(
        "Pairs", kinds, "pairs", wanted=lambda r: r.kind == "select" or r.run in with_pairs,
        prefer=lambda r: r.kind == "load" and r.run in used,
    )  # fmt: skip


def role_pickers(pairs: str) -> dict[str, str]:
    """A measure run for each role that one fits, with guesses filled in."""
    runs = fitting(pairs)
    if not runs:
        return {}
    guesses = guess(pairs, runs)
    picked: dict[str, str] = {}
    shown = [role for role in ROLES if any(r.spec["measure"]["name"] in FITS[role] for r in runs)]
    for column, role in zip(st.columns(max(len(shown), 1)), shown, strict=True):
        with column:
            run = _role(role, runs, guesses.get(role))
        if run:
            picked[role] = run
    return picked


def fitting(pairs: str) -> list[RunRow]:
    """The measure runs over the responses of these pairs."""
    owner = _responses(pairs)
    return [r for r in session.all_runs() if r.kind == "measure" and r.answered and _over(r, owner)]


def _role(role: str, fitting: list[RunRow], guess: str | None) -> str | None:
    runs: list[str | None] = [None, *(r.run for r in fitting if r.spec["measure"]["name"] in FITS[role])]
    titles = run_picker.labels(fitting)
    key = f"role {role}"
    linked = st.query_params.get(role, guess)
    at = run_picker.start(key, runs, None if linked == "none" else linked)
    run = st.selectbox(
        role.replace("_", " ").capitalize(), runs, index=at, key=key,
        help=ROLES[role], format_func=lambda r: titles[r] if r else "none", persist_state="session",
    )  # fmt: skip
    st.query_params[role] = run or "none"
    return run


def guess(pairs: str, fitting: list[RunRow]) -> dict[str, str]:
    """What each measure run stands for: as in an earlier subset of this pool, else by its measure."""
    rows = session.all_runs()
    pool = next((r.spec["pairs"] for r in rows if r.run == pairs and r.kind == "select"), pairs)
    for row in rows:
        if row.kind == "select" and row.spec["pairs"] == pool and row.spec.get("measurements"):
            known = {r.run for r in fitting}
            earlier = {role: run for role, run in row.spec["measurements"].items() if run in known}
            if earlier:
                gold = [r.run for r in fitting if r.spec["measure"]["name"] == "gold"]
                return ({"truth": gold[0]} if gold else {}) | earlier
    first: dict[str, str] = {}
    for row in reversed(fitting):
        for role in ("reward", "ifd", "truth"):
            if row.spec["measure"]["name"] == FITS[role][0]:
                first.setdefault(role, row.run)
    return first


def _responses(pairs: str) -> str:
    return inputs.owner(session.workspace(), pairs, "responses")


def _over(row: RunRow, owner: str) -> bool:
    try:
        return row.spec["responses"] == owner or _responses(row.spec["responses"]) == owner
    except BadInput:
        return False


@st.cache_resource(show_spinner="Computing the signals…", max_entries=8)
def _signals(root: str, pairs: str, measurements: tuple[tuple[str, str], ...]) -> Signals:
    return compute(session.workspace(), pairs, dict(measurements))


def signals(pairs: str, measurements: dict[str, str]) -> Signals:
    """Every signal that these measure runs give; answered runs never change, so they are kept."""
    return _signals(str(session.workspace().root), pairs, tuple(sorted(measurements.items())))


@st.cache_resource(show_spinner=False, max_entries=8)
def _truth(root: str, pairs: str, truth: str) -> tuple[np.ndarray, np.ndarray]:
    """The true values of both sides of each pair, in the order of the signals."""
    ws = session.workspace()
    of = measure(ws, pairs, inputs.pairs(ws, pairs), {"truth": truth})
    return of.values["truth"][of.chosen], of.values["truth"][of.rejected]


def flipped_labels(pairs: str, truth: str, inside: np.ndarray) -> str:
    """What share of the chosen labels, and of the pool's, is the wrong way round by the measure that knows."""
    chosen, rejected = _truth(str(session.workspace().root), pairs, truth)
    mine, pool = flipped(chosen[inside], rejected[inside]).share, flipped(chosen, rejected).share
    return (
        f"Labels the wrong way round: **{mine.value:.1%}** ({mine.low:.1%} to {mine.high:.1%}) of the {mine.items:,} "
        f"chosen pairs whose sides differ, {pool.value:.1%} of the pool."
    )


def measure_form(pairs: str) -> None:
    """Launches a measure over the responses of a pool."""
    with st.container(border=True):
        call = member_form.member_form(measures, "measure", first=("reward", "logprob"))
        needs = measures[call.name].attributes.get("model")
        methods = ("reward",) if needs == "reward" else ("sft", "dpo")
        model = run_picker.model_picker("Model", "measure.model", methods) if needs else None
        if needs and model is None:
            st.info("Choose a model: one that was trained here, a folder, or a model on the Hub.")
            return
        spec = MeasureSpec(responses=_responses(pairs), measure=call, model=model)
        estimate_view.offer(spec)
        command.launcher("Measure", spec, command.name(spec, str(call), "measure.title"))
