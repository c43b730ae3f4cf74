"""What a judge will be sent first, and how a reply of it would be read: before any money is spent."""

from __future__ import annotations

import streamlit as st

from backend.judges.preview import Preview, preview
from backend.specs import JudgeSpec

from . import problems, session

SHOWN = {
    "candidate_first": "The candidate's answer is shown first.",
    "reference_first": "The reference's answer is shown first.",
    "unordered": "The candidate's answer is shown alone.",
}


def show(spec: JudgeSpec) -> None:
    """The first request, and a box to paste a reply into."""
    with st.expander("What the judge will be sent", icon=":material/outgoing_mail:"), problems.shown():
        found = _preview(spec.canonical(), spec)
        if found is None:
            st.caption("Nothing: it asks no endpoint, or all answers are identical.")
            return
        settings = ", ".join(f"{name} {value}" for name, value in found.settings.items())
        st.caption(f"The first request. {SHOWN[found.order]} Sent with {settings}.")
        for message in found.messages:
            st.caption(f"**{message['role']}**")
            st.code(message["content"], language=None, wrap_lines=True)
        reply = st.text_area("Try a reply: how would it be read?", key="judge.try", height=100,
                             placeholder="Paste what a judge said; for log-probs the completion as JSON.")  # fmt: skip
        if reply.strip():
            said = found.reads(reply)
            (st.warning if said.startswith("cannot") else st.success)(f"Read as: {said}", icon=":material/search:")


@st.cache_resource(show_spinner="Filling the template…", max_entries=20, ttl=600)
def _preview(question: str, _spec: JudgeSpec) -> Preview | None:
    return preview(session.workspace(), _spec)
