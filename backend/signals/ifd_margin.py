"""`ifd_margin`: how much more the prompt helps the model to write the chosen answer than the rejected one."""

from __future__ import annotations

import numpy as np

from . import Measured, signals


@signals.member(needs=("ifd",))
def ifd_margin(measured: Measured) -> np.ndarray:
    """IFD of chosen minus IFD of rejected; IFD is perplexity given the prompt over perplexity without it.

    Li et al. (2024), "Superfiltering"; Deng et al. (2025), section 4.1 and appendix B.
    """
    return measured.margin(measured.values["ifd"])
