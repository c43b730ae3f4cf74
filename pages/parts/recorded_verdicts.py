"""Verdicts that another tool recorded: files dropped or named → what they hold → judge runs, and how those stand."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd
import streamlit as st

from backend import runs, sources
from backend.exchange import importing
from backend.exchange.importing import Import
from backend.specs import FileSource

from . import answer_view, command, run_picker, session

PLACES = ("Files on this machine", "Upload")
HELP = """AlpacaEval's `annotations.json`, LLM Comparator's document, or the judgment rows of MT-Bench or Arena-Hard.
Those rows hold no answers: from a path in the official folder (`model_judgment/` beside `model_answer/` and
`question.jsonl`) they are found; else add the answer files and `question.jsonl`, or choose runs below."""


def show() -> None:
    """The form, what the files hold, the button, and the runs."""
    st.caption(
        "AlpacaEval, MT-Bench, Arena-Hard and LLM Comparator write their verdicts to files. Here they become "
        "judge runs, which Results, Review and exports read like any other. Nothing is asked or spent."
    )
    given = _files()
    answers = {r.run: r for r in session.all_runs() if r.kind in ("load", "generate") and r.answered}
    titles = run_picker.labels(r for r in answers.values() if answer_view.has_answers(r))
    chosen = st.multiselect(
        "Answers that are here already", titles, key="recorded.runs", format_func=titles.__getitem__,
        placeholder="for MT-Bench and Arena-Hard, instead of answer files", disabled=not titles,
    )  # fmt: skip
    if not given:
        st.info("Name or upload the file that holds the verdicts; which tool wrote it is seen from its rows.")
        return
    verdicts, others = importing.told_apart(session.workspace(), given)
    made, left = _read(str(session.workspace().root), tuple(verdicts), tuple(others), tuple(chosen))
    for problem in left:
        st.warning(problem)
    states = {row.run: row.status for row in session.all_runs()}
    live = any(states.get(one.spec.id) in runs.LIVE for one in made)
    st.fragment(_runs, run_every=2.0 if live else None)(made)
    _ask(made)
    beside = [*(given[source] for source in others), *chosen]
    words = ["--annotations", *(given[source] for source in verdicts), *(["--answers", *beside] if beside else [])]
    command.equivalent("judge", "recorded", *words)


def _files() -> dict[FileSource, str]:
    """What was named or uploaded, and how the command line names it."""
    ws = session.workspace()
    place = st.segmented_control("Where are the files?", PLACES, default=PLACES[0], required=True, key="recorded.place",
                                 bind="query-params")  # fmt: skip
    if place == "Upload":
        uploads = st.file_uploader("Verdicts, and what belongs to them", accept_multiple_files=True, help=HELP)
        return {sources.from_upload(ws, file.getvalue(), file.name): file.name for file in uploads}
    text = st.text_area(
        "Paths, one on each line", key="recorded.paths", height=140, help=HELP, bind="query-params",
        placeholder="~/my-model/annotations.json",
    )  # fmt: skip
    return {sources.from_file(ws, path): path for path in filter(None, map(str.strip, text.splitlines()))}


@st.cache_resource(show_spinner="Reading the verdicts…", max_entries=4)
def _read(
    root: str, verdicts: tuple[FileSource, ...], others: tuple[FileSource, ...], chosen: tuple[str, ...]
) -> tuple[list[Import], list[str]]:
    """What the files become; a file's content is its name, so that it is read once."""
    ws = session.workspace()
    found = [one for source in verdicts for one in importing.recordings(ws, source)]
    known = {importing.authors(ws, run): run for run in chosen}
    return importing.imports(ws, found, importing.beside(ws, others, known))


def _runs(made: Sequence[Import]) -> None:
    """One row for each run that is or will be there."""
    known = {row.run: row for row in session.all_runs()}
    table = []
    for one in made:
        row = known.get(one.spec.id)
        facts: dict[str, Any] = row.summary if row else {}
        what, figure = importing.figure(facts.get("official", {}))
        table.append({
            "model": one.recording.candidate, "against": one.reference or "–", "rows": one.recording.rows,
            "run": row.status if row else "not made yet",
            "judged": facts.get("judged"), "missing": facts.get("missing"), "figure": figure, "what it is": what,
            "why not": row.error if row else None,
        })  # fmt: skip
    frame = pd.DataFrame(table).replace("", None)
    st.dataframe(frame.dropna(axis=1, how="all"), hide_index=True,
                 column_config={"figure": st.column_config.NumberColumn(format="%.2f")})  # fmt: skip
    done = [one.spec.id for one in made if one.spec.id in known and known[one.spec.id].answered]
    if len(done) == len(made):
        with st.container(horizontal=True):
            of = {"verdicts": done[0]} if len(done) == 1 else None
            st.page_link("pages/review.py", label="Review", query_params=of, icon=":material/rate_review:")
            st.page_link("pages/results.py", label="Results", icon=":material/leaderboard:")


def _ask(made: Sequence[Import]) -> None:
    ws = session.workspace()
    new = [one for one in made if not (ws.folder(one.spec.id) / "spec.json").exists()]
    label = f"Make {len(new)} judge run{'s' * (len(new) != 1)}" if new else "Already made"
    if st.button(label, type="primary", icon=":material/play_arrow:", disabled=not new, key="recorded.make"):
        for one in new:
            for title, spec in one.loads.items():
                runs.launch(ws, spec, {"title": title}, start=False)
            runs.launch(ws, one.spec, {"title": one.title}, start=False)
        runs.wake_queue(ws)
        st.rerun()
