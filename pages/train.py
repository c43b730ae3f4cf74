"""Train: SFT, reward model or DPO on a run's data; live curves."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from backend import runs
from backend.specs import TrainSpec, parse
from backend.store import queries_training
from backend.store.queries_runs import RunRow
from pages.parts import charts, command, problems, run_picker, run_status, session

METHODS = {
    "dpo": "Learns from pairs to prefer the chosen answer to the rejected one (TRL's DPOTrainer).",
    "sft": "Learns to write the answers (TRL's SFTTrainer).",
    "reward": "Learns to score answers so that chosen ones score higher (TRL's RewardTrainer).",
}
NAMES = {"dpo": "DPO", "sft": "SFT", "reward": "Reward model"}
USES = {"chosen": "the chosen one of each pair", "responses": "all answers"}
RATES = {"dpo": 1e-6, "sft": 2e-5, "reward": 1e-5}
LOSSES = ["sigmoid", "ipo", "hinge", "robust", "exo_pair", "nca_pair", "apo_zero", "apo_down", "sppo_hard"]
# What TRL logs, a chart each: title → metrics of any method.
CHARTS = {
    "Loss": ["loss"],
    "Reward margin": ["rewards/margins", "margin"],
    "Accuracy": ["rewards/accuracies", "accuracy"],
    "Log-probs": ["logps/chosen", "logps/rejected"],
    "Rewards": ["rewards/chosen", "rewards/rejected"],
    "Token accuracy": ["mean_token_accuracy"],
}


def number(label: str, default: Any, key: str, *, low: Any = None, help: str | None = None) -> Any:
    """A number of the form, kept in the URL."""
    shape: dict[str, Any] = {"step": 1} if isinstance(default, int) else {"step": None, "format": "%g"}
    return st.number_input(label, low, value=default, key=key, bind="query-params", help=help, **shape)


def form() -> TrainSpec | None:
    """The question; None until model and data are chosen."""
    method = st.segmented_control("Method", list(METHODS), default="dpo", required=True, key="method",
                                  bind="query-params", format_func=NAMES.__getitem__)  # fmt: skip
    method = method or "dpo"
    st.caption(METHODS[method])
    model = run_picker.model_picker("Start from", "model", ("sft", "dpo"))
    data = run_picker.run_picker("Learn from", ("select", "load", "pair"), "data")
    values: dict[str, Any] = {"use": "pairs"}
    if method == "sft":
        values["use"] = st.selectbox("Answers", USES, key="use", format_func=lambda u: USES[u], bind="query-params")
    left, right = st.columns(2)
    with left:
        values["learning_rate"] = number("Learning rate", RATES[method], f"lr.{method}", low=0.0)
        values["per_device_train_batch_size"] = number("Batch size", 8, "batch", low=1)
        values["max_length"] = number("Longest row (tokens)", 1024, "max_length", low=1)
    with right:
        values["num_train_epochs"] = number("Epochs", 1.0, "epochs", low=0.0)
        values["gradient_accumulation_steps"] = number("Accumulate batches", 1, "accumulate", low=1)
        values["seed"] = number("Seed", 0, "seed", low=0)
    if method == "dpo":
        values["beta"] = left.number_input("Beta", 0.0, value=0.1, step=None, format="%g", key="beta",
                                           bind="query-params", help="The pull back to the start.")  # fmt: skip
        values["loss_type"] = right.selectbox("Loss", LOSSES, key="loss", bind="query-params")
    with st.expander("More"):
        values |= more()
    if model is None or data is None:
        st.info("Choose a model to start from and the data to learn from.")
        return None
    chosen = {"kind": "train", "method": method, "model": model.model_dump(), "data": data, **values}
    return parse({k: v for k, v in chosen.items() if v is not None})  # type: ignore[return-value]


def more() -> dict[str, Any]:
    """Settings that are seldom changed."""
    left, right = st.columns(2)
    with left:
        lora = st.number_input("LoRA rank", 1, value=None, placeholder="all weights", key="lora")
        warmup = number("Warm-up steps", 0, "warmup", low=0)
        dtype = st.selectbox("Precision", ["float32", "bfloat16"], key="dtype", bind="query-params")
    with right:
        schedule = st.selectbox("Schedule", ["cosine", "linear", "constant"], key="schedule", bind="query-params")
        share = st.slider("Keep back for held-out curves", 0.0, 0.5, 0.0, 0.05, key="eval", bind="query-params")
        save = number("Checkpoint every (steps)", 100, "save", low=1)
    return {"lora_r": lora, "warmup_steps": warmup, "dtype": dtype, "lr_scheduler_type": schedule, "eval_share": share,
            "save_steps": save}  # fmt: skip


def curves(chosen: list[str]) -> None:
    """The curves of the chosen runs; they grow while a run trains."""
    with problems.shown():
        rows = {row.run: row for row in session.all_runs()}
        frame = queries_training.curves(session.index(), chosen)
        for run in chosen:
            if run in rows and rows[run].status in runs.LIVE:
                st.caption(rows[run].title)
                run_status.bar(run)
        if frame.empty:
            st.info("No steps are logged yet.")
            return
        drawn = [(title, _part(frame, metrics, rows)) for title, metrics in CHARTS.items()]
        drawn = [(title, part) for title, part in drawn if not part.empty]
        for start in range(0, len(drawn), 2):
            for column, (title, part) in zip(st.columns(2), drawn[start : start + 2], strict=False):
                column.altair_chart(charts.curves(part, title), key=f"curve {title}")
        st.caption("In DPO the chosen log-prob may fall while the margin grows: both sides lose probability, the "
                   "rejected one more. Dashed: held-out pairs.")  # fmt: skip


def _part(frame: pd.DataFrame, metrics: list[str], rows: dict[str, RunRow]) -> pd.DataFrame:
    """The rows of some metrics, each run and metric a series with a readable name."""
    part = frame[frame["metric"].isin(metrics)].copy()
    names = part["run"].map(lambda run: rows[run].title if run in rows else run)
    several = part["metric"].nunique() > 1
    metric = part["metric"].str.split("/").str[-1]
    one_run = part["run"].nunique() == 1
    part["series"] = (metric if one_run else names + " · " + metric) if several else names
    return part[["step", "value", "series", "split"]]


def watched() -> list[str]:
    """The runs whose curves are shown: those in the URL, else the newest."""
    trained = [r for r in session.all_runs() if r.kind == "train" and r.status not in ("waiting", "failed")]
    titles = {r.run: r.title for r in trained}
    linked = [run for run in st.query_params.get_all("watch") if run in titles]
    default = linked or list(titles)[:1]
    chosen = st.multiselect("Curves of", titles, default, key="watched", format_func=lambda r: titles.get(r, r))
    st.query_params["watch"] = chosen
    return chosen


st.title("Train")
left, right = st.columns([2, 3], gap="large")
with left, problems.shown():
    if spec := form():
        default = f"{NAMES[spec.method]} on {run_picker.title_of(spec.data)}"
        command.launcher("Train", spec, command.name(spec, default, "train.title"))
with right:
    if chosen := watched():
        live = any(r.run in chosen and r.status in runs.LIVE for r in session.all_runs())
        st.fragment(curves, run_every=2.0 if live else None)(chosen)
    else:
        st.info("No model was trained here yet. Its curves appear here, live.")
