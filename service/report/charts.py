"""Charts of a report as SVG, drawn by Matplotlib; text stays text, so that it can be read aloud and searched."""

from __future__ import annotations

import io
import re
from collections.abc import Collection, Mapping
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.colors import LogNorm
from matplotlib.figure import Figure

from model.scores import ATTRIBUTES
from service.policy import BELOW, DEFAULT_THRESHOLDS
from service.report.totals import BINS, GRID, Group, Totals

INK, FAINT, MAIN, ALARM = "#1c2733", "#c9d1d9", "#2f6f9f", "#b3402a"
COLOURS = ("#b3402a", "#7b2d26", "#8d5a97", "#d98032", "#8a8a2b", "#4b4b4b", "#2f6f9f", "#3c8d5a")  # one per attribute
STYLE = {
    "svg.fonttype": "none",
    "svg.hashsalt": "belowline",
    "font.family": "DejaVu Sans",
    "font.size": 9,
    "text.color": INK,
    "axes.labelcolor": INK,
    "axes.edgecolor": FAINT,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.titlesize": 9,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "xtick.color": INK,
    "ytick.color": INK,
}
MOST_TICKS = 8


def distributions(totals: Totals) -> list[str]:
    """A small histogram per attribute that was scored; what lies beyond the threshold is in the alarm colour."""
    drawings = []
    for name in totals.attributes:
        with mpl.rc_context(STYLE):
            figure = Figure(figsize=(2.2, 1.9), layout="constrained")
            _distribution(figure.subplots(), name, totals)
            drawings.append(_svg(figure, f"Distribution of the scores of {name.replace('_', ' ')}"))
    return drawings


def _distribution(axes: Any, name: str, totals: Totals) -> None:
    counts = totals.bins[name].reshape(BINS // 5, 5).sum(axis=1)
    edges = np.arange(len(counts)) / len(counts)
    threshold = DEFAULT_THRESHOLDS[name]
    beyond = edges < threshold if name in BELOW else edges >= threshold
    colours = np.where(beyond, ALARM, MAIN)
    axes.bar(edges, 100 * counts / max(counts.sum(), 1), width=0.045, align="edge", color=colours)
    axes.set_title(name.replace("_", " "))
    axes.set_xlim(0, 1)
    axes.set_xticks([0, 0.5, 1], ["0", ".5", "1"])
    axes.yaxis.set_major_locator(mpl.ticker.MaxNLocator(3))
    axes.yaxis.set_major_formatter(lambda value, _: f"{value:g} %")


def over_time(periods: Mapping[str, Group], shown: Collection[str]) -> str:
    """Comments per period above, shares that cross the thresholds of the shown attributes below."""
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(8.4, 4.2), layout="constrained")
        above, below = figure.subplots(2, 1, sharex=True, height_ratios=(1, 2))
        places = np.arange(len(periods))
        groups = list(periods.values())
        above.bar(places, [group.comments for group in groups], color=MAIN, width=0.8)
        above.set_title("comments")
        for name, colour, line in (("toxicity", ALARM, "-"), ("sarcasm", MAIN, "--"), ("relevance", "#3c8d5a", ":")):
            if name not in shown:
                continue
            label = "off topic" if name in BELOW else name
            below.plot(
                places, [100 * group.share(name) for group in groups], line, color=colour, label=label, marker="."
            )
        below.plot(places, [100 * group.review_share for group in groups], color=INK, linewidth=1, label="to review")
        below.set_title("share beyond the threshold, in %")
        below.set_ylim(bottom=0)
        figure.legend(frameon=False, ncols=4, loc="outside lower center")
        step = max(1, -(-len(periods) // MOST_TICKS))
        below.set_xticks(places[::step], list(periods)[::step])
        return _svg(figure, "Comments over time, and the shares beyond the thresholds")


def sarcasm_against_toxicity(totals: Totals) -> str:
    """A map of how many comments are how toxic and how sarcastic; the scale is logarithmic."""
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(4.6, 3.8), layout="constrained")
        axes = figure.subplots()
        edges = np.linspace(0, 1, GRID + 1)
        grid = np.ma.masked_equal(totals.grid.T, 0)
        top = max(int(totals.grid.max()), 2)
        mesh = axes.pcolormesh(
            edges, edges, grid, cmap="cividis_r", norm=LogNorm(1, top), linewidth=0, rasterized=False
        )
        axes.axvline(DEFAULT_THRESHOLDS["toxicity"], color=ALARM, linewidth=1)
        axes.axhline(DEFAULT_THRESHOLDS["sarcasm"], color=ALARM, linewidth=1)
        axes.set_xlabel("toxicity")
        axes.set_ylabel("sarcasm")
        bar = figure.colorbar(mesh, ax=axes, label="comments", ticks=mpl.ticker.LogLocator(numticks=5))
        if bar.solids is not None:
            bar.solids.set(rasterized=False, edgecolor="face")  # no picture inside the drawing
        bar.ax.minorticks_off()
        bar.ax.yaxis.set_major_formatter(lambda value, _: f"{value:,.0f}")
        return _svg(figure, "Sarcasm against toxicity: how many comments have which scores")


def thresholds(totals: Totals) -> str:
    """For every threshold of every attribute: the share of comments that it alone would send to review."""
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(4.6, 3.8), layout="constrained")
        axes = figure.subplots()
        for name, colour in zip(ATTRIBUTES, COLOURS, strict=True):
            if name not in totals.attributes:
                continue
            shares = np.maximum(100 * totals.review_shares(name), 1e-3)
            label = "off topic" if name in BELOW else name.replace("_", " ")
            axes.plot(
                np.linspace(0, 1, BINS + 1), shares, color=colour, label=label, linestyle=":" if name in BELOW else "-"
            )
            chosen = round(DEFAULT_THRESHOLDS[name] * BINS)
            axes.plot([chosen / BINS], [shares[chosen]], "o", color=colour, markersize=4)
        axes.set_yscale("log")
        axes.set_ylim(0.01, 110)
        axes.set_yticks([0.01, 0.1, 1, 10, 100], ["0.01 %", "0.1 %", "1 %", "10 %", "100 %"])
        axes.set_xlabel("threshold (the dot: the default)")
        if axes.lines:
            axes.legend(frameon=False, fontsize=7, ncols=2)
        return _svg(figure, "Share of comments that each threshold would send to review")


def _svg(figure: Any, description: str) -> str:
    """Return the drawing to be put into a page: it scales, and says what it shows."""
    stream = io.StringIO()
    figure.savefig(stream, format="svg", metadata={"Date": None, "Creator": None}, transparent=True)
    drawing = stream.getvalue()
    drawing = drawing[drawing.index("<svg") :]
    drawing = re.sub(r"<metadata>.*?</metadata>", "", drawing, flags=re.DOTALL)
    drawing = re.sub(r'<svg([^>]*?) width="[^"]*"', r"<svg\1", drawing, count=1)
    drawing = re.sub(r'<svg([^>]*?) height="[^"]*"', r"<svg\1", drawing, count=1)
    drawing = drawing.replace("'DejaVu Sans'", "system-ui, 'DejaVu Sans', sans-serif")
    return drawing.replace("<svg", f'<svg role="img" aria-label="{description}"', 1)
