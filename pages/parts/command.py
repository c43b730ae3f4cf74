"""The command that does the same as a page, and the button that does it here."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from typing import Any

import streamlit as st

from backend import runs
from backend.specs import Spec
from backend.terms import Terms

from . import problems, run_status, session


def equivalent(*words: str) -> None:
    """Shows the command line that does what this page does."""
    _show(f"python -m backend {shlex.join(words)}")


def equivalent_run(question: str) -> None:
    """Shows the command line that asks a question given as JSON."""
    _show(f"echo {shlex.quote(question)} | python -m backend run -")


def _show(line: str) -> None:
    with st.expander("The same on the command line", icon=":material/terminal:"):
        st.code(line, language="bash", wrap_lines=True)


def launcher(
    label: str,
    spec: Spec,
    title: str = "",
    *,
    words: tuple[str, ...] = (),
    terms: Terms | None = None,
    note: str = "",
) -> None:
    """A button that asks the question, how far the run is, and the command that does the same."""
    ws, run = session.workspace(), spec.id
    asked = (ws.folder(run) / "spec.json").exists()
    status = runs.status(ws, run) if asked else None
    word = {"finished": "Already answered", "running": "Running", "waiting": "Waiting"}.get(status or "", label)
    if st.button(word, type="primary", icon=":material/play_arrow:", disabled=word != label, key=f"launch {label}"):
        with problems.shown():
            runs.launch(ws, spec, about(title, note), terms=terms)
            st.rerun()
    if asked:
        run_status.follow(run)
    if words:
        equivalent(*words)
    else:
        equivalent_run(spec.canonical())


def about(title: str, note: str = "") -> Mapping[str, Any]:
    """What is remembered beside the question."""
    return {name: text for name, text in (("title", title), ("note", note)) if text}
