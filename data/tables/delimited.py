"""CSV and TSV, record by record: quoted newlines, ragged rows and quotes that never close.

The standard library's reader does the parsing; what is added is a limit on one record and a way on after a bad one.
"""

from __future__ import annotations

import csv
import re
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from data.tables.lines import KEPT_RAW_BYTES, MOST_LINE_BYTES, Decoder, Line, Reject, too_long

MOST_RECORD_LINES = 2_000
_STATED = re.compile(rb'(?:\xef\xbb\xbf)?"?sep=([,;\t|])"?\r?\n', re.IGNORECASE)
csv.field_size_limit(2 * MOST_LINE_BYTES)


@dataclass(frozen=True, slots=True)
class Record:
    """One record with the number of its first line and its bytes as far as they are kept."""

    line: int
    fields: list[str]
    raw: bytes


def misfit(fields: Sequence[str], names: Sequence[str]) -> str | None:
    """Say what is wrong with a row of another length than the header; None for one that fits or has empty cells more.

    A cell too many is most often a delimiter in a text that is not quoted: every cell after it is then another's.
    """
    if len(fields) == len(names) or not any(fields[len(names) :] or [True]):
        return None
    return f"has {len(fields)} fields where the header has {len(names)}"


class _BadRecord(Exception):
    """The record being read is over a limit or never ends."""


class _Feed:
    """Hands lines to the csv reader and remembers those of the record being read, to go on after a bad one."""

    def __init__(self, lines: Iterator[Line], decode: Decoder) -> None:
        self.lines, self.decode = lines, decode
        self.waiting: deque[Line] = deque()
        self.taken: list[Line] = []
        self.bytes = 0

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = self.waiting.popleft() if self.waiting else next(self.lines, None)
        if line is None and self.taken:
            raise _BadRecord("a quote that opens here is never closed")
        if line is None:
            raise StopIteration
        self.taken.append(line)
        self.bytes += len(line.raw)
        if line.too_long:
            raise _BadRecord(too_long(line).reason)
        if len(self.taken) > MOST_RECORD_LINES or self.bytes > MOST_LINE_BYTES:
            raise _BadRecord(
                f"the record runs over {MOST_RECORD_LINES:,} lines or {MOST_LINE_BYTES // 2**20} MiB; "
                "a quote is probably not closed"
            )
        return self.decode(line.raw)

    def begin(self) -> None:
        self.taken, self.bytes = [], 0

    def go_on_after_first(self) -> None:
        self.waiting.extendleft(reversed(self.taken[1:]))

    @property
    def raw(self) -> bytes:
        return b"".join(line.raw for line in self.taken)

    @property
    def first(self) -> bytes:
        return self.taken[0].raw[:KEPT_RAW_BYTES]


def records_of(lines: Iterator[Line], dialect: dict[str, Any], decode: Decoder) -> Iterator[Record | Reject]:
    """Yield every record but blank ones; a bad one is a `Reject` and reading goes on with the line after its first."""
    feed = _Feed(lines, decode)
    reader = csv.reader(feed, **dialect)
    while True:
        feed.begin()
        try:
            fields = next(reader, None)
        except (_BadRecord, csv.Error) as error:
            yield Reject(feed.taken[0].number, str(error), feed.first)
            feed.go_on_after_first()
            reader = csv.reader(feed, **dialect)
            continue
        if fields is None:
            return
        if fields:
            yield Record(feed.taken[0].number, fields, feed.raw[:KEPT_RAW_BYTES])


def dialect_of(head: bytes, delimiter: str) -> dict[str, Any]:
    """Choose the way of quoting that gives the most rows of the header's length at the beginning of a file.

    Quotes that a backslash escapes come into question only where they break the rules of RFC 4180 and are more than the
    doubled ones: by themselves they merge rows of equal length wherever a cell ends in a backslash.
    """
    text = Decoder()(head[: head.rfind(b"\n") + 1] or head)
    ways: list[dict[str, Any]] = [{"delimiter": delimiter}, {"delimiter": delimiter, "quoting": csv.QUOTE_NONE}]
    if _escapes(text, delimiter):
        ways.insert(0, {"delimiter": delimiter, "escapechar": "\\", "doublequote": False})
    lines = text.splitlines(keepends=True)
    return max(ways, key=lambda way: _regular(lines, way))


def _escapes(text: str, delimiter: str) -> bool:
    """Compare how the first quote inside a quoted cell is written: after a backslash, or twice."""
    if '\\"' not in text:
        return False
    ends = re.escape(delimiter)
    opened = rf'(?:^|{ends})"[^"]*'
    escaped = re.findall(rf'{opened}(?<=\\)"(?![{ends}\r\n"]|\Z)', text, re.MULTILINE)
    doubled = re.findall(rf'{opened}(?<!\\)""(?![{ends}\r\n]|\Z)', text, re.MULTILINE)
    return len(escaped) > len(doubled)


def _regular(lines: Sequence[str], dialect: dict[str, Any]) -> tuple[float, int]:
    """Return the share of rows as long as the header, and a number that decides between equals."""
    try:
        lengths = [len(row) for row in csv.reader(lines, **dialect) if row]
    except csv.Error:
        return (0.0, 0)
    complete = lengths[:-1] if len(lengths) > 2 else lengths  # the last may be cut off
    regular = sum(n == lengths[0] for n in complete) / max(len(complete), 1)
    lone_quotes = dialect["delimiter"] == "\t" and lengths[:1] != [1]  # in TSV, quotes mostly are what people typed
    return (regular, len(lengths) if lone_quotes else -len(lengths))


def stated_delimiter(head: bytes) -> tuple[str | None, bytes]:
    """Return the delimiter that a line before the header names for Excel ("sep=;"), and the beginning after it."""
    stated = _STATED.match(head)
    return (stated[1].decode("ascii"), head[stated.end() :]) if stated else (None, head)


def delimiter_of(header: str) -> str:
    """Return the delimiter that a header line uses: the most frequent of the four in use."""
    return max(",\t;|", key=header.count)
