"""Pieces that several pages show: charts, forms, pickers, the status strip.

Until `st.navigation` has run once in a server, Streamlit takes a folder called pages/ for its older kind of app of
several pages, and answers a link to a page without running app.py. The first import, which is in the first request,
switches that off and starts over.
"""

import streamlit as st
from streamlit.runtime.pages_manager import PagesManager

if PagesManager.uses_pages_directory:
    PagesManager.uses_pages_directory = False
    st.rerun()
