"""Judge: let models answer prompts, and have the answers compared."""

from __future__ import annotations

import streamlit as st

from backend import benchmarks, inputs
from backend.judges import judges
from backend.registry import Call, Member
from backend.specs import JudgeSpec, parse
from backend.terms import Terms, checked
from pages.parts import (
    answer_view,
    command,
    figures_view,
    judge_cost,
    judge_place,
    judge_preview,
    member_form,
    problems,
    recorded_verdicts,
    run_picker,
    session,
)

ANSWERS = ("generate", "load")  # kinds of run that hold answers
FIRST = ("pairwise", "reward_model")


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
        temperature = heat(prompts)
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
    command.launcher("Generate", spec, command.name(spec, default, "answers.title"))


def heat(prompts: str | None) -> float | str:
    """The sampling temperature: one for all, or for MT-Bench's questions the official one of each category."""
    if prompts and session.workspace().spec(prompts).format.name == "mt_bench":
        by_category = st.checkbox("Temperature by category", True, key="by_category", bind="query-params",
                                  help="MT-Bench's own: writing and roleplay 0.7, stem and humanities 0.1, others 0. "
                                  "FastChat's answers have at most 1,024 tokens.")  # fmt: skip
        if by_category:
            return "by_category"
    return float(st.slider("Temperature", 0.0, 2.0, 0.7, 0.05, key="temperature", bind="query-params"))


def compare() -> None:
    """Verdicts on a candidate's answers: against a reference's, or alone."""
    left, right = st.columns(2, gap="large")
    with left:
        candidate = run_picker.run_picker("Candidate", ANSWERS, "candidate", wanted=answer_view.has_one_answer_each)
    with right:
        member = judge_of(candidate)
    alone = bool(member.attributes.get("alone"))
    with left:
        reference = None if alone else run_picker.run_picker(
            "Reference", ANSWERS, "reference", help="What the candidate has to beat.",
            wanted=lambda r: answer_view.has_answers(r) and r.run != candidate, prefer=answer_view.beside(candidate),
        )  # fmt: skip
        side = answer_view.side_picker(reference)
        limit = st.number_input("Judge only the first", 1, value=None, placeholder="all", key="judge.limit",
                                bind="query-params", help="Prompts, in the order of their ids, which is none of "
                                "the file's. When you raise it later, nothing is asked twice.")  # fmt: skip
        seed = st.number_input("Seed", 0, value=0, key="judge.seed")
    if not candidate or not (reference or alone):
        st.info("Generate answers first: with the model you trained, and with the one it is compared to.")
        return
    rewards = {f"{side}_reward": answer_view.rewards_of(run)
               for side, run in (("candidate", candidate), ("reference", reference)) if run}  # fmt: skip
    with right:
        given = member_form.arguments(member, "judge", rewards, judge_place.given(member))
        wanted = judge_cost.asking(given.get("model")) if "endpoint" in given else None
    if missing := judge_place.missing(member, given):
        command.button("Judge", disabled=True)
        st.info(f"Still to give: {'; '.join(missing)}.")
        return
    with command.refusing("Judge"):
        call = member.call(given)
        spec = JudgeSpec(candidate=candidate, reference=reference, reference_side=side, judge=call, limit=limit,
                         seed=seed)  # fmt: skip
        launch(spec, checked(session.workspace(), name_of(call), **wanted) if wanted else None)


def judge_of(candidate: str | None) -> Member:
    """The judge that is chosen; those of the benchmark whose questions the candidate answers stand first."""
    ws = session.workspace()
    asked = inputs.owner(ws, candidate, "prompts") if candidate else ""
    own = benchmarks.of_load(ws.spec(asked)) if asked else ()
    member = member_form.member_picker(judges, "judge", first=(*own, *FIRST))
    if own and member.name not in own:
        st.caption(f"The judge of these questions' benchmark is {' or '.join(f'`{name}`' for name in own)}.")
    return member


def launch(spec: JudgeSpec, terms: Terms | None) -> None:
    """What will be sent, what it takes, the button, and what came of it; BadInput where it cannot be asked."""
    against = f" against {run_picker.title_of(spec.reference)}" if spec.reference else f": {spec.judge.name}"
    default = run_picker.title_of(spec.candidate) + against
    if seen := judge_preview.of(spec, terms):
        if seen.first:
            judge_preview.show(seen.first)
        judge_cost.offer(spec, seen.forecast)
    command.launcher("Judge", spec, command.name(spec, default, "judge.title"), terms=terms)
    figures_view.of_question(spec)


def name_of(call: Call) -> str | None:
    """The judge's name at an endpoint; None for a model that runs here."""
    model = call.args["model"]
    return model if isinstance(model, str) else None


st.title("Judge")
answering, judging, recorded = st.tabs(["1 · Let models answer", "2 · Compare the answers", "Verdicts from a file"])
with answering, problems.shown():
    generate()
with judging, problems.shown():
    compare()
with recorded, problems.shown():
    recorded_verdicts.show()
