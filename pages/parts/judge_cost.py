"""What a judge run would take, before the click; what it took; and the prices that both rest on."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from backend import terms as all_terms
from backend.commands.estimate import judging
from backend.judges.preview import Forecast, forecast
from backend.specs import JudgeSpec
from backend.terms import Price, Terms

from . import problems, session

COLUMNS = {
    "model": st.column_config.TextColumn("model", required=True),
    "input": st.column_config.NumberColumn("prompts", min_value=0.0, required=True, format="$%.2f"),
    "output": st.column_config.NumberColumn("replies", min_value=0.0, required=True, format="$%.2f"),
}


@st.cache_data(show_spinner="Counting what would be asked…", max_entries=16, ttl=60)
def _forecast(root: str, question: str, price: tuple[float, float] | None, outcome: str) -> Forecast | None:
    """Counted again after each launch: what was said then is known."""
    given = Terms() if price is None else Terms(price_in=price[0], price_out=price[1])
    return forecast(session.workspace(), JudgeSpec.model_validate_json(question), given)


def offer(spec: JudgeSpec, terms: Terms | None) -> None:
    """What a launch would take at most; where there was one, what it took."""
    if terms is None:
        return
    ws = session.workspace()
    result = ws.result(spec.id) or {}
    took = result.get("summary", {})
    if result.get("outcome") == "finished":
        st.caption(f"It took {_spent(took)}." + _estimated(took.get("estimate")))
        return
    model = spec.judge.args["model"]
    price = terms.price(ws, model) if isinstance(model, str) else None
    with problems.shown():
        paid = (price.input, price.output) if price else None
        found = _forecast(str(ws.root), spec.canonical(), paid, str(result.get("ended")))
        if found:
            st.info(judging(found), icon=":material/payments:")


def _spent(took: dict[str, float]) -> str:
    money = "" if took.get("cost") is None else f" and {took['cost']:,.4g} US dollars"
    tokens = took.get("prompt_tokens", 0) + took.get("completion_tokens", 0)
    return f"{took.get('calls', 0):,} calls ({took.get('retries', 0):,} of them retries), {tokens:,} tokens{money}"


def _estimated(guess: dict[str, float] | None) -> str:
    if not guess:
        return ""
    money = "" if guess.get("cost") is None else f" and at most {guess['cost']:,.4g} US dollars"
    return f" Its last launch was estimated at {guess['calls']:,} calls{money}."


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
