"""What a measure run would cost on this machine: asked for before the click, shown beside what came true."""

from __future__ import annotations

import streamlit as st

from backend import devices, runs
from backend.commands import duration
from backend.commands.estimate import words
from backend.specs import EstimateSpec, MeasureSpec

from . import command, problems, run_status, session


def offer(spec: MeasureSpec) -> None:
    """A button that estimates; what the estimate says; how it compares once the run has finished."""
    ws = session.workspace()
    asked = EstimateSpec(of=spec, machine=devices.machine())
    took = ws.result(spec.id) or {}
    estimate = (ws.result(asked.id) or {}).get("summary")
    if estimate and took.get("outcome") == "finished":
        st.caption(f"Estimated {duration(estimate['seconds'])}, took {duration(took['seconds'])}.")
    elif estimate:
        st.info(f"{words(estimate)} On {asked.machine}.", icon=":material/timer:")
    elif spec.model is not None and not took:
        live = (ws.folder(asked.id) / "spec.json").exists() and runs.status(ws, asked.id) in runs.LIVE
        pressed = st.button("Estimate the cost", icon=":material/timer:", disabled=live, key="estimate",
                            help="Counts the tokens and times a few seconds of them on this machine.")  # fmt: skip
        if pressed:
            with problems.shown():
                runs.launch(ws, asked, command.about(f"Estimate: {spec.measure}"))
                st.rerun()
        if (ws.folder(asked.id) / "spec.json").exists():
            run_status.follow(asked.id)
