from __future__ import annotations

import numpy as np
import pytest

from backend.errors import BadData
from backend.report.answer_style import contrast, from_answers, markdown, standardised

ANSWER = """# Title
Some **bold**, __also bold__ and **more**.
- one
  * two
3. three
#no header, -no item
```python
# a comment, no header
- **x**
```
###### Last
"""


def test_markdown_is_counted_outside_code_blocks() -> None:
    assert markdown(ANSWER) == (2, 3, 3)
    assert markdown("") == (0, 0, 0)
    assert markdown("**not\nbold** ####### seven") == (0, 0, 0)


def test_contrasts_by_hand() -> None:
    """Tokens (300 - 100) / 400. Headers per token 3/300 and 2/100: (0.01 - 0.02) / 1.03. Two empty answers: 0."""
    found = contrast(np.array([[300.0, 3, 0, 3], [0, 0, 0, 0]]), np.array([[100.0, 2, 0, 0], [0, 0, 0, 0]]))
    assert found == pytest.approx(np.array([[0.5, -0.01 / 1.03, 0, 0.01 / 1.01], [0, 0, 0, 0]]))


def test_standardising_counts_every_row_as_often_as_it_comes() -> None:
    chance = np.random.default_rng(0)
    values, weight = chance.normal(size=(50, 4)), chance.integers(0, 4, 50)
    values[:, 2] = 7  # all equal
    full = np.repeat(standardised(values, weight), weight, axis=0)
    assert full.mean(0) == pytest.approx(np.zeros(4), abs=1e-12)
    assert full.std(0, ddof=1) == pytest.approx([1, 1, 0, 1])


def test_counts_are_numbers_or_tables_of_numbers() -> None:
    about = {"token_len": 9, "header_count": {"h1": 1, "h2": 2}, "list_count": {}, "bold_count": 4}
    assert from_answers([("a row 1", {"uid": "u", "model": "m", "metadata": about})]) == {("m", "u"): (9, 3, 0, 4)}
    for changed, says in (
        ({"token_len": None}, "metadata: 'token_len' is null"),
        ({"bold_count": {"**": "x"}}, "'bold_count' holds something that is no count"),
    ):
        with pytest.raises(BadData, match=says):
            from_answers([("a row 1", {"uid": "u", "model": "m", "metadata": about | changed})])
    with pytest.raises(BadData, match="a row 1 has no 'metadata'"):
        from_answers([("a row 1", {"uid": "u", "model": "m"})])
