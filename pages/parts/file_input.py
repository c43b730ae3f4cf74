"""A file: by its path on this machine, uploaded, or written here. What is chosen stands in the URL."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import streamlit as st

from backend import files, sources
from backend.specs import FileSource

from . import session

KEPT = re.compile(r"[0-9a-f]{64}")  # how the URL names what has no path: by its content


def file_input(
    label: str, key: str, *, placeholder: str = "none", help: str | None = None, written: str | None = None
) -> str | None:
    """The sha256 of a file, which the workspace knows from now on; None until one is given.

    `written`: an example of what may be written in place of a file.
    """
    linked = st.query_params.get(key, "")
    kept = linked if KEPT.fullmatch(linked) else None
    with st.container(horizontal=True, vertical_alignment="bottom"):
        path = st.text_input(
            label, "" if kept else linked, key=f"{key}.path", placeholder=placeholder, help=help
        ).strip()
        with st.popover("Upload", icon=":material/upload:", width="content"):
            file = st.file_uploader(label, key=f"{key}.file", label_visibility="collapsed")
        text = _written(label, key, written) if written else ""
    if file:
        return _in_use(key, _uploaded(file.file_id, file.name, file))
    if text:
        return _in_use(key, session.workspace().adopt_bytes(text.encode(), "template.txt"))
    if path:
        st.query_params[key] = path
        return _adopted(path)
    if kept:
        return _taken_up(key, kept)
    st.query_params.pop(key, None)
    return None


def rows_input(label: str, key: str, **more: Any) -> FileSource | None:
    """A file of rows; BadData where its ending says that it is none."""
    digest = file_input(label, key, **more)
    if digest is None:
        return None
    return FileSource(sha256=digest, suffix=files.suffix_of(session.workspace().adopted_name(digest) or ""))


def _written(label: str, key: str, example: str) -> str:
    with st.popover("Write it here", icon=":material/edit:", width="content"):
        text = st.text_area(label, key=f"{key}.text", height=320, width=640, placeholder=example)
    return text if text.strip() else ""


def _in_use(key: str, digest: str) -> str:
    st.query_params[key] = digest
    st.caption(f"In use: **{session.workspace().adopted_name(digest)}** ({digest[:12]}…)")
    return digest


def _taken_up(key: str, digest: str) -> str | None:
    """What the link names by its content, with a way to take it back; NotFound where it is gone."""
    words, button = st.columns([4, 1], vertical_alignment="center")
    if button.button("Remove", key=f"{key}.remove"):
        del st.query_params[key]
        return None
    with words:
        session.workspace().adopted(digest)
        return _in_use(key, digest)


@st.cache_data(show_spinner="Keeping the upload…")
def _uploaded(file_id: str, name: str, _file: Any) -> str:
    return session.workspace().adopt_bytes(_file.getvalue(), Path(name).name)


@st.cache_data(show_spinner="Reading the file…", ttl=30)
def _adopted(path: str) -> str:
    return sources.adopted(session.workspace(), path)
