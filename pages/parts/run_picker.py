"""Pickers of runs and models. What is picked stands in the URL by the run's id, so that a link opens the same view."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import streamlit as st

from backend import hub
from backend.errors import BadInput
from backend.specs import HubModel, LocalModel, ModelRef, RunModel
from backend.store.queries_runs import RunRow

from . import session

GONE = "it was deleted, or the link is from another workspace."


def run_picker(
    label: str, kinds: tuple[str, ...], key: str, *, wanted: Callable[[RunRow], bool] | None = None,
    prefer: Callable[[RunRow], Any] | None = None, optional: bool = False, help: str | None = None,
) -> str | None:  # fmt: skip
    """One answered run of these kinds, what `prefer` ranks highest and then the newest first; None where none is."""
    rows = [r for r in session.all_runs() if r.kind in kinds and r.answered and (wanted is None or wanted(r))]
    if prefer:
        rows.sort(key=prefer, reverse=True)
    titles = labels(rows)
    ids: list[str | None] = [*([None] if optional else []), *titles]
    at = start(key, ids, st.query_params.get(key))
    chosen = st.selectbox(
        label, ids, index=at, key=key, help=help, disabled=not rows,
        format_func=lambda run: titles[run] if run else "none", persist_state="session",
        placeholder=f"no finished {' or '.join(kinds)} run",
    )  # fmt: skip
    if chosen:
        st.query_params[key] = chosen
    else:
        st.query_params.pop(key, None)
    return chosen


def start(key: str, options: Sequence[str | None], linked: str | None) -> int:
    """Where a select box begins: at what a link names, else at its first option, which is said.

    A box that holds an option which is gone is set to that, not just forgotten: the browser would go on showing the old
    words while the page works with other ones.
    """
    at = options.index(linked) if linked in options else 0
    _say_gone(key, options, linked)
    if options and key in st.session_state:
        if st.session_state[key] not in options:
            st.session_state[key] = options[at]
        return 0
    return at


def _say_gone(key: str, options: Sequence[str | None], linked: str | None) -> None:
    """A link to what cannot be chosen is said until something is: nobody pays for another run without a word of it."""
    note, asked = f"{key}: gone", key in st.session_state
    if linked and linked not in options:
        here = linked in {row.run for row in session.all_runs()}
        if not here:
            st.session_state[note] = f"There is no {linked!r} here: {GONE}"
        elif not asked:  # later on another box may have taken it away
            st.session_state[note] = f"{linked!r} cannot be chosen here: it is not finished, or of another kind."
    elif asked and st.session_state[key] != linked:
        st.session_state.pop(note, None)
    if note in st.session_state:
        st.warning(st.session_state[note])


def labels(rows: Iterable[RunRow]) -> dict[str, str]:
    """run → its title; runs of the same title also show the beginning of their id."""
    rows = list(rows)
    times = Counter(row.title for row in rows)
    return {r.run: r.title if times[r.title] == 1 else f"{r.title} · {r.run.split('-')[1][:4]}" for r in rows}


def title_of(run: str) -> str:
    """The title of a run, or its id where it has none."""
    return next((row.title for row in session.all_runs() if row.run == run), run)


MODEL_PLACES = ("A run", "A folder", "The Hub")


def model_picker(label: str, key: str, methods: tuple[str, ...] = ("sft", "dpo")) -> ModelRef | None:
    """A model: of a train run, in a local folder, or on the Hub; None until one is chosen."""
    place = st.segmented_control(
        label, MODEL_PLACES, default=MODEL_PLACES[0], required=True, key=f"{key}.place", bind="query-params"
    )
    if place == "A folder":
        return _adapted(_folder(key), key)
    if place == "The Hub":
        return _adapted(_on_hub(key), key)
    run = run_picker("Model", ("train",), f"{key}.run", wanted=lambda r: r.spec.get("method") in methods)
    return RunModel(run=run) if run else None


def _adapted(model: ModelRef | None, key: str) -> ModelRef | None:
    """The model with the LoRA adapter that is laid over it, if one is named."""
    path = st.text_input("LoRA adapter over it, if any: its folder", key=f"{key}.adapter", bind="query-params")
    return model.model_copy(update={"adapter": _hash(path.strip())}) if model and path.strip() else model


def _folder(key: str) -> ModelRef | None:
    path = st.text_input("Folder with the model's files", key=f"{key}.path", bind="query-params")
    random = st.checkbox("Start from random weights (only its config is used)", key=f"{key}.random")
    if not path:
        return None
    return LocalModel(sha256=_hash(path.strip()), random=random)


@st.cache_data(show_spinner="Reading the model's files…", ttl=60)
def _hash(path: str) -> str:
    return session.workspace().adopt(path)


def _on_hub(key: str) -> ModelRef | None:
    repo = st.text_input("Model id", key=f"{key}.repo", placeholder="organisation/model", bind="query-params")
    revision = st.text_input("Revision", key=f"{key}.revision", placeholder="main", bind="query-params")
    if not repo:
        return None
    if repo.count("/") != 1:
        raise BadInput(f"{repo!r} is no model id; it must be organisation/model.")
    return _pinned(repo.strip(), revision.strip() or None)


@st.cache_data(show_spinner="Asking the Hub…", ttl=600)
def _pinned(repo: str, revision: str | None) -> HubModel:
    return hub.model(repo, revision)


def model_title(model: ModelRef) -> str:
    """What a model is called in titles."""
    if isinstance(model, RunModel):
        return title_of(model.run)
    if model.adapter:
        base = model_title(model.model_copy(update={"adapter": None}))
        return f"{base} + {session.workspace().adopted_name(model.adapter) or 'adapter'}"
    if isinstance(model, HubModel):
        return model.repo
    return session.workspace().adopted_name(model.sha256) or "model"
