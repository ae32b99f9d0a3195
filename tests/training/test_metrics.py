"""Figures of quality against values that can be worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest

from training.metrics import (
    auc,
    best_threshold,
    brier_skill,
    calibration_slope,
    even_odds,
    expected_calibration_error,
    interval,
    span_f1,
)

LABELS = np.array([0.0, 0.0, 1.0, 1.0])


def test_auc_is_the_share_of_pairs_in_order() -> None:
    assert auc(LABELS, np.array([0.1, 0.4, 0.35, 0.8])) == 0.75


def test_the_interval_holds_the_figure() -> None:
    chance = np.random.default_rng(0)
    labels = chance.integers(0, 2, 400).astype(float)
    scores = labels + chance.normal(0, 1, 400)
    low, high = interval(auc, labels, scores)
    assert low < auc(labels, scores) < high


def test_the_best_threshold_parts_what_can_be_parted() -> None:
    scores = np.array([0.2, 0.3, 0.6, 0.9])
    assert ((scores >= best_threshold(LABELS, scores)) == LABELS).all()


def test_even_odds_lie_where_two_like_heaps_meet_wherever_one_draw_is_parted_best() -> None:
    chance = np.random.default_rng(0)
    labels = np.repeat([0.0, 1.0], 5000)
    scores = chance.normal(4 * labels + 1, 2)
    assert even_odds(labels, scores) == pytest.approx(3, abs=0.1)


def test_calibrated_shares_have_no_error_and_a_slope_of_one() -> None:
    chance = np.random.default_rng(0)
    shares = chance.uniform(0.02, 0.98, 40_000)
    labels = (chance.uniform(size=40_000) < shares).astype(float)
    weights = np.ones(40_000)
    assert expected_calibration_error(labels, shares, weights) < 0.01
    assert calibration_slope(labels, shares, weights) == pytest.approx(1, abs=0.05)
    assert expected_calibration_error(labels, shares**3, weights) > 0.05


def test_saying_the_share_of_the_pool_has_no_skill_and_knowing_has_all() -> None:
    weights = np.ones(4)
    assert brier_skill(LABELS, np.full(4, 0.5), weights) == pytest.approx(0)
    assert brier_skill(LABELS, LABELS, weights) == pytest.approx(1)


@pytest.mark.parametrize(
    ("predicted", "gold", "expected"),
    [(set(), set(), 1.0), ({1}, set(), 0.0), (set(), {1}, 0.0), ({1, 2}, {2, 3}, 0.5)],
)
def test_span_f1_is_the_shared_tasks(predicted: set[int], gold: set[int], expected: float) -> None:
    assert span_f1(predicted, gold) == expected
