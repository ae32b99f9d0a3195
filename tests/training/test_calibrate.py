"""What a pool teaches calibration: two slopes where there are rows enough, one where what is asked for is rare."""

from __future__ import annotations

import numpy as np
import pytest

from model.calibration import sides
from training.calibrate import Floats, Pool, fit


def pool(odds: Floats, logits: Floats) -> Pool:
    labels = (np.random.default_rng(0).random(len(logits)) < 1 / (1 + np.exp(-odds))).astype(float)
    return Pool("pool", logits, labels, np.ones(len(logits)))


LOGITS = np.random.default_rng(1).normal(0, 3, 40_000)


def test_each_side_of_even_odds_finds_its_slope() -> None:
    below, above = sides(LOGITS)
    found = fit(pool(0.5 * below + 2 * above, LOGITS))
    assert found.slope == pytest.approx(0.5, abs=0.1)
    assert found.upper_slope == pytest.approx(2.0, abs=0.2)


def test_what_is_rare_has_one_slope() -> None:
    found = fit(pool(LOGITS - 7, LOGITS))
    assert found.positives < 0.1
    assert found.slope == found.upper_slope == pytest.approx(1.0, abs=0.1)


def test_no_slope_turns_the_ranking_round() -> None:
    found = fit(pool(np.where(LOGITS > 0, -0.5, 1.0) * LOGITS, LOGITS))
    assert min(found.slope, found.upper_slope) >= 0
    assert (np.diff(found.probabilities(np.linspace(-9, 9, 50))) >= 0).all()
