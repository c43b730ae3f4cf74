"""Winnow's dashboard: `streamlit run app.py`. The router; every page is a file in pages/."""

from __future__ import annotations

import os
from pathlib import Path

import streamlit as st

from backend.studies.study import launch_study
from pages.parts import problems, run_status, session

SAMPLE = Path(__file__).parent / "data" / "sample" / "study.yaml"
PAGES = {
    "": [("home", "Home", ":material/home:")],
    "Data": [
        ("data", "Data", ":material/database:"),
        ("explore", "Explore", ":material/scatter_plot:"),
        ("select", "Select", ":material/filter_alt:"),
    ],
    "Models": [
        ("train", "Train", ":material/model_training:"),
        ("judge", "Judge", ":material/gavel:"),
        ("results", "Results", ":material/leaderboard:"),
        ("review", "Review", ":material/rate_review:"),
    ],
    "Workspace": [("runs", "Runs", ":material/list_alt:")],
}


@st.cache_resource(show_spinner="Queueing the sample study…")
def first_start(root: str) -> None:
    """Queues the sample study where the workspace is empty, once per server."""
    ws = session.workspace()
    if not ws.run_ids() and os.environ.get("WINNOW_SAMPLE", "1") != "0" and SAMPLE.exists():
        launch_study(ws, SAMPLE)


def main() -> None:
    """Draws one page, below the status strip."""
    st.set_page_config(page_title="Winnow", page_icon=":material/agriculture:", layout="wide")
    pages = {
        section: [
            st.Page(f"pages/{name}.py", title=title, icon=icon, default=name == "home")
            for name, title, icon in group
            if (Path(__file__).parent / "pages" / f"{name}.py").exists()
        ]
        for section, group in PAGES.items()
    }
    page = st.navigation({section: group for section, group in pages.items() if group})
    with problems.shown():
        first_start(str(session.workspace().root))
        session.index()
        run_status.strip()
        page.run()


main()
