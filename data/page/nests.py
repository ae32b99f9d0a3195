"""Which comment answers which: by nesting, by indentation, or by a block of replies that follows its parent."""

from __future__ import annotations

import re
from collections.abc import Sequence

from data.page.tree import Element

_LEVEL = re.compile(r"(?:depth|level|indent|lvl|nest(?:ed|ing)?|tier)[-_]{0,2}(\d{1,2})\b", re.IGNORECASE)
_MARGIN = re.compile(
    r"(?:margin|padding)(?:-left)?\s*:\s*(?:0(?:px)?\s+){0,3}(\d+(?:\.\d+)?)\s*(?:px|em|rem|%)", re.IGNORECASE
)


def parents_by_indent(records: Sequence[Element]) -> list[int | None]:
    """Return each record's parent as an index, from level classes, margins or blocks of replies; None for top level."""
    for measure in (_level, _margin):
        levels = [measure(record) for record in records]
        if len(set(levels)) > 1 and None not in levels:
            return by_levels([level or 0.0 for level in levels])
    return _by_reply_blocks(records)


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


def _by_reply_blocks(records: Sequence[Element]) -> list[int | None]:
    """Find records inside a sibling that follows another record: `<div comment/><div replies><div comment/></div>`."""
    position = {record: index for index, record in enumerate(records)}
    parents: list[int | None] = []
    for record in records:
        parents.append(_preceding(record, position))
    return parents


def _preceding(record: Element, position: dict[Element, int]) -> int | None:
    """Climb from a record; at each level look back over the siblings for a record that this block belongs to."""
    block: Element = record.getparent()
    for _ in range(4):
        if block is None or block.tag in ("body", "html", "main"):
            return None
        before = block.getprevious()
        if before is not None and before in position:
            return position[before]
        block = block.getparent()
    return None
