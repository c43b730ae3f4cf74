from __future__ import annotations

import numpy as np
import pandas as pd

from backend.report.outcomes import outcomes


def test_every_item_ends_in_one_way() -> None:
    """A flip whose mean is a half is no tie, one whose mean is 0.6 (log-probs) is not won."""
    value = [1.0, 0.75, 0.5, 0.5, 0.6, 0.2, np.nan]
    flipped = [False, False, False, True, True, False, False]
    found = outcomes([pd.DataFrame({"value": value, "flipped": flipped})])
    assert found == {"won": 2, "tied": 1, "flipped": 2, "lost": 1, "missing": 1}


def test_items_that_were_never_asked_about_are_missing() -> None:
    rows = pd.DataFrame({"value": [1.0, np.nan], "flipped": [False, False]})
    assert outcomes([rows, rows], items=7) == {"won": 2, "tied": 0, "flipped": 0, "lost": 0, "missing": 5}
