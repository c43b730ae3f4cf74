"""A benchmark on the Data page: which one, its files on the Hub or of one's own, and the run that loads it."""

from __future__ import annotations

import streamlit as st

from backend import benchmarks
from backend.benchmarks import BENCHMARKS, Part
from backend.specs import FileSource, LoadSpec

from . import command, session
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
    of = BENCHMARKS[name]
    st.caption(f"{of.cite}. Its judge here: {' or '.join(f'`{judge}`' for judge in of.judges)}.")
    spec, where = _found(name, tuple(_local(name)))
    st.caption(f"From {where}.")
    if not of.answers and spec.right_answers is None:
        st.warning(
            "Without the right answers mathematics, reasoning and coding are not judged as MT-Bench judges them."
        )
    title = st.text_input("Name", of.title, key=f"title {name}")
    command.launcher("Load", spec, title, note=where)


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
