"""AlpacaEval's two calibration files, which the workspace keeps for its length-controlled win rates."""

from __future__ import annotations

from typing import get_args

import streamlit as st

from backend.judges.length_controlled import Align, Setting, keep, kept

from . import file_input, problems, session

PLACE = "`instruction_difficulty.csv` and `df_gamed.csv` of the official hub dataset; given once, for all runs here."
ALIGN: dict[Align, str] = {"instruction": "its instruction", "position": "its place (as on the published table)"}


def show() -> None:
    """What is in use, and where to give others."""
    ws = session.workspace()
    now = kept(ws)
    with st.expander("AlpacaEval's length-controlled win rate", icon=":material/straighten:", expanded=False):
        st.caption(f"In use: {', '.join(names(now))}." if now else f"Needs two files: {PLACE}")
        with problems.shown():
            left, right = st.columns(2)
            with left:
                difficulty = file_input.file_input("Difficulty of the questions", "calibration.difficulty")
            with right:
                gamed = file_input.file_input("Verbose and concise variants of the baseline", "calibration.gamed")
            align = st.segmented_control(
                "A row finds its difficulty by", get_args(Align), format_func=ALIGN.__getitem__, required=True,
                default=now.align if now else "instruction", key="calibration.align",
                help="By place is wrong where rows are missing: questions then have the difficulty of others.",
            )  # fmt: skip
            first = difficulty or (now.difficulty if now else None)
            second = gamed or (now.gamed if now else None)
            new = Setting(difficulty=first, gamed=second, align=align) if first and second else now
            if new and new != now and st.button("Keep these files", icon=":material/save:"):
                keep(ws, new)
                st.rerun()


def names(of: Setting | None) -> list[str]:
    """The names of the two files."""
    ws = session.workspace()
    return [ws.adopted_name(digest) or digest[:12] for digest in (of.difficulty, of.gamed)] if of else []
