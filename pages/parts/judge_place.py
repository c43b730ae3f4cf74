"""Where a judge model runs: behind the hosted API, on a server that is running, or here with vLLM."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from backend import devices
from backend.errors import BadSpec
from backend.registry import Member

from . import problems, run_picker

HOSTED, RUNNING, HERE = "Hosted API", "A running server", "Here, with vLLM"


def given(member: Member) -> Mapping[str, Any]:
    """The arguments that the choice of a place settles; the member's form asks for the others."""
    if "endpoint" not in member.arguments.model_fields:
        return {}
    place = st.segmented_control(
        "Where the judge runs", (HOSTED, RUNNING, HERE), default=HOSTED, required=True, key="place", bind="query-params"
    )
    if place == HERE:
        return {"model": _here(), "endpoint": None}
    return {"endpoint": _server() if place == RUNNING else None}


def _server() -> str:
    url = st.text_input("Base URL of the server", key="endpoint", placeholder="http://localhost:8000/v1",
                        bind="query-params")  # fmt: skip
    if not url:
        raise BadSpec("give the server's base URL; it mostly ends in /v1.")
    return url.strip()


def _here() -> dict[str, Any]:
    """A model of this machine or the Hub, by its content."""
    with problems.shown():
        devices.vllm_server()  # said before a model is chosen, and again by the launch
    model = run_picker.model_picker("The judge's model", "judge.model")
    if model is None:
        raise BadSpec("choose the model that judges: one trained here, a folder, or the Hub's.")
    return model.model_dump(mode="json")
