"""Downloads of a judge run's verdicts in the layouts of other tools."""

from __future__ import annotations

from functools import partial

import streamlit as st

from backend.exchange import writing

from . import session


def show(run: str) -> None:
    """A button for each layout that can tell these verdicts; a file is made when its button is clicked."""
    ws = session.workspace()
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.caption("The verdicts for", width="content")
        for name in writing.fitting(ws, run):
            st.download_button(
                writing.TITLES[name], partial(writing.content, ws, run, name),
                f"{run}.{name}{writing.SUFFIX[name]}", key=f"export {name} {run}", icon=":material/download:",
                on_click="ignore",
            )  # fmt: skip
