"""A file by its path on this machine or as an upload."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import streamlit as st

from . import session


def file_input(label: str, key: str, *, placeholder: str = "none", help: str | None = None) -> tuple[str, str] | None:
    """The sha256 of a file, which the workspace knows from now on, and its name; None until one is given."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        path = st.text_input(label, key=key, placeholder=placeholder, help=help, bind="query-params").strip()
        with st.popover("Upload", icon=":material/upload:", width="content"):
            file = st.file_uploader(label, key=f"{key}.upload", label_visibility="collapsed")
    if file:
        st.caption(f"{label}: the upload **{file.name}**")
        return _uploaded(file.file_id, file.name, file), file.name
    return (_adopted(path), Path(path).name) if path else None


@st.cache_data(show_spinner="Keeping the upload…")
def _uploaded(file_id: str, name: str, _file: Any) -> str:
    return session.workspace().adopt_bytes(_file.getvalue(), Path(name).name)


@st.cache_data(show_spinner="Reading the file…", ttl=30)
def _adopted(path: str) -> str:
    return session.workspace().adopt(path)
