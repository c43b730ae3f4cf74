"""The dashboard: one file per page, read from top to bottom by Streamlit. `app.py` is the router."""
