"""Values as cells of a CSV file that people open in a spreadsheet."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

_FORMULA = ("=", "+", "-", "@", "\t", "\r")  # what a spreadsheet would run (OWASP, "CSV Injection")


def csv_row(values: Sequence[Any]) -> list[str]:
    """One row: nothing for None, JSON for lists and objects, and no text that a spreadsheet takes for a formula."""
    return [_cell(value) for value in values]


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, dict | list | tuple):
        return json.dumps(value)
    if isinstance(value, str):
        return f"'{value}" if value.startswith(_FORMULA) else value
    return str(value)
