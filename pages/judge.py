"""Judge: let models answer prompts, and have the answers compared."""

from __future__ import annotations

import streamlit as st

from backend.judges import judges
from backend.registry import Call
from backend.specs import JudgeSpec, parse
from backend.terms import SERVED, Terms, checked
from pages.parts import answer_view, command, judge_place, member_form, problems, run_picker, session


def generate() -> None:
    """A model's answers to prompts."""
    left, right = st.columns(2, gap="large")
    with left:
        prompts = run_picker.run_picker("Prompts of", ("load",), "prompts", prefer=lambda r: not r.summary["pairs"])
        split = st.selectbox("Which prompts", ["all", "train", "held_out"], key="split", bind="query-params",
                             format_func=lambda s: s.replace("_", "-"))  # fmt: skip
        limit = st.number_input("Only the first", 1, value=None, placeholder="all", key="limit")
        model = run_picker.model_picker("Model", "answers.model")
    with right:
        engine = st.selectbox("Engine", ["transformers", "vllm"], key="engine", bind="query-params")
        temperature = st.slider("Temperature", 0.0, 2.0, 0.7, 0.05, key="temperature", bind="query-params")
        top_p = st.slider("Top p", 0.05, 1.0, 1.0, 0.05, key="top_p", bind="query-params")
        tokens = st.number_input("Longest answer (tokens)", 1, value=512, key="tokens", bind="query-params")
        samples = st.number_input("Answers to each prompt", 1, value=1, key="samples", bind="query-params")
        seed = st.number_input("Seed", 0, value=0, key="seed", bind="query-params")
    if not prompts or model is None:
        st.info("Load prompts on the Data page and choose a model: one that was trained here, a folder, or the Hub's.")
        return
    asked = {"kind": "generate", "prompts": prompts, "split": split, "limit": limit, "model": model.model_dump(),
             "engine": engine, "temperature": temperature, "top_p": top_p, "max_new_tokens": tokens,
             "samples": samples, "seed": seed}  # fmt: skip
    spec = parse(asked)
    default = f"Answers of {run_picker.model_title(model)}"
    title = st.text_input("Name", key="answers.title", placeholder=default)
    command.launcher("Generate", spec, title or default)


def compare() -> None:
    """Verdicts on a candidate's answers against a reference's."""
    left, right = st.columns(2, gap="large")
    with left:
        answers = ("generate", "load")
        candidate = run_picker.run_picker("Candidate", answers, "candidate", wanted=answer_view.has_answers)
        reference = run_picker.run_picker(
            "Reference", answers, "reference", help="What the candidate has to beat.",
            wanted=lambda r: answer_view.has_answers(r) and r.run != candidate,
        )  # fmt: skip
        seed = st.number_input("Seed", 0, value=0, key="judge.seed")
    if not candidate or not reference:
        st.info("Generate answers first: with the model you trained, and with the one it is compared to.")
        return
    rewards = {f"{side}_reward": answer_view.rewards_of(run)
               for side, run in (("candidate", candidate), ("reference", reference))}  # fmt: skip
    with right:
        call = member_form.member_form(
            judges, "judge", first=("pairwise", "reward_model"), choices=rewards, given=judge_place.given
        )
        terms = asking(call) if "endpoint" in call.args else None
    alone = judges[call.name].attributes.get("alone")
    spec = JudgeSpec(candidate=candidate, reference=None if alone else reference, judge=call, seed=seed)
    default = run_picker.title_of(candidate) + ("" if alone else f" against {run_picker.title_of(reference)}")
    title = st.text_input("Name", key="judge.title", placeholder=default)
    command.launcher("Judge", spec, title or default, terms=terms)
    answer_view.cost(candidate, call)


def asking(call: Call) -> Terms:
    """How the endpoint is asked; no part of the question."""
    model = call.args["model"] if isinstance(call.args["model"], str) else None
    with st.expander("How fast, and how dear at most" if model else "How fast"):
        most = Terms().concurrency if model else int(SERVED["concurrency"])
        concurrency = st.number_input("Calls in flight", 1, 256, most, key=f"concurrency.{most}")
        calls = st.number_input("Calls at most", 0, value=None, placeholder="no cap", key="max_calls")
        cost = model and st.number_input("US dollars at most", 0.0, value=None, placeholder="no cap", key="max_cost",
                               help="Needs the judge's price in the workspace's prices.json.")  # fmt: skip
    return checked(session.workspace(), model, concurrency=concurrency, max_calls=calls, max_cost=cost)


st.title("Judge")
answering, judging = st.tabs(["1 · Let models answer", "2 · Compare the answers"])
with answering, problems.shown():
    generate()
with judging, problems.shown():
    compare()
