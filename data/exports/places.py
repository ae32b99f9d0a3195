"""Places in a record: the small language in which `formats.toml` says where a record keeps what.

A record is what a JSON object, an XML element or a CSV row is turned into: nested dicts and lists of text and numbers.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

Record = dict[str, Any]
MAX_PART = 2_000  # characters in which a part such as a number in an address is looked for
_STEP = re.compile(r"([^.\[\]]+)(?:\[([^\]]*)\])?(?:\.|$)")


@dataclass(frozen=True, slots=True)
class Place:
    """A way down into a record (`steps`: a name and perhaps a choice among several), and a part of what is there."""

    name: str
    steps: tuple[tuple[str, str | None], ...]
    part: re.Pattern[str] | None = None

    def find_all(self, record: Any) -> list[Any]:
        """Return every object that is there."""
        found: Any = record
        for number, (name, choice) in enumerate(self.steps, 1):
            found = found.get(name) if isinstance(found, dict) else None
            found = found if number == len(self.steps) else _chosen(found, choice)
        return found if isinstance(found, list) else [found] if isinstance(found, dict) else []

    def find(self, record: Any) -> Any:
        """Return what is there, the first of several; None where nothing is."""
        found: Any = record
        for name, choice in self.steps:
            found = _chosen(found.get(name) if isinstance(found, dict) else None, choice)
        if isinstance(found, dict) and "#" in found:
            found = found["#"]
        if self.part is None or found is None:
            return found
        match = self.part.search(str(found).strip()[:MAX_PART])
        return match[1] if match else None


@lru_cache(maxsize=1024)
def place(source: str) -> Place:
    """Read one place: `a.b`, `a[rel=x].@b`, `a[-1].b`, each perhaps with ` ~ (regular expression)`."""
    path, _, part = source.partition(" ~ ")
    steps = tuple((match[1], match[2]) for match in _STEP.finditer(path))
    return Place(path.rsplit(".", 1)[-1], steps, re.compile(part) if part else None)


def _chosen(found: Any, choice: str | None) -> Any:
    if not isinstance(found, list):
        return found if choice is None or "=" not in choice or _fits(found, choice) else None
    if choice is None or choice.lstrip("-").isdigit():
        number = int(choice or 0)
        return found[number] if -len(found) <= number < len(found) else None
    return next((item for item in found if _fits(item, choice)), None)


def _fits(item: Any, choice: str) -> bool:
    name, _, value = choice.partition("=")
    return isinstance(item, dict) and item.get(f"@{name}") == value


def text_at(record: Any, sources: Sequence[str]) -> str | None:
    """Return the first text or number that one of the places holds, as text; blank counts as nothing."""
    found = named_text_at(record, sources)
    return found[1] if found else None


def named_text_at(record: Any, sources: Sequence[str]) -> tuple[str, str] | None:
    """Return the name of the first place that holds something, and what it holds."""
    for source in sources:
        if " + " in source:
            pieces = [text_at(record, [piece]) or "" for piece in source.split(" + ")]
            if all(pieces):
                return source, "".join(pieces)
            continue
        spot = place(source)
        found = as_text(spot.find(record))
        if found is not None and found.strip():
            return spot.name, found
    return None


def as_text(value: Any) -> str | None:
    """Return a text as it is, a number as it is written; None for anything else."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return str(value)
    if isinstance(value, dict):  # extended JSON of MongoDB
        inner = next((value[name] for name in ("$date", "$numberLong", "$numberInt", "$oid") if name in value), None)
        return as_text(inner)
    return None


def holds(record: Any, sources: str, pattern: str) -> bool:
    """Whether one of the places (apart by `|`) holds the pattern; `*` is anything but nothing, false and zero."""
    for source in sources.split("|") if " ~ " not in sources else [sources]:
        found = (as_text(place(source).find(record)) or "").strip()
        if pattern == "*":
            if found.lower() not in ("", "false", "0", "null", "none"):
                return True
        elif re.fullmatch(pattern, found):
            return True
    return False
