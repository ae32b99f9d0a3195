"""CSV exports and JSON Lines exports as streams of records."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterator
from typing import IO, Any

from data.exports.places import Record
from data.tables.delimited import Record as Fields
from data.tables.delimited import delimiter_of, dialect_of, misfit, records_of
from data.tables.json_files import json_records
from data.tables.lines import as_utf8, decoder_for, lines_of
from data.tables.opening import HEAD_BYTES, InputError
from data.tables.rows import json_object
from data.tables.unpacking import peekable

Warn = Callable[[str], None]


def csv_records(stream: IO[bytes], warn: Warn) -> Iterator[Record]:
    """Yield a record per row; rows that cannot be read are told to `warn`."""
    utf8 = as_utf8(buffered(stream))
    head = utf8.peek(HEAD_BYTES)[:HEAD_BYTES]
    decode = decoder_for(head)
    dialect = dialect_of(head, delimiter_of(decode(head.split(b"\n", 1)[0])))
    records = records_of(lines_of(utf8), dialect, decode)
    header = next(records, None)
    if not isinstance(header, Fields):
        raise InputError("has no header line that can be read")
    names = [name.strip() for name in header.fields]
    for record in records:
        if not isinstance(record, Fields):
            warn(f"Line {record.line} could not be read: {record.reason}.")
        elif reason := misfit(record.fields, names):
            warn(f"Line {record.line} {reason}.")
        else:
            yield dict(zip(names, record.fields, strict=False))


def line_records(stream: IO[bytes], warn: Warn) -> Iterator[Record]:
    """Yield a record per line; a JSON array or objects over several lines are read as well."""
    utf8 = as_utf8(buffered(stream))
    if not _one_per_line(utf8.peek(HEAD_BYTES)[:HEAD_BYTES]):
        for _, record in json_records(utf8, frozenset(("", "item")), whole=True):
            yield record
        return
    decode = decoder_for(utf8.peek(HEAD_BYTES)[:HEAD_BYTES])
    for line in lines_of(utf8):
        if not line.raw.strip():
            continue
        values: Any = json_object(line, decode)
        if isinstance(values, dict):
            yield values
        else:
            warn(f"Line {values.line} could not be read: {values.reason}.")


def _one_per_line(head: bytes) -> bool:
    first, _, rest = head.lstrip().partition(b"\n")
    if first.startswith(b"[") or not rest.strip():
        return not first.startswith(b"[") and len(head) < HEAD_BYTES
    try:
        return isinstance(json.loads(first), dict)
    except (ValueError, RecursionError):
        return False


def buffered(stream: IO[bytes]) -> io.BufferedReader[Any]:
    """Return a reader that can be looked into with `peek`, as far as `HEAD_BYTES` whatever the stream hands out."""
    return peekable(stream, HEAD_BYTES)
