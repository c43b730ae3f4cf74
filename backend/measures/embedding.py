"""`embedding`: where a model's last hidden state is when it has read a response."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Literal

import numpy as np
from pydantic import Field

from ..errors import BadSpec
from ..models.engine import Engine
from ..values import Scores
from . import Item, Value, measures, values


@measures.member(model="causal", vector=True)
def embedding(
    items: Sequence[Item],
    model: Engine,
    *,
    max_length: int = 1024,
    dtype: Literal["float32", "bfloat16"] = "float32",
    components: Annotated[int, Field(ge=1)] | None = None,
) -> list[Value]:
    """Last hidden state at the response's last token; with `components`, its principal components over all responses.

    The features of linear-reward designs: Zhu et al. (2023), section 2. Written to the table `embeddings`, for
    download; no signal reads it yet.
    """
    sequences = model.encode(items, max_length)
    found = model.embeddings(sequences, dtype)
    return values(found if components is None else Scores(_reduced(found.value, components), found.tokens), sequences)


def _reduced(vectors: np.ndarray, components: int) -> np.ndarray:
    from sklearn.decomposition import PCA

    known = np.isfinite(vectors).all(axis=1)
    reduced = np.full((len(vectors), components), np.nan, dtype=np.float32)
    if not known.any():
        return reduced
    most = min(int(known.sum()), vectors.shape[1])
    if components > most:
        raise BadSpec(
            f"components = {components}: {known.sum()} vectors of {vectors.shape[1]} numbers have at most {most}."
        )
    reduced[known] = PCA(components, svd_solver="full").fit_transform(vectors[known].astype(np.float64))
    return reduced
