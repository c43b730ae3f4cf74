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
    """The arguments that the choice of a place settles, for `checked`; the member's form asks for the others."""
    if "endpoint" not in member.arguments.model_fields:
        return {}
    place = st.segmented_control(
        "Where the judge runs", (HOSTED, RUNNING, HERE), default=HOSTED, required=True, key="place", bind="query-params"
    )
    if place == HERE:
        return {"model": _here(), "endpoint": None}
    return {"endpoint": _server() if place == RUNNING else None}


def checked(given: Mapping[str, Any]) -> None:
    """BadSpec where a place was chosen but not what it needs."""
    if given.get("endpoint") == "":
        raise BadSpec("give the server's base URL; it mostly ends in /v1.")
    if "model" in given and given["model"] is None:
        raise BadSpec("choose the model that judges: one trained here, a folder, or the Hub's.")


def _server() -> str:
    return st.text_input("Base URL of the server", key="endpoint", placeholder="http://localhost:8000/v1",
                         bind="query-params").strip()  # fmt: skip


def _here() -> dict[str, Any] | None:
    """A model of this machine or the Hub, by its content; None until one is chosen."""
    with problems.shown():
        devices.vllm_server()  # said before a model is chosen, and again by the launch
    model = run_picker.model_picker("The judge's model", "judge.model")
    return model.model_dump(mode="json") if model else None
