"""Where rows come from: a file or a dataset on the Hub, and what belongs beside them."""

from __future__ import annotations

from typing import Any

import streamlit as st

from backend import hub, sources
from backend.formats.detection import answers_alone
from backend.specs import FileSource, HubSource, Source

from . import session
from .file_input import rows_input

PLACES = ("A file", "The Hub")


def source_input(place: str) -> tuple[Source, str] | None:
    """Where the rows are, and a name for them; None until something is chosen."""
    if place == "The Hub":
        return _on_hub()
    file = rows_input("Path of a file of JSON, JSON Lines, CSV or Parquet, also .gz", "path",
                      placeholder="~/data/pairs.jsonl.gz")  # fmt: skip
    return (file, _named(file)) if file else None


@st.cache_data(show_spinner=False)
def _named(file: FileSource) -> str:
    """The model whose answers a file holds, or the file's name."""
    ws = session.workspace()
    return sources.title(ws, file, ws.adopted_name(file.sha256) or "")


def _on_hub() -> tuple[Source, str] | None:
    """A dataset on the Hub, pinned to a commit."""
    columns = st.columns([3, 2, 1, 2])
    repo = columns[0].text_input("Dataset id", key="repo", placeholder="organisation/dataset", bind="query-params")
    config = columns[1].text_input("Config", key="config", placeholder="default", bind="query-params")
    split = columns[2].text_input("Split", "train", key="split", bind="query-params")
    revision = columns[3].text_input("Revision", key="revision", placeholder="main", bind="query-params")
    if not repo:
        return None
    return _pinned(repo.strip(), config.strip() or None, split.strip(), revision.strip() or None), repo


@st.cache_data(show_spinner="Asking the Hub…", ttl=600)
def _pinned(repo: str, config: str | None, split: str, revision: str | None) -> HubSource:
    """The dataset at the commit that the revision means today."""
    return hub.source(repo, config, split, revision)


def files_beside(seen: sources.Preview) -> dict[str, Any] | None:
    """What belongs beside answers that only name their questions; None until it is given, nothing for other rows."""
    if not answers_alone(seen.rows[0]):
        return {}
    questions = rows_input("The benchmark's questions", "questions", placeholder="question.jsonl")
    right = rows_input(
        "MT-Bench: its right answers", "right_answers", placeholder="reference_answer/gpt-4.jsonl, if any"
    )
    if not questions:
        st.info("These are a model's answers to a benchmark; name or upload its question.jsonl as well.")
        return None
    return {"questions": questions.model_dump(), **({"right_answers": right.model_dump()} if right else {})}
