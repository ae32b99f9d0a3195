"""Calibration keeps the ranking and stays inside [0, 1]."""

from __future__ import annotations

import numpy as np
import pytest

from model.calibration import Calibration


def test_probabilities_rise_with_the_logit_and_stay_in_range() -> None:
    shares = Calibration(1.3, 0.9, -0.7, "pool", 100, 0.2).probabilities(np.linspace(-50, 50, 101))
    assert (np.diff(shares) >= 0).all()
    assert 0 <= shares[0] < shares[-1] <= 1


def test_the_offset_moves_an_undecided_logit() -> None:
    assert Calibration(1.0, 1.0, 0.0, "pool", 100, 0.2).probabilities(np.array([0.0]))[0] == 0.5
    assert Calibration(1.0, 1.0, -2.0, "pool", 100, 0.2).probabilities(np.array([0.0]))[0] < 0.2


def test_each_side_of_zero_has_its_own_slope() -> None:
    shares = Calibration(0.5, 2.0, 0.0, "pool", 100, 0.2).probabilities(np.array([-11.0, -10.0, 10.0, 11.0]))
    odds = np.log(shares / (1 - shares))
    assert np.diff(odds)[[0, 2]] == pytest.approx([0.5, 2.0], abs=2e-2)


def test_what_has_no_logit_has_no_probability_and_stops_nobody_elses() -> None:
    shares = Calibration(1.0, 2.0, 0.0, "pool", 100, 0.2).probabilities(np.array([np.nan, 0.0]))
    assert np.isnan(shares[0])
    assert 0 < shares[1] < 1
