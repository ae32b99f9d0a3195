"""Which comment answers which: by level classes, by indentation, or by how deep the page has put it.

A block of replies that follows its parent lies deeper in the tree than the parent, whatever the block is called.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from data.page.tree import Element

_LEVEL = re.compile(r"(?:depth|level|indent|lvl|nest(?:ed|ing)?|tier)[-_]{0,2}(\d{1,2})\b", re.IGNORECASE)
_MARGIN = re.compile(
    r"(?:margin|padding)(?:-left)?\s*:\s*(?:0(?:px)?\s+){0,3}(\d+(?:\.\d+)?)\s*(?:px|em|rem|%)", re.IGNORECASE
)


def parents_by_indent(records: Sequence[Element]) -> list[int | None]:
    """Return each record's parent as an index, from classes, margins, spacers or depth; None for the top level."""
    for measure in (_level, _margin, _spacer):
        levels = [measure(record) for record in records]
        if len(set(levels)) > 1 and None not in levels:
            return by_levels([level or 0.0 for level in levels])
    return _by_depth(records)


def by_levels(levels: Sequence[float]) -> list[int | None]:
    """Return for each item the nearest earlier one with a smaller level."""
    parents: list[int | None] = []
    path: list[int] = []
    for index, level in enumerate(levels):
        while path and levels[path[-1]] >= level:
            path.pop()
        parents.append(path[-1] if path else None)
        path.append(index)
    return parents


def _level(record: Element) -> float | None:
    for element in (record, record.getparent()):
        if element is not None and (match := _LEVEL.search(element.get("class") or "")):
            return float(match[1])
    return None


def _margin(record: Element) -> float | None:
    for element in (record, record.getparent()):
        if element is not None and (match := _MARGIN.search(element.get("style") or "")):
            return float(match[1])
    return None


def _spacer(record: Element) -> float | None:
    """The width of the empty picture, or the cell's own number, that pushes a row of a table to the right."""
    row = record if record.tag == "tr" else record.getparent()
    if row is None or row.tag != "tr":
        return None
    for element in row.iter("td", "img"):
        if element is record:
            return None
        width = element.get("indent") if element.tag == "td" else element.get("width")
        if width and width.isdigit():
            return float(width)
    return None


def _by_depth(records: Sequence[Element]) -> list[int | None]:
    """Where all that follows lies below the first one, that is the post of a thread and not what they reply to."""
    parents = by_levels([float(sum(1 for _ in record.iterancestors())) for record in records])
    alone = len(records) > 2 and all(parent == 0 for parent in parents[1:])
    return [None] * len(records) if alone else parents
