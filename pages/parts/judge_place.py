"""Where a judge model runs: behind the hosted API, on a server that is running, or here with vLLM."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from backend import devices
from backend.registry import Member

from . import member_form, problems, run_picker

HOSTED, RUNNING, HERE = "Hosted API", "A running server", "Here, with vLLM"
NAMED = "the name of the judge's model, as its server knows it"


def given(member: Member) -> Mapping[str, Any]:
    """The arguments that the choice of a place settles, for `checked`; the member's form asks for the others."""
    if "endpoint" not in member.arguments.model_fields:
        return {}
    place = st.segmented_control(
        "Where the judge runs", (HOSTED, RUNNING, HERE), default=HOSTED, required=True, key="place", bind="query-params"
    )
    if place == HERE:
        return {"model": _here(), "endpoint": None}
    return {"endpoint": _server() if place == RUNNING else None}


def missing(member: Member, given: Mapping[str, Any]) -> list[str]:
    """What is still to be given before the judge can be asked, in words."""
    place = ["the server's base URL, which mostly ends in /v1"] if given.get("endpoint") == "" else []
    if "model" in given and given["model"] is None:
        place = ["the model that judges: one trained here, a folder, or the Hub's"]
    return [*place, *(NAMED if name == "model" else name for name in member_form.missing(member, given))]


def _server() -> str:
    return st.text_input("Base URL of the server", key="endpoint", placeholder="http://localhost:8000/v1",
                         bind="query-params").strip()  # fmt: skip


def _here() -> dict[str, Any] | None:
    """A model of this machine or the Hub, by its content; None until one is chosen."""
    with problems.shown():
        devices.vllm_server()  # said before a model is chosen, and again by the launch
    model = run_picker.model_picker("The judge's model", "judge.model")
    return model.model_dump(mode="json") if model else None
