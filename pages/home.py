"""Home: what is here, what runs, the next sensible step."""

from __future__ import annotations

import streamlit as st

from backend import runs
from backend.store.queries_runs import RunRow, answered
from backend.studies.study import Study, load_study, study_names
from pages.parts import command, problems, run_status, session
from pages.parts.words import plain

STEPS = {
    "load": ("Data", "pages/data.py", ":material/database:"),
    "measure": ("Measures", "pages/explore.py", ":material/straighten:"),
    "select": ("Subsets", "pages/select.py", ":material/filter_alt:"),
    "train": ("Models", "pages/train.py", ":material/model_training:"),
    "generate": ("Answers", "pages/judge.py", ":material/forum:"),
    "judge": ("Verdicts", "pages/results.py", ":material/gavel:"),
}
NEXT = {
    "load": "Load preference data: a file, an upload, or a dataset from the Hub.",
    "measure": "Measure your data: a reward model or two log-probs turn pairs into distributions.",
    "select": "Choose a subset under a budget; the preview shows it at once.",
    "train": "Train a model on a subset, and another on a random one of the same size.",
    "generate": "Let the models answer held-out prompts.",
    "judge": "Judge the answers against each other.",
}


def next_step(rows: list[RunRow]) -> str | None:
    """What follows the last step taken, None after verdicts; prompts without pairs are there to be answered."""
    numbers = answered(rows)
    taken = [kind for kind in STEPS if numbers[kind]]
    if taken == ["load"] and not any(row.summary.get("pairs") for row in rows):
        return "generate"
    return next(iter([*STEPS][[*STEPS].index(taken[-1]) + 1 :]), None) if taken else "load"


@st.fragment(run_every=3.0)
def overview() -> None:
    """The numbers, the next step and the studies; drawn again while runs go on."""
    with problems.shown():
        rows = session.all_runs()
        numbers = answered(rows)
        for column, (kind, (title, page, icon)) in zip(st.columns(len(STEPS)), STEPS.items(), strict=True):
            with column, st.container(border=True):
                st.metric(title, numbers[kind])
                st.page_link(page, label="Open", icon=icon)
        _next(rows, next_step(rows))
        for name in study_names(session.workspace()):
            _study(load_study(session.workspace(), name), rows)
        _live(rows)
        command.equivalent("runs")


def _next(rows: list[RunRow], step: str | None) -> None:
    if any(row.status in ("failed", "lost") for row in rows):
        st.warning("Some runs failed. Open Runs to see why and to try again.", icon=":material/error:")
    if step and not any(row.kind == step and row.status in runs.LIVE for row in rows):
        title, page, icon = STEPS[step]
        with st.container(border=True, horizontal=True, vertical_alignment="center"):
            st.markdown(f"**Next: {title}.** {NEXT[step]}", width="stretch")
            st.page_link(page, label="Go there", icon=icon)
    elif step is None:
        with st.container(border=True, horizontal=True, vertical_alignment="center"):
            st.markdown("**Next:** see who won, and look at the answers behind the numbers.", width="stretch")
            st.page_link("pages/results.py", label="Results", icon=":material/leaderboard:")


def _study(study: Study, rows: list[RunRow]) -> None:
    """How far a study is."""
    status = {row.run: row.status for row in rows}
    states = [status.get(run, "lost") for run in study.runs]
    done = states.count("finished")
    with st.container(border=True):
        st.markdown(f"**Study: {plain(study.plan.title)}**")
        if study.plan.description:
            st.caption(" ".join(study.plan.description.split()))
        rest = ", ".join(f"{states.count(s)} {s}" for s in ("running", "waiting", "failed", "lost") if s in states)
        st.progress(
            done / max(len(states), 1), text=f"{done} of {len(states)} runs finished{', ' if rest else ''}{rest}"
        )
        if done:
            st.page_link("pages/results.py", label="Its results", icon=":material/leaderboard:",
                         query_params={"study": study.name})  # fmt: skip


def _live(rows: list[RunRow]) -> None:
    for row in [r for r in rows if r.status == "running"]:
        st.markdown(f"**{plain(row.title)}**")
        run_status.bar(row.run)


st.title("Winnow")
st.markdown("Which part of your preference data is worth training on, and how do you know?")
overview()
