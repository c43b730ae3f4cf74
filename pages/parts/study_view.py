"""A study on the results page: its table, its intervals, where each number comes from, and what it does not show."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from backend import runs
from backend.judged import BySeed
from backend.report.estimate import Estimate
from backend.studies.report import Arm, Report, report
from backend.studies.study import Study, load_study
from backend.studies.wording import at_equal_length, findings, judge_line, sizes, worst_cases

from . import charts, outcome_view, problems, session
from .words import plain


@st.cache_data(show_spinner="Reading the study…", max_entries=8)
def _report(root: str, name: str, states: tuple[str, ...]) -> Report:
    """The report of a study; read again when one of its runs has another status."""
    ws = session.workspace()
    return report(ws, load_study(ws, name))


def study_results(name: str) -> None:
    """The table of a study, its intervals, and what it does not show."""
    with problems.shown():
        ws = session.workspace()
        study = load_study(ws, name)
        rows = {row.run: row.status for row in session.all_runs()}
        states = tuple(rows.get(run, "lost") for run in study.runs)
        shown = _report(str(ws.root), name, states)
        left = sum(state in runs.LIVE for state in states)
        if left:
            st.progress(1 - left / len(states), text=f"{left} of {len(states)} runs to go; rows fill as they finish")
        st.caption(shown.description)
        if shown.notes:
            st.info("\n\n".join(shown.notes), icon=":material/info:")
        if not any(arm.win for arm in shown.arms):
            st.info("No arm is judged yet. The numbers appear here as runs finish.")
            return
        verdicts(shown)
        intervals(shown)
        outcome_view.show(outcome_view.counts(judge_runs(study, shown)))
        st.dataframe(table(shown), hide_index=True, height="content")
        st.caption("  \n".join(_on_length(shown.arms)))
        lineage(study, shown)


def intervals(shown: Report) -> None:
    """Win rates, and differences to the control coloured by what may be said of them, with 95 % intervals."""
    left, right = st.columns(2)
    wins = [(arm, arm.win.win_rate) for arm in shown.arms if arm.win]
    left.altair_chart(charts.intervals(_frame(wins), "win rate against the start"), key="win rates")
    gaps = [(arm, arm.against_control) for arm in shown.arms if arm.against_control]
    if gaps:
        title = f"difference to {shown.control}, in win rate"
        said = pd.DataFrame([{"name": arm.name, "said": arm.comparison.sentence, "colour": charts.verdict(arm.verdict)}
                             for arm, _ in gaps if arm.comparison])  # fmt: skip
        frame = _frame(gaps).merge(said, on="name")
        right.altair_chart(charts.intervals(frame, title, middle=0.0, format="+.0%"), key="differences")
    first = wins[0][1]
    st.caption(f"95 % bootstrap intervals over {first.prompts:,} prompts ({first.items:,} verdicts, {first.seeds} "
               f"training seed{'s' * (first.seeds > 1)}).")  # fmt: skip


def judge_runs(study: Study, shown: Report) -> dict[str, BySeed]:
    """The judge runs of every arm that is judged, the highest win rate first."""
    assert study.plan.report
    judge = study.plan.report.judge or ""
    rates = {arm.name: arm.win.win_rate.value for arm in shown.arms if arm.win}
    runs = {arm.name: dict(enumerate(arm.runs[judge])) for arm in shown.arms if arm.win}
    return {name: runs[name] for name in sorted(rates, key=lambda name: -rates[name])}


def _frame(found: list[tuple[Arm, Estimate]]) -> pd.DataFrame:
    """One row a point, the largest value first."""
    found = sorted(found, key=lambda pair: -pair[1].value)
    return pd.DataFrame(
        [{"name": arm.name, "value": e.value, "low": e.low, "high": e.high, "n": e.items} for arm, e in found]
    )


def verdicts(shown: Report) -> None:
    """What the study shows, in a line for each verdict, and how the judge behaved."""
    with st.container(border=True):
        for heading, arms in findings(shown):
            st.markdown(f"**{plain(heading)}**: {plain(', '.join(arms))}")
        st.caption("  \n".join(filter(None, (sizes(shown), judge_line(shown), *worst_cases(shown)))))


def table(shown: Report) -> pd.DataFrame:
    """One row an arm; empty where it is not finished. Tied, flipped and missing: shares of the items, in per cent."""
    frame = pd.DataFrame([_row(arm) for arm in shown.arms])
    return frame if shown.judge and shown.judge.flips else frame.drop(columns="% flipped")


def _row(arm: Arm) -> dict[str, object]:
    win, gap = arm.win, arm.against_control
    adjusted = arm.at_equal_length and arm.at_equal_length.adjusted
    return {
        "arm": arm.name,
        "pairs": arm.pairs,
        "% of pool": _percent(arm.share),
        "% flipped labels": _percent(arm.flipped.share.value) if arm.flipped else None,
        "% overlap": _percent(arm.overlap),
        "win rate %": _percent(win.win_rate.value) if win else None,
        "length-adjusted %": _interval(adjusted) if adjusted else "",
        "to control": "" if gap is None else f"{100 * gap.value:+.1f}: {arm.verdict}",
        "adjusted, to control": at_equal_length(arm),
        "items": win.items if win else None,
        **{
            f"% {name}": _percent(getattr(win, name) / win.items) if win else None
            for name in ("tied", "flipped", "missing")
        },
        "score": arm.score and round(arm.score.value, 2),
        "words": arm.words and round(arm.words, 1),
    }


def _on_length(arms: list[Arm]) -> list[str]:
    """What the length-adjusted win rate is, and where it cannot be had or leans on its curve."""
    notes = [(arm.name, note) for arm in arms if arm.at_equal_length for note in arm.at_equal_length.notes
             if "length-adjusted" in note]  # fmt: skip
    what = (
        "Length-adjusted: the win rate that a curve fitted to all answers has where both are equally long. "
        "What is said of its differences is corrected for their number (Holm)."
    )
    return [what, *(f"{name}: {note}".replace("_", r"\_") for name, note in notes)]


def _interval(of: Estimate) -> str:
    return f"{100 * of.value:.1f} ({100 * of.low:.1f} to {100 * of.high:.1f})"


def _percent(share: float | None) -> float | None:
    return None if share is None else round(100 * share, 1)


def lineage(study: Study, shown: Report) -> None:
    """The runs that the numbers of one arm come from."""
    with st.expander("Where a number comes from", icon=":material/account_tree:"):
        name = st.selectbox("Arm", [arm.name for arm in shown.arms], key="arm")
        for cell in study.cells:
            if cell.arm == name:
                label = f"{cell.name}, seed {cell.seed} · {cell.run}"
                st.page_link("pages/runs.py", label=label, query_params={"run": cell.run}, icon=":material/link:")
