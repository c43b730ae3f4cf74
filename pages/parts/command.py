"""The command that does the same as a page, and the button that does it here."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import streamlit as st

from backend import runs
from backend.errors import WinnowError
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
    if button(word, f"launch {label}", disabled=word != label):
        with problems.shown():
            runs.launch(ws, spec, about(title, note), terms=terms)
            st.rerun()
    if asked:
        run_status.follow(run)
    if words:
        equivalent(*words)
    else:
        equivalent_run(spec.canonical())


def button(label: str, key: str = "", *, disabled: bool = False) -> bool:
    """The button that asks a question."""
    return st.button(label, type="primary", icon=":material/play_arrow:", disabled=disabled, key=key or f"ask {label}")


@contextmanager
def refusing(label: str) -> Iterator[None]:
    """Where what is chosen cannot be asked: the launcher's button, which cannot be pressed then, and why."""
    try:
        yield
    except WinnowError:
        with st.container(horizontal=True, vertical_alignment="center"):
            button(label, f"refused {label}", disabled=True)
            with problems.shown():
                raise


def name(spec: Spec, default: str, key: str) -> str:
    """The box for a run's name; a run that exists is renamed in it."""
    if (session.workspace().folder(spec.id) / "spec.json").exists():
        return rename(spec.id, default)
    return st.text_input("Name", key=key, placeholder=default) or default


def rename(run: str, default: str) -> str:
    """The box that shows a run's name and changes it."""
    ws = session.workspace()
    known = str(ws.about(run).get("title") or default)
    key = f"name of {run}, so far {known}"  # a box of its own for each name: it shows the one that is true

    def keep() -> None:
        if typed := st.session_state[key].strip():
            runs.rename(ws, run, typed)

    return st.text_input("Name", known, key=key, on_change=keep, help="Another name renames the run.")


def about(title: str, note: str = "") -> Mapping[str, Any]:
    """What is remembered beside the question."""
    return {name: text for name, text in (("title", title), ("note", note)) if text}
