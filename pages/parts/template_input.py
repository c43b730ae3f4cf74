"""A template file: uploaded, written here, or on this machine. What is chosen stands in the URL by its content."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from . import session

PLACES = ("Upload", "Write it here", "A file on this machine")


def template_input(label: str, key: str, *, optional: bool) -> str | None:
    """The sha256 of the template, which the workspace keeps; None until there is one."""
    ws = session.workspace()
    first = None if optional else PLACES[0]
    place = st.segmented_control(label, PLACES, default=first, required=not optional, key=f"{key}.place")
    digest: str | None = None
    if place == "Upload":
        file = st.file_uploader(label, key=f"{key}.file", label_visibility="collapsed")
        digest = ws.adopt_bytes(file.getvalue(), Path(file.name).name) if file else None
    elif place == "Write it here":
        text = st.text_area(label, key=f"{key}.text", height=220, label_visibility="collapsed",
                            placeholder="{question}\n\nAnswer A: {answer_a}\n\nAnswer B: {answer_b}\n\n…")  # fmt: skip
        digest = ws.adopt_bytes(text.encode(), "template.txt") if text.strip() else None
    elif place:
        path = st.text_input("Path", key=f"{key}.path", placeholder="~/judge_prompts.jsonl").strip()
        digest = ws.adopt(path) if path else None
    return _linked(key, digest)


def _linked(key: str, digest: str | None) -> str | None:
    """What was just chosen, else what the link names, with a way to take it back."""
    if digest:
        st.query_params[key] = digest
        return digest
    known = st.query_params.get(key)
    if not known:
        return None
    words, button = st.columns([4, 1], vertical_alignment="center")
    words.caption(f"In use: **{session.workspace().adopted_name(known) or 'a file that is gone'}** ({known[:12]}…)")
    if button.button("Remove", key=f"{key}.remove"):
        del st.query_params[key]
        return None
    return known
