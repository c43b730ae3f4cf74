"""Which judge runs are reviewed: all that compare two answers, those of a study, one; the same of those that grade."""

from __future__ import annotations

import streamlit as st

from . import run_picker

PAIRS, GRADES = "all pairs", "all grades"
Groups = dict[str, tuple[str, list[dict]]]  # name in the URL → title, judge runs


def pick(rows: list[dict]) -> list[dict]:
    """The chosen ones of `queries_results.judge_rows`: all compare two answers, or all grade one."""
    pairs, grades = ([r for r in rows if bool(r["reference"]) == compared] for compared in (True, False))
    there = _groups(pairs, PAIRS) | _groups(grades, GRADES)
    at = run_picker.start("verdicts", list(there), st.query_params.get("verdicts"))
    picked = st.selectbox("Verdicts", there, at, key="verdicts", format_func=lambda name: there[name][0])
    st.query_params["verdicts"] = picked
    return there[picked][1]


def _groups(rows: list[dict], every: str) -> Groups:
    if not rows:
        return {}
    kind = " (grades)" * (every == GRADES)
    studies = {
        f"{study}{kind}": (f"Study {study}{kind}", [r for r in rows if r["study"] == study])
        for study in dict.fromkeys(r["study"] for r in rows if r["study"])
    }
    one_each = {r["run"]: (f"{r['title'] or r['run']}{kind}", [r]) for r in rows}
    title = f"{every.capitalize()} ({len(rows):,} judge run{'s'[: len(rows) > 1]})"
    return {every: (title, rows), **studies, **one_each}
