"""What a judge run would take, before the click; what it took; and the prices that both rest on."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from backend import terms as all_terms
from backend.commands.estimate import judging
from backend.judges.preview import Forecast
from backend.specs import JudgeSpec
from backend.terms import SERVED, Price, Terms

from . import session

COLUMNS = {
    "model": st.column_config.TextColumn("model", required=True),
    "input": st.column_config.NumberColumn("prompts", min_value=0.0, required=True, format="$%.2f"),
    "output": st.column_config.NumberColumn("replies", min_value=0.0, required=True, format="$%.2f"),
}


def offer(spec: JudgeSpec, found: Forecast) -> None:
    """What a launch would take at most; where there was one, what it took."""
    result = session.workspace().result(spec.id) or {}
    took = result.get("summary", {})
    if result.get("outcome") == "finished":
        st.caption(f"It took {_spent(took)}." + _estimated(took.get("estimate")))
        with st.container(horizontal=True):
            st.page_link("pages/results.py", label="Results", icon=":material/leaderboard:")
            st.page_link("pages/review.py", label="Review its verdicts", query_params={"verdicts": spec.id},
                         icon=":material/rate_review:")  # fmt: skip
    elif found.identical == found.answers:
        st.warning(judging(found), icon=":material/content_copy:")
    else:
        st.info(judging(found), icon=":material/payments:")


def _spent(took: dict[str, float]) -> str:
    money = "" if took.get("cost") is None else f" and {took['cost']:,.4g} US dollars"
    tokens = took.get("prompt_tokens", 0) + took.get("completion_tokens", 0)
    return f"{took.get('calls', 0):,} calls ({took.get('retries', 0):,} of them retries), {tokens:,} tokens{money}"


def _estimated(guess: dict[str, float] | None) -> str:
    if not guess:
        return ""
    money = "" if guess.get("cost") is None else f" and at most {guess['cost']:,.4g} US dollars"
    return f" Estimated before its last launch: {guess['calls']:,} calls{money}."


def asking(model: Any) -> dict[str, Any]:
    """How the endpoint is asked; no part of the question. `model`: its name there, None until there is one."""
    hosted = model is None or isinstance(model, str)
    with st.expander("How fast, at what price, and where to stop" if hosted else "How fast, and where to stop"):
        most = Terms().concurrency if hosted else int(SERVED["concurrency"])
        concurrency = st.number_input("Calls in flight", 1, 256, most, key=f"concurrency.{most}")
        calls = st.number_input("Calls at most", 1, value=None, placeholder="no cap", key="max_calls")
        cost = hosted and st.number_input("US dollars at most", 0.0, value=None, placeholder="no cap", key="max_cost",
                                          help="Needs the judge's price in the table below.")  # fmt: skip
        if hosted:
            prices()
    return {"concurrency": concurrency, "max_calls": calls, "max_cost": cost if hosted else None}


def prices() -> None:
    """The workspace's price table, to be edited."""
    ws = session.workspace()
    table = all_terms.prices(ws)
    frame = pd.DataFrame([{"model": model, **price.model_dump()} for model, price in table.items()], columns=[*COLUMNS])
    st.caption("US dollars for a million tokens, as published when this workspace was made. Yours to edit; the last "
               "row adds a model.")  # fmt: skip
    edited = st.data_editor(
        frame, hide_index=True, num_rows="dynamic", column_config=COLUMNS, key=f"prices {hash(str(table))}"
    )  # edits are of this table
    rows = edited.dropna().to_dict("records")
    wanted = {str(row["model"]): Price(input=row["input"], output=row["output"]) for row in rows}
    if wanted != table and st.button("Keep these prices", icon=":material/save:"):
        all_terms.keep_prices(ws, wanted)
        st.rerun()
