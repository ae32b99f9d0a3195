"""From a logit to a probability that means something: the share of one named pool that readers call so.

Beta calibration (Kull et al. 2017): three numbers per attribute, never decreasing, so that calibrating never changes a
ranking. Platt scaling is the case of equal slopes.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32] | NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Calibration:
    """`sigmoid(upper_slope * softplus(logit) - slope * softplus(-logit) + offset)`: a line that bends around 0, fitted
    on the rows of `pool`, of which the share `positives` are so.
    """

    slope: float  # far below 0
    upper_slope: float  # far above 0
    offset: float
    pool: str
    rows: int
    positives: float

    def probabilities(self, logits: Floats) -> NDArray[np.float64]:
        """Map logits of any shape to probabilities in [0, 1]."""
        below, above = sides(logits.astype(np.float64))
        scaled = np.clip(self.slope * below + self.upper_slope * above + self.offset, -60, 60)
        return 1 / (1 + np.exp(-scaled))


def sides(logits: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return what the two slopes multiply: logs of the share and, negative, of its rest; they add up to the logits."""
    rest = np.log1p(np.exp(-np.abs(logits)))  # `logaddexp` warns of the not-a-number of a comment without scores
    return np.minimum(logits, 0) - rest, np.maximum(logits, 0) + rest
