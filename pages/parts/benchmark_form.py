"""A benchmark on the Data page: which one, its files on the Hub or of one's own, and the run that loads it."""

from __future__ import annotations

import streamlit as st

from backend import benchmarks, runs
from backend.benchmarks import BENCHMARKS, Part
from backend.specs import FileSource, LoadSpec

from . import command, problems, session
from .file_input import rows_input

Local = tuple[tuple[Part, FileSource], ...]


def benchmark_form() -> None:
    """The benchmark, what it is made of, and the button that loads it."""
    name = st.selectbox("Benchmark", list(BENCHMARKS), index=None, key="benchmark", bind="query-params",
                        format_func=lambda n: BENCHMARKS[n].title, placeholder="choose one")  # fmt: skip
    if name is None:
        st.info("Choose a benchmark. Its questions, and the baseline's answers where it has a baseline, come from the "
                "Hub, or from files of yours in the official layout.")  # fmt: skip
        return
    ws, of = session.workspace(), BENCHMARKS[name]
    st.caption(f"{of.cite}. Its judge here: {' or '.join(f'`{judge}`' for judge in of.judges)}.")
    local = tuple(_local(name))
    if not of.answers and "reference" not in dict(local):
        st.warning(
            "Without the right answers mathematics, reasoning and coding are not judged as MT-Bench judges them."
        )
    asked = f"asked the Hub for {name}"
    missing = [str(place) for part, place in of.places.items() if part not in dict(local)]
    if missing and not st.session_state.get(asked):
        st.caption(f"From the Hub, which is asked when you load it: {', '.join(missing)}. Your own copies do as well.")
        title = st.text_input("Name", of.title, key=f"title {name}")
        if command.button("Load"):
            with problems.shown():
                spec, where = _found(name, local)
                runs.launch(ws, spec, command.about(title, where))
                st.session_state[asked] = True
                st.rerun()
        own = [word for part, file in local for word in (f"--{part}", ws.adopted_name(file.sha256) or "")]
        command.equivalent("load", "--benchmark", name, *own)
        return
    spec, where = _found(name, local)
    st.caption(f"From {where}.")
    command.launcher("Load", spec, command.name(spec, of.title, f"title {name}"), note=where)


def _local(name: str) -> list[tuple[Part, FileSource]]:
    """The files that the user gives instead of the Hub's."""
    of, found = BENCHMARKS[name], []
    for part, says in of.says.items():
        place = of.places.get(part)
        given = rows_input(says[0].upper() + says[1:], f"{name}.{part}",
                           placeholder=f"from the Hub: {place}" if place else "none")  # fmt: skip
        if given:
            found.append((part, given))
    return found


@st.cache_data(show_spinner="Fetching from the Hub…", ttl=600)
def _found(name: str, local: Local) -> tuple[LoadSpec, str]:
    return benchmarks.load_spec(session.workspace(), name, dict(local))
