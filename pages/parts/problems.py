"""The one way in which a page shows what went wrong: one sentence, in place."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st

from backend.errors import BadInput, WinnowError, sentence


@contextmanager
def shown() -> Iterator[None]:
    """Shows Winnow's own errors; bugs stay loud."""
    try:
        yield
    except BadInput as error:
        st.warning(sentence(error), icon=":material/error:")
    except WinnowError as error:
        st.error(sentence(error), icon=":material/error:")
