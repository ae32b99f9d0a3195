"""Charts as numbers for SVG: the templates only write them down, so that pages need no script to show them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from service.desk.views import View
from service.store.distributions import CELLS
from service.store.filters import Range

WIDTH, HEIGHT = 800.0, 220.0  # of the plot, in the units of its viewBox
SIDE = 480.0  # of the scatter


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a histogram: its place, the scores it stands for, and whether the range holds it."""

    x: float
    y: float
    width: float
    height: float
    low: float
    high: float
    count: int
    inside: bool


@dataclass(frozen=True, slots=True)
class Dot:
    """One cell of the scatter as a dot whose area is its count; `across` and `up` are the cell's middle."""

    x: float
    y: float
    radius: float
    count: int
    across: float
    up: float
    cell_x: float
    cell_y: float
    cell: float
    href: str
    label: str


def columns(counts: Sequence[int], chosen: Range | None) -> list[Column]:
    """Heights by square root: a queue has thousands at one end and a few that matter at the other."""
    most = max(counts, default=0) or 1
    width = WIDTH / len(counts)
    made = []
    for number, count in enumerate(counts):
        low, high = number / len(counts), (number + 1) / len(counts)
        height = (count / most) ** 0.5 * HEIGHT
        inside = chosen is not None and chosen.low < high and low < max(chosen.high, chosen.low + 1e-9)
        made.append(Column(number * width, HEIGHT - height, width, height, low, high, count, inside))
    return made


def dots(cells: Mapping[tuple[int, int], int], across: str, up: str, view: View) -> list[Dot]:
    """One dot per cell, each a link to its comments."""
    most = max(cells.values(), default=0) or 1
    cell = SIDE / CELLS
    made = []
    for (column, row), count in sorted(cells.items()):
        low, high = (column / CELLS, row / CELLS), ((column + 1) / CELLS, (row + 1) / CELLS)
        # The cells do not overlap: the upper edge belongs to the next one.
        upper = [1.0 if value >= 1 else value - 1e-6 for value in high]
        bounds = {"a": across, "lo": f"{low[0]:g}", "hi": f"{upper[0]:.6f}", "b": up, "blo": f"{low[1]:g}"}
        href = view.url("/", queue="all", **bounds, bhi=f"{upper[1]:.6f}")
        words = f"{count} with {across} {low[0]:.2f} to {high[0]:.2f} and {up} {low[1]:.2f} to {high[1]:.2f}"
        made.append(
            Dot(
                x=(column + 0.5) * cell,
                y=SIDE - (row + 0.5) * cell,
                radius=2 + (count / most) ** 0.5 * (cell / 2 - 2),
                count=count,
                across=(low[0] + high[0]) / 2,
                up=(low[1] + high[1]) / 2,
                cell_x=column * cell,
                cell_y=SIDE - (row + 1) * cell,
                cell=cell,
                href=href,
                label=words.replace("_", " "),
            )
        )
    return made


def polyline(values: Sequence[float | None], width: float, height: float) -> str:
    """Points of a line over equal steps; values are shares from 0 to 1, None leaves a gap out."""
    steps = max(len(values) - 1, 1)
    points = (
        (index / steps * width, height - value * height) for index, value in enumerate(values) if value is not None
    )
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
