"""One row of a scored table with its values as they are meant, whatever the file's format could say."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from typing import Any

from data.tables.opening import InputError
from model.scores import ATTRIBUTES
from service.archive.columns import COLUMNS

MUST = ("text", "id", "recommendation")  # what no row that needs it is without
SHOWN = 40  # characters of a wrong value

Row = Mapping[str, Any]


def settled(row: Row, place: str, needed: Collection[str]) -> Row:
    """Give every value of a row its type; raise `InputError` with the `place` for a value that is missing or wrong."""
    if None in row:  # where the csv module puts them
        raise InputError(f"{place} has more cells than the header")
    missing = [name for name in needed if name not in row]
    values = {name: _value(name, row[name], place) for name in COLUMNS if name in row}
    if missing := missing or [name for name in MUST if name in needed and values[name] is None]:
        raise InputError(f'{place} has no "{missing[0]}"')
    return values


def _value(name: str, value: Any, place: str) -> Any:
    try:
        if name in ATTRIBUTES:
            return _score(value)
        return _reasons(value) if name == "reasons" else _words(name, value)
    except (ValueError, TypeError, AttributeError, RecursionError):
        raise InputError(f'{place} has no valid "{name}" ({_shown(value)})') from None


def _score(value: Any) -> float | None:
    if value is None or value == "":
        return None
    score = float(value)
    if isinstance(value, bool) or not 0 <= score <= 1:
        raise ValueError
    return score


def _reasons(value: Any) -> list[dict[str, Any]]:
    reasons = json.loads(value) if isinstance(value, str) and value else value or []
    if not isinstance(reasons, list) or not all(isinstance(reason, dict) for reason in reasons):
        raise TypeError
    return reasons


def _words(name: str, value: Any) -> str | None:
    """Return a text; ids and times that other tools have made numbers or times become texts again."""
    if value is None or isinstance(value, str):
        return value if value or name == "text" else None
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return str(value.isoformat())


def _shown(value: Any) -> str:
    told = json.dumps(value, ensure_ascii=False, default=str)
    return told if len(told) <= SHOWN else f"{told[:SHOWN]}…"
