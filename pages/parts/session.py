"""The workspace and its index, shared by all browser sessions of this server."""

from __future__ import annotations

import os

import streamlit as st

from backend.commands import DEFAULT_WORKSPACE
from backend.store.database import Index, open_index
from backend.store.queries_runs import RunRow, overview
from backend.workspace import Workspace


def workspace() -> Workspace:
    """The workspace of WINNOW_WORKSPACE, or data/ of this checkout."""
    return _workspace(os.environ.get("WINNOW_WORKSPACE") or str(DEFAULT_WORKSPACE))


@st.cache_resource(show_spinner=False)
def _workspace(root: str) -> Workspace:
    return Workspace.open(root)


def index() -> Index:
    """The refreshed index. Where the file was deleted while we hold it, it is made anew."""
    ws = workspace()
    found = _index(str(ws.root))
    if not found.path.exists():
        forget(ws)
        found = _index(str(ws.root))
    found.refresh()
    return found


@st.cache_resource(show_spinner=False)
def _index(root: str) -> Index:
    return open_index(Workspace(root))


def forget(ws: Workspace) -> None:
    """Gives the index of a workspace back; the next look opens it again."""
    _index(str(ws.root)).close()
    _index.clear(str(ws.root))


def all_runs() -> list[RunRow]:
    """Every run of the workspace, newest first."""
    return overview(index())
