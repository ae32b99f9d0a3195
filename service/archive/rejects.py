"""Rows that could not be read, as lines of OUT.rejects.jsonl: where, why, and the bytes themselves."""

from __future__ import annotations

from base64 import b64encode

from service.archive.reading import RejectedRow
from service.archive.writing import json_line


def reject_line(rejected: RejectedRow) -> bytes:
    """Return one line; bytes that are no UTF-8 are given as base64."""
    reject = rejected.reject
    try:
        raw, encoding = reject.raw.decode("utf-8"), "utf-8"
    except UnicodeDecodeError:
        raw, encoding = b64encode(reject.raw).decode(), "base64"
    return json_line(
        {
            "source": rejected.source,
            "line": reject.line,
            "reason": reject.reason,
            "raw": raw,
            "raw_encoding": encoding,
        }
    )
