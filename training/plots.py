"""Draws what the card shows, from `results.json` alone: reliability of each score, and the rankings with intervals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import matplotlib

matplotlib.use("svg")
import matplotlib.pyplot as plt

from model.scores import ATTRIBUTES

RELIABILITY, RANKINGS = "reliability.svg", "rankings.svg"
STYLE = {"svg.hashsalt": "belowline", "font.size": 8, "axes.spines.top": False, "axes.spines.right": False}
BLUE, GREY = "#1f5f99", "#999999"


def draw(results: Mapping[str, Any], folder: Path) -> None:
    """Write both pictures into `folder`; the same results give the same bytes."""
    with plt.rc_context(STYLE):
        _save(_reliability(results["reliability"]), folder / RELIABILITY)
        _save(_rankings(results["metrics"]), folder / RANKINGS)


def _reliability(bins: Mapping[str, Sequence[Sequence[float]]]) -> Any:
    """One panel an attribute: ten bins of equal weight, the share of readers who say yes over the score."""
    figure, axes = plt.subplots(2, 4, figsize=(9, 4.6), sharex=True, sharey=True, layout="constrained")
    for axis, name in zip(axes.flat, ATTRIBUTES, strict=True):
        axis.plot((0, 1), (0, 1), color=GREY, linewidth=0.8, linestyle="--")
        axis.plot([row[0] for row in bins[name]], [row[1] for row in bins[name]], color=BLUE, marker="o", markersize=3)
        axis.set_title(name.replace("_", " "), fontsize=9)
    figure.supxlabel("score")
    figure.supylabel("share that is so")
    return figure


def _rankings(metrics: Mapping[str, float]) -> Any:
    """AUC of every ranking that has an interval, with its 95 % interval."""
    names = sorted(name.removesuffix(" AUC low") for name in metrics if name.endswith(" AUC low"))
    figure, axis = plt.subplots(figsize=(7, 0.32 * len(names) + 0.8), layout="constrained")
    for row, name in enumerate(reversed(names)):
        low, high = metrics[f"{name} AUC low"], metrics[f"{name} AUC high"]
        axis.plot((low, high), (row, row), color=BLUE, linewidth=2, solid_capstyle="round")
        axis.plot(metrics[f"{name} AUC"], row, color=BLUE, marker="o", markersize=5)
    axis.set_yticks(range(len(names)), list(reversed(names)))
    axis.set_xlim(0.5, 1)
    axis.grid(axis="x", linewidth=0.4)
    axis.set_xlabel("AUC on rows that were never trained on, 95 % interval")
    return figure


def _save(figure: Any, file: Path) -> None:
    figure.savefig(file, metadata={"Date": None, "Creator": None})
    plt.close(figure)
