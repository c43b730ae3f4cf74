"""What a judge will be sent first, and how a reply of it would be read: before any money is spent."""

from __future__ import annotations

import streamlit as st

from backend.judges.preview import Preview, Request, preview
from backend.specs import JudgeSpec
from backend.terms import Terms

from . import session

SHOWN = {
    "candidate_first": "The candidate's answer is shown first.",
    "reference_first": "The reference's answer is shown first.",
    "unordered": "The candidate's answer is shown alone.",
}


def of(spec: JudgeSpec, terms: Terms | None) -> Preview | None:
    """Request and estimate, in one pass over the answers; BadInput where the question cannot be asked so."""
    ws, model = session.workspace(), spec.judge.args.get("model")
    price = terms.price(ws, model) if terms and isinstance(model, str) else None
    given = Terms(price_in=price.input, price_out=price.output) if price else Terms()
    return _preview(
        str(ws.root), spec.canonical(), given.model_dump_json(), str((ws.result(spec.id) or {}).get("ended"))
    )


@st.cache_resource(show_spinner="Filling the template and counting what would be asked…", max_entries=16, ttl=60)
def _preview(root: str, question: str, terms: str, outcome: str) -> Preview | None:
    """Counted again after each launch: what was said then is known."""
    spec = JudgeSpec.model_validate_json(question)
    return preview(session.workspace(), spec, Terms.model_validate_json(terms))


def show(found: Request) -> None:
    """The first request, and a box to paste a reply into."""
    with st.expander("What the judge will be sent", icon=":material/outgoing_mail:"):
        settings = ", ".join(f"{name} {value}" for name, value in found.settings.items())
        st.caption(f"The first request. {SHOWN[found.asked.order]} Sent with {settings}.")
        for message in found.messages:
            st.caption(f"**{message['role']}**")
            st.code(message["content"], language=None, wrap_lines=True)
        reply = st.text_area("Try a reply: how would it be read?", key="judge.try", height=100,
                             placeholder="Paste what a judge said; for log-probs the completion as JSON.")  # fmt: skip
        if reply.strip():
            said = found.reads(reply)
            (st.warning if said.startswith("cannot") else st.success)(f"Read as: {said}", icon=":material/search:")
