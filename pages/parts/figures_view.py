"""What judge runs show and what to doubt; the official figures of benchmarks, whoever judged or recorded them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pandas as pd
import streamlit as st

from backend.commands.estimate import stopped
from backend.judges import length_controlled
from backend.judges.figures import TITLES, benchmark, official
from backend.report.mt_bench import KNOWN_BAD
from backend.specs import JudgeSpec
from backend.store.queries_runs import RunRow

from . import calibration_input, charts, contest, figure_words, run_picker, session
from .words import plain

LEFT_OUT = "without_known_bad"
NAME, FIGURE = st.column_config.TextColumn(width=270), st.column_config.NumberColumn(format="%.2f")
MOST = 4  # doubts that are shown at once


def has_figures(row: RunRow) -> bool:
    """Whether a run's verdicts are a benchmark's, with official figures."""
    return row.kind == "judge" and row.answered and bool(_benchmark(row) and row.summary.get("official"))


def of_question(spec: JudgeSpec) -> None:
    """What the run of a question found, if it has ended; for AlpacaEval's judge the place of the calibration files."""
    if benchmark(spec.judge.name) == length_controlled.ALPACA:
        calibration_input.show()
    of_run(spec.id)


def of_run(run: str) -> None:
    """What a run says and what to doubt, if it is an ended judge run, and its benchmark's figures."""
    row = next((r for r in session.all_runs() if r.run == run), None)
    if row and row.kind == "judge" and row.answered:
        said(run)
        if has_figures(row):
            _figures(row)


def said(run: str) -> None:
    """What one comparison allows to say, and every doubt about it."""
    row = next(r for r in session.all_runs() if r.run == run)
    notes = [stopped(row.summary), *row.summary.get("notes", [])]
    for note in filter(None, notes):  # a liking for a place, one answer again and again, what cannot be read
        st.warning(plain(note), icon=":material/report:")
    sentence(run)


def sentence(run: str) -> None:
    """What one comparison allows to say."""
    row = next(r for r in session.all_runs() if r.run == run)
    if row.summary.get("sentence"):
        st.markdown(f"**{plain(row.title)}**: {plain(row.summary['sentence'])}")


def doubts(runs: Iterable[str]) -> None:
    """The doubts about several comparisons in one box, one that several share said once."""
    wanted, found = set(runs), dict[str, list[str]]()
    for row in session.all_runs():
        for note in row.summary.get("notes", []) if row.kind == "judge" and row.run in wanted else ():
            found.setdefault(note, []).append(row.title)
    lines = [plain(f"{', '.join(names[:2])}{f' and {len(names) - 2} more' * (len(names) > 2)}: {note}")
             for note, names in found.items()]  # fmt: skip
    if len(lines) > MOST:
        lines[MOST:] = [f"{len(lines) - MOST} more; each run's stand with it on Runs."]
    if lines:
        st.warning("  \n".join(lines), icon=":material/report:")


def every_run() -> None:
    """The benchmarks' figures of all judge runs: a table for each, then one run closely."""
    rows = [row for row in session.all_runs() if has_figures(row)]
    if not rows:
        st.info("No benchmark is judged yet. Load one on the Data page, let a model answer, and judge with its own "
                "judge; or read recorded verdicts on the Judge page.")  # fmt: skip
        return
    judges, titles, alpaca = contest.judge_names(), run_picker.labels(rows), _alpaca(rows)
    for name in [name for name in TITLES if name in map(_benchmark, rows)]:
        of = [row for row in rows if _benchmark(row) == name]
        st.subheader(TITLES[name])
        found = figure_words.table(name, [(titles[r.run], _shown(r, alpaca), judges[r.run]) for r in of])
        shown = {"run": NAME} | dict.fromkeys(map(str, found.select_dtypes("float")), FIGURE)
        st.dataframe(found, hide_index=True, height="content", placeholder="–", column_config=shown)
        st.caption(figure_words.caption(name))
        if name == length_controlled.ALPACA:
            calibration_input.show()
    st.subheader("One run closely")
    if chosen := run_picker.run_picker("Run", ("judge",), "official", wanted=has_figures):
        of_run(chosen)


def _benchmark(row: RunRow) -> str | None:
    return benchmark(row.spec["judge"]["name"])


def _alpaca(rows: Iterable[RunRow]) -> contest.Stamps:
    """The runs of AlpacaEval's verdicts in their present state: one may tell another the benchmark's order."""
    return contest.stamps([r.run for r in rows if has_figures(r) and _benchmark(r) == length_controlled.ALPACA])


def _shown(row: RunRow, alpaca: contest.Stamps) -> dict[str, Any]:
    """The official figures of a run, AlpacaEval's with the length-controlled win rate and the raw one's interval."""
    if _benchmark(row) != length_controlled.ALPACA:
        return dict(row.summary["official"])
    ws = session.workspace()
    bounds = {f"win_rate_{end}": 100 * row.summary[end] for end in ("low", "high") if end in row.summary}
    return _controlled(str(ws.root), row.run, alpaca, str(length_controlled.kept(ws))) | bounds


@st.cache_data(show_spinner="Controlling for length…", max_entries=256)
def _controlled(root: str, run: str, states: contest.Stamps, setting: str) -> dict[str, Any]:
    """The figures of one of AlpacaEval's runs; the other arguments are what they may change with."""
    return length_controlled.figures(session.workspace(), run, dict.fromkeys(dict(states), length_controlled.ALPACA))


def _figures(row: RunRow) -> None:
    """All figures of a run; MT-Bench's also without the questions whose reference answer is wrong."""
    rows = {"all questions": _shown(row, _alpaca(session.all_runs()))}
    if str(_benchmark(row)).startswith("mt_bench"):
        left_out = st.toggle("Also without the 13 questions whose reference answer is wrong", key=LEFT_OUT,
                             bind="query-params", help=f"Questions {', '.join(sorted(KNOWN_BAD))}: lm-sys/FastChat, "
                             "pull request 3158. Both turns are left out.")  # fmt: skip
        if left_out and (rest := _without(str(session.workspace().root), row.run, row.status)):
            rows["without the 13"] = rest
    left, right = st.columns([2, 3], gap="large")
    left.dataframe(figure_words.every(rows), height="content")
    left.caption("  \n".join(rows["all questions"].get("length_notes", [])))
    if len(rates := figure_words.rates(rows["all questions"])) > 1:
        right.altair_chart(charts.intervals(rates, "win rate"), key=f"rates {row.run}")
        kept = length_controlled.kept(session.workspace())
        right.caption(figure_words.sources(calibration_input.names(kept), kept.align if kept else ""))
    grades = [{"name": category, "value": value, "series": name} for name, part in rows.items()
              for category, value in (part.get("categories") or {}).items() if value is not None]  # fmt: skip
    if grades:
        right.altair_chart(charts.points(pd.DataFrame(grades), "mean grade", (1, 10)), key=f"grades {row.run}")


@st.cache_data(show_spinner=False, max_entries=64)
def _without(root: str, run: str, status: str) -> dict[str, Any] | None:
    """The figures without the known-bad questions; `root` and `status` are what they may change with."""
    return official(session.workspace(), run, KNOWN_BAD)
