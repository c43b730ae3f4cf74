"""What judge runs show and what to doubt; the official figures of benchmarks."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from backend.benchmarks import BENCHMARKS
from backend.commands.estimate import stopped
from backend.judges.figures import official
from backend.report.mt_bench import KNOWN_BAD
from backend.store.queries_runs import RunRow

from . import charts, contest, run_picker, session

# What a figure is called where people read it; others are shown under their own names.
NAMES = {
    "win_rate": "win rate, %", "standard_error": "standard error, points", "n_wins": "won", "n_wins_base": "lost",
    "n_draws": "drawn", "n_total": "verdicts", "n_failed": "failed", "discrete_win_rate": "discrete win rate, %",
    "length_controlled_winrate": "length-controlled, %", "avg_length": "mean length, characters",
    "average": "average grade", "n": "counted", "n_null": "games without a label", "score": "score, %",
    "lower": "95 % from", "upper": "95 % to",
    "win": "won", "loss": "lost", "tie": "tied", "inconsistent": "of them by order",
    "errors": "unreadable", "win_rate_adjusted": "win rate with half the ties, %",
}  # fmt: skip
LEFT_OUT = "without_known_bad"
JUDGES = {judge for one in BENCHMARKS.values() for judge in one.judges}


def has_figures(row: RunRow) -> bool:
    """Whether a run is a benchmark's judge's, with official figures."""
    return row.kind == "judge" and row.spec["judge"]["name"] in JUDGES and bool(row.summary.get("official"))


def of_run(run: str) -> None:
    """What a run says and what to doubt, if it is an ended judge run, and its benchmark's figures."""
    row = next((r for r in session.all_runs() if r.run == run), None)
    if row and row.kind == "judge" and row.answered:
        said(run)
        if has_figures(row):
            figures(row)


def said(run: str) -> None:
    """What one comparison allows to say, and every doubt about it."""
    row = next(r for r in session.all_runs() if r.run == run)
    notes = [stopped(row.summary), *row.summary.get("notes", [])]
    for note in filter(None, notes):  # a liking for a place, one answer again and again, what cannot be read
        st.warning(_plain(note), icon=":material/report:")
    if row.summary.get("sentence"):
        st.markdown(f"**{_plain(row.title)}**: {_plain(row.summary['sentence'])}")


def figures(row: RunRow) -> None:
    """All figures in a table; MT-Bench's also without the questions whose reference answer is wrong."""
    rows = {"all questions": row.summary["official"]}
    if row.spec["judge"]["name"].startswith("mt_bench"):
        left_out = st.toggle("Also without the 13 questions whose reference answer is wrong", key=LEFT_OUT,
                             bind="query-params", help=f"Questions {', '.join(sorted(KNOWN_BAD))}: lm-sys/FastChat, "
                             "pull request 3158. Both turns are left out.")  # fmt: skip
        if left_out and (rest := _without(str(session.workspace().root), row.run, row.status)):
            rows["without the 13"] = rest
    st.dataframe(pd.DataFrame([{"": name, **_flat(part)} for name, part in rows.items()]), hide_index=True)
    grades = [{"name": category, "value": value, "series": name} for name, part in rows.items()
              for category, value in (part.get("categories") or {}).items() if value is not None]  # fmt: skip
    if grades:
        st.altair_chart(charts.points(pd.DataFrame(grades), "mean grade", (1, 10)), key=f"grades {row.run}")


@st.cache_data(show_spinner=False, max_entries=64)
def _without(root: str, run: str, status: str) -> dict[str, Any] | None:
    """The figures without the known-bad questions; `root` and `status` are what they may change with."""
    return official(session.workspace(), run, KNOWN_BAD)


def _flat(part: dict[str, Any]) -> dict[str, Any]:
    """The figures that are one number, under the names that people read."""
    shown = {NAMES.get(name, name.replace("_", " ")): value for name, value in part.items()
             if isinstance(value, int | float) and name != "n_duplicates"}  # fmt: skip
    return {name: round(value, 2) for name, value in shown.items()}


def every_run() -> None:
    """The benchmarks' figures of all judge runs: a table for each judge, then one run closely."""
    rows = [row for row in session.all_runs() if row.answered and has_figures(row)]
    if not rows:
        st.info(
            "No benchmark is judged yet. Load one on the Data page, let a model answer, and judge with its own judge."
        )
        return
    judges, titles = contest.judge_names(), run_picker.labels(rows)
    for name in dict.fromkeys(row.spec["judge"]["name"] for row in rows):
        st.markdown(f"**`{name}`**")
        frame = [{"run": titles[row.run], "judge": judges[row.run],
                  **_flat(row.summary["official"])} for row in rows if row.spec["judge"]["name"] == name]  # fmt: skip
        st.dataframe(pd.DataFrame(frame), hide_index=True)
    chosen = run_picker.run_picker("One of them", ("judge",), "official", wanted=has_figures)
    if chosen:
        of_run(chosen)


def _plain(text: str) -> str:
    """Names and answers as they are, not as markup."""
    return "".join(rf"\{c}" if c in "*_[]`$<>~\\" else c for c in text)
