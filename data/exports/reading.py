"""Telling an export by its beginning, and reading it."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import IO

from data.exports.database_files import database_records
from data.exports.facts import Fact, facts_of
from data.exports.formats import Format, formats
from data.exports.markup_files import xml_records
from data.exports.row_files import csv_records, line_records
from data.exports.spool import Spool
from data.records import Discussion
from data.tables.delimited import delimiter_of
from data.tables.json_files import json_records
from data.tables.opening import InputError

STARTS = {"xml": (b"<",), "json": (b"{", b"["), "lines": (b"{", b"[")}
JUNK = 8  # stray bytes before the `<` of an XML export


def sniff_export(head: bytes) -> str | None:
    """Return the name of the format whose export begins like this (uncompressed), or None."""
    start = _as_utf8(head).lstrip(b"\xef\xbb\xbf \t\r\n")
    header = _header(start)
    for format_ in formats().values():
        if format_.carrier == "csv":
            if any(set(names) <= header for names in format_.sniff):
                return format_.name
        elif format_.carrier == "sqlite":
            if head.startswith(b"SQLite") and any(_all_in(head, names) for names in format_.sniff):
                return format_.name
        elif _begins(start, format_.carrier) and any(_all_in(start, names) for names in format_.sniff):
            return format_.name
    return None


def _as_utf8(head: bytes) -> bytes:
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return head[: len(head) // 2 * 2].decode("utf-16", "replace").encode("utf-8", "replace")
    return head


def _begins(start: bytes, carrier: str) -> bool:
    if carrier == "xml":
        return 0 <= start.find(b"<") <= JUNK and not start[:500].lower().lstrip().startswith(
            (b"<!doctype html", b"<html")
        )
    return start.startswith(STARTS[carrier])


def _all_in(start: bytes, names: tuple[str, ...]) -> bool:
    return all(name.encode() in start for name in names)


def _header(start: bytes) -> set[str]:
    """Return the column names of a first line that looks like a header."""
    line = start.split(b"\n", 1)[0]
    if not line or len(line) > 8192 or line.startswith((b"<", b"{", b"[")):
        return set()
    text = line.decode("utf-8", "replace")
    try:
        return {name.strip() for name in next(csv.reader([text], delimiter=delimiter_of(text)), [])}
    except csv.Error:
        return set()


def read_export(stream: IO[bytes], format: str, source: str) -> Iterator[Discussion]:
    """Yield the discussions of an export; what could be read of a damaged one comes before the `InputError`.

    Tables that belong to a dump (users, threads) are read from beside it where `source` is a path.
    """
    if format not in formats():
        raise InputError(f"there is no format {format}; there are {', '.join(sorted(formats()))}")
    format_ = formats()[format]
    with closing(Spool(format_, source)) as spool:
        problem: InputError | None = None
        try:
            for fact in _facts(format_, stream, spool, source):
                spool.add(fact)
                if format_.window and spool.comments >= format_.window:
                    yield from spool.discussions()
                    spool.empty()
        except InputError as error:
            problem = error
        yield from spool.discussions()
        if problem is not None:
            raise problem


def _facts(format_: Format, stream: IO[bytes], spool: Spool, source: str) -> Iterator[Fact]:
    if format_.carrier == "xml":
        for name, record, enclosing in xml_records(stream, format_.records, spool.warn):
            yield from facts_of(format_, name, record, enclosing)
    elif format_.carrier == "json":
        for number, (path, record) in enumerate(json_records(stream, format_.records)):
            yield from facts_of(format_, path, record, str(number) if path == "item" else "")
    elif format_.carrier == "sqlite":
        for record in database_records(stream, format_.query):
            yield from facts_of(format_, "", record)
    else:
        yield from _beside(format_, spool, source)
        read = csv_records if format_.carrier == "csv" else line_records
        for record in read(stream, spool.warn):
            yield from facts_of(format_, "", record)


def _beside(format_: Format, spool: Spool, source: str) -> Iterator[Fact]:
    """Read the tables that lie in the same folder as the comments."""
    if not format_.beside or not Path(source).is_file():
        return
    for file, name in format_.beside.items():
        path = Path(source).with_name(file)
        if path.is_file() and path != Path(source):
            with path.open("rb") as stream:
                for record in csv_records(stream, spool.warn):
                    yield from facts_of(format_, name, record)
