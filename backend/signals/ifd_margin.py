"""`ifd_margin`: how much more the prompt helps the model to write the chosen answer than the rejected one."""

from __future__ import annotations

import numpy as np

from . import Measured, signals


@signals.member(needs=("logprob", "logprob_alone"))
def ifd_margin(measured: Measured) -> np.ndarray:
    """IFD of chosen minus IFD of rejected; IFD is perplexity given the prompt over perplexity without it.

    Li et al. (2024), "Superfiltering" (ratio of perplexities, not of losses); Deng et al. (2025), section 4.1 and
    appendix B. NaN where an answer has no scored token.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        given = measured.values["logprob"] / measured.tokens["logprob"]
        alone = measured.values["logprob_alone"] / measured.tokens["logprob_alone"]
        ratio = np.exp(alone - given)
    return measured.margin(np.where(np.isfinite(ratio), ratio, np.nan))
