"""From a logit to a probability that means something: the share of one named pool that readers call so.

Platt scaling (Platt 1999): two numbers per attribute, always increasing, so that calibrating never changes a ranking.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32] | NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Calibration:
    """`sigmoid(slope * logit + offset)`, fitted on the rows of `pool`, of which the share `positives` are so."""

    slope: float
    offset: float
    pool: str
    rows: int
    positives: float

    def probabilities(self, logits: Floats) -> NDArray[np.float64]:
        """Map logits of any shape to probabilities in [0, 1]."""
        scaled = np.clip(self.slope * logits.astype(np.float64) + self.offset, -60, 60)
        return 1 / (1 + np.exp(-scaled))
