"""A user's own labelled table, measured like the public tests: `python -m training.evaluate --suite FILE`."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from data.sources.tables import SourceError, own_rows
from model.onnx import CLASSES, OnnxScorer
from model.thresholds import DEFAULT_THRESHOLDS
from training.calibrate import class_logits
from training.metrics import Floats, auc, average_precision, expected_calibration_error, f1, interval


def own_suite(scorer: OnnxScorer, file: Path, text_column: str, label_column: str, attribute: str) -> dict[str, float]:
    """Measure one attribute on a CSV table; labels of 0.5 and more are positive. `SourceError` says what it lacks."""
    texts, labels = labelled(file, text_column, label_column)
    logits = class_logits(texts, scorer)[:, CLASSES.index(attribute)]
    shares = scorer.manifest.calibration[attribute].probabilities(logits)
    threshold = DEFAULT_THRESHOLDS[attribute]
    figures: dict[str, float] = {}
    for name, metric in (("AUC", auc), ("AP", average_precision)):
        low, high = interval(metric, labels, logits)
        figures |= {name: metric(labels, logits), f"{name} low": low, f"{name} high": high}
    figures[f"F1 at {threshold}"] = f1(labels, shares, threshold)
    figures["ECE"] = expected_calibration_error(labels, shares, np.ones(len(labels)))
    return {f"{attribute} {name}": value for name, value in figures.items()} | {
        "positives": float(labels.mean()),
        "rows": len(labels),
    }


def labelled(file: Path, text_column: str, label_column: str) -> tuple[Sequence[str], Floats]:
    """Return the texts and their labels (N,), 1 for 0.5 and more and else 0; `SourceError` where they rank nothing."""
    rows = list(own_rows(file))
    if not rows or not {text_column, label_column} <= rows[0].keys():
        raise SourceError(f"{file} has no columns {text_column!r} and {label_column!r}, or no rows.")
    labels = np.array([float(_number(row, label_column, place, file) >= 0.5) for place, row in enumerate(rows, 1)])
    if labels.min() == labels.max():
        raise SourceError(f"{file} has one kind of label only; ranking needs both.")
    return [row[text_column] for row in rows], labels


def _number(row: Mapping[str, str], column: str, place: int, file: Path) -> float:
    try:
        number = float(row[column])
    except ValueError:
        number = math.nan
    if math.isnan(number):
        raise SourceError(f"{file}, row {place}: the label {row[column]!r} in {column!r} is not a number.")
    return number
