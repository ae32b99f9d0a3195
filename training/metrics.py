"""Figures of quality as pure functions: `scores` (N,) are probabilities or logits, `labels` (N,) are 0 or 1."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import average_precision_score, f1_score, roc_auc_score

Floats = NDArray[np.float64]
Metric = Callable[[Floats, Floats], float]
BINS = 10
RESAMPLES = 200


def auc(labels: Floats, scores: Floats) -> float:
    """Chance that a random positive ranks above a random negative."""
    return float(roc_auc_score(labels, scores))


def average_precision(labels: Floats, scores: Floats) -> float:
    """Area under precision over recall; compare it with the share of positives, which is what chance reaches."""
    return float(average_precision_score(labels, scores))


def f1(labels: Floats, scores: Floats, threshold: float, weights: Floats | None = None) -> float:
    """Harmonic mean of precision and recall at a threshold."""
    return float(f1_score(labels, scores >= threshold, sample_weight=weights, zero_division=0))


def best_threshold(labels: Floats, scores: Floats) -> float:
    """The threshold with the highest accuracy; to be chosen on other rows than it is used on."""
    order = np.argsort(scores)
    correct = labels.sum() + np.cumsum(1 - 2 * labels[order])  # everything up to here called negative
    place = int(np.argmax(correct))
    return float(scores[order][place]) + 1e-9


def even_odds(labels: Floats, scores: Floats) -> float:
    """The score at which a logistic fit says even odds. Where few and hard rows choose a threshold it holds better on
    others than the one that parts those rows best (training/LOG.md has the figures).
    """
    model = LogisticRegression(C=1e4, max_iter=1000).fit(scores[:, None], labels)
    return float(-model.intercept_[0] / model.coef_[0, 0])


def interval(metric: Metric, labels: Floats, scores: Floats, seed: int = 1) -> tuple[float, float]:
    """95 % percentile bootstrap interval over rows."""
    chance = np.random.default_rng(seed)
    found = []
    for _ in range(RESAMPLES):
        rows = chance.integers(0, len(labels), len(labels))
        if 0 < labels[rows].sum() < len(rows):
            found.append(metric(labels[rows], scores[rows]))
    low, high = np.percentile(found, (2.5, 97.5))
    return float(low), float(high)


def expected_calibration_error(labels: Floats, shares: Floats, weights: Floats) -> float:
    """Mean gap between probability and share of positives over ten bins of equal weight (Nixon et al. 2019)."""
    return sum(abs(mean - found) * weight for mean, found, weight in reliability(labels, shares, weights))


def reliability(labels: Floats, shares: Floats, weights: Floats) -> list[tuple[float, float, float]]:
    """Bins of equal weight: (mean probability, share of positives, share of the weight)."""
    order = np.argsort(shares)
    ends = np.cumsum(weights[order]) / weights.sum()
    places = np.minimum((ends * BINS - 1e-9).astype(int), BINS - 1)
    bins = []
    for number in range(BINS):
        rows = order[places == number]
        if len(rows):
            total = weights[rows].sum()
            mean, found = (float((values[rows] * weights[rows]).sum() / total) for values in (shares, labels))
            bins.append((mean, found, float(total / weights.sum())))
    return bins


def brier_skill(labels: Floats, shares: Floats, weights: Floats) -> float:
    """How much of the error of always saying the pool's share is removed: 1 is perfect, 0 is no help."""
    base = float((labels * weights).sum() / weights.sum())
    error = (weights * (shares - labels) ** 2).sum() / weights.sum()
    return float(1 - error / (base * (1 - base)))


def calibration_slope(labels: Floats, shares: Floats, weights: Floats) -> float:
    """Slope of the labels' log odds on the probabilities': 1 is right, below it the scores are too sure (Cox 1958)."""
    clipped = np.clip(shares, 1e-6, 1 - 1e-6)
    model = LogisticRegression(C=1e4, max_iter=1000)
    model.fit(np.log(clipped / (1 - clipped))[:, None], labels, sample_weight=weights)
    return float(model.coef_[0, 0])


def span_f1(predicted: set[int], gold: set[int]) -> float:
    """F1 over character offsets of one text; 1 where both mark nothing (SemEval-2021 task 5's own metric)."""
    if not gold:
        return float(not predicted)
    if not predicted:
        return 0.0
    shared = len(predicted & gold)
    return 2 * shared / (len(predicted) + len(gold))
