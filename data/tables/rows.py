"""Rows of a table: one comment each, whatever the table is called and whichever columns hold what."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from data.tables.columns import ANY_COLUMNS, USUAL, Choice, Columns, choose, names_of, plain_name, text_names
from data.tables.delimited import Record, delimiter_of, dialect_of, misfit, records_of, stated_delimiter
from data.tables.json_articles import Articles, article_cell, is_named
from data.tables.json_documents import as_line, comment_list, outermost, with_answers
from data.tables.json_files import json_records
from data.tables.lines import KEPT_RAW_BYTES, Line, Reject, as_utf8, decoder_for, lines_of, too_long
from data.tables.opening import HEAD_BYTES, InputError, Opened
from data.tables.parquet_files import parquet_records

ENDINGS = {"csv": "csv", "tsv": "tsv", "tab": "tsv", "jsonl": "jsonl", "ndjson": "jsonl", "parquet": "parquet"}
LONGEST_NAME = 40  # characters of a column's name, where a header must be told from a sentence


@dataclass(frozen=True, slots=True)
class TableRow:
    """One comment of a table; values are exactly as in the file, `text` is empty where the cell is."""

    id: str
    text: str
    parent_id: str | None = None
    article: str | None = None
    author: str | None = None
    published: str | None = None


def table_kind(name: str, head: bytes, text: str | None = None) -> str | None:
    """Return csv, tsv, json, jsonl or parquet, by content where it tells and by the name's ending otherwise.

    `text` is the name of the column with the text, where it was asked for.
    """
    if head.startswith(b"PAR1"):
        return "parquet"
    ending = ending_of(name)
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n")
    jsonl = ENDINGS.get(ending) == "jsonl"
    if not jsonl and start.startswith((b"{", b"[")) and comment_list(start, text_names(text)):
        return "json"
    if start.startswith(b"{") and ending not in ("csv", "tsv"):
        first = start.split(b"\n", 1)[0]
        return "jsonl" if ending == "jsonl" or _is_object(first) else None
    if start.startswith((b"<!", b"<html", b"<?xml")) and ending != "tsv":
        return None
    return ENDINGS.get(ending)


def is_header(head: bytes) -> bool:
    """Whether a file without a telling name begins like a table: with short names, one of them usual for text."""
    line = stated_delimiter(head)[1].removeprefix(b"\xef\xbb\xbf").split(b"\n", 1)[0].decode("utf-8", "replace").strip()
    names = [name.strip().strip('"') for name in line.split(delimiter_of(line))]
    short = all(0 < len(name) <= LONGEST_NAME for name in names)
    return len(names) > 1 and short and any(plain_name(name) in USUAL["text"] for name in names)


def ending_of(name: str) -> str:
    """Return the ending that says what a file holds: `csv` for `comments.csv.gz`."""
    parts = name.lower().rsplit("/", 1)[-1].split(".")
    while len(parts) > 1 and parts[-1] in ("gz", "zst", "zstd"):
        parts.pop()
    return parts[-1] if len(parts) > 1 else ""


def _is_object(line: bytes) -> bool:
    try:
        return isinstance(json.loads(line), dict)
    except (ValueError, RecursionError):
        return False


def read_table(opened: Opened, kind: str, columns: Columns = ANY_COLUMNS) -> Iterator[TableRow | Reject]:
    """Yield every row in order, a `Reject` for each that cannot be read; `InputError` for the whole table."""
    readers: dict[str, Callable[[], Iterator[TableRow | Reject]]] = {
        "csv": lambda: _delimited(opened, columns, None),
        "tsv": lambda: _delimited(opened, columns, "\t"),
        "json": lambda: _json_document(opened, columns),
        "jsonl": lambda: _json_lines(opened, columns),
        "parquet": lambda: _parquet(opened, columns),
    }
    return readers[kind]()


def _delimited(opened: Opened, columns: Columns, delimiter: str | None) -> Iterator[TableRow | Reject]:
    stream = as_utf8(opened.stream)
    head = stream.peek(HEAD_BYTES)[:HEAD_BYTES]
    decode, lines = decoder_for(head), lines_of(stream)
    stated, head = stated_delimiter(head)
    if stated:
        next(lines)
    dialect = dialect_of(head, stated or delimiter or delimiter_of(decode(head.split(b"\n", 1)[0])))
    records = records_of(lines, dialect, decode)
    header = next(records, None)
    if not isinstance(header, Record):
        raise InputError("has no header line that can be read")
    names = [name.strip() for name in header.fields]
    chosen = choose(columns, names)
    for number, record in enumerate(records):
        yield _delimited_row(record, names, chosen, number)


def _delimited_row(record: Record | Reject, names: Sequence[str], chosen: Columns, number: int) -> TableRow | Reject:
    if isinstance(record, Reject):
        return record
    if reason := misfit(record.fields, names):
        return Reject(record.line, reason, record.raw)
    return _row(dict(zip(names, record.fields, strict=False)), chosen, number)


def _json_lines(opened: Opened, columns: Columns) -> Iterator[TableRow | Reject]:
    number = 0
    stream = as_utf8(opened.stream)
    head = stream.peek(HEAD_BYTES)[:HEAD_BYTES]
    decode = decoder_for(head)
    objects = _Objects(columns, head, Articles(text_names(columns.text)))
    begun = (json_object(Line(0, line), decode) for line in head.split(b"\n"))
    objects.articles.look(values for values in begun if isinstance(values, dict))
    for line in lines_of(stream):
        if not line.raw.strip():
            continue
        values = json_object(line, decode)
        found = objects.rows(values, number, line) if isinstance(values, dict) else iter((values,))
        for row in found:
            yield row
            number += 1


def json_object(line: Line, decode: Callable[[bytes], str]) -> dict[str, Any] | Reject:
    """Read one line; numbers stay text, so that an id is exactly as in the file."""
    if line.too_long:
        return too_long(line)
    try:
        values = json.loads(decode(line.raw), parse_int=str, parse_float=str)
    except ValueError as error:
        return Reject(line.number, f"is not JSON: {error}", line.raw)
    except RecursionError:
        return Reject(line.number, "is nested too deep", line.raw)
    if not isinstance(values, dict):
        return Reject(line.number, "is not a JSON object", line.raw)
    return values


def _json_document(opened: Opened, columns: Columns) -> Iterator[TableRow | Reject]:
    """Yield the comments of the document's list and their answers; a reject's line is the place in the list."""
    stream = as_utf8(opened.stream)
    head = stream.peek(HEAD_BYTES)[:HEAD_BYTES]
    path = comment_list(head, text_names(columns.text)) or "item"
    outer = outermost(path)
    objects = _Objects(columns, head, Articles(text_names(columns.text), seen=outer != path, none=is_named(outer)))
    number = 0
    for place, (_, record) in enumerate(json_records(stream, frozenset((outer,))), start=1):
        for row in objects.rows(record, number, Line(place, b"")):
            yield row
            number += 1


class _Objects:
    """Makes rows of a table's objects: comments with the answers inside them, or articles with their comments."""

    def __init__(self, columns: Columns, head: bytes, articles: Articles) -> None:
        self.columns, self.choice, self.articles = columns, Choice(columns, head), articles

    def rows(self, record: dict[str, Any], first: int, line: Line) -> Iterator[TableRow | Reject]:
        """Yield the rows of an object, `first` being the number of the first."""
        comments = self.articles.comments_of(record)
        if comments is None:
            yield from self._thread(record, first, line)
            return
        article, number = article_cell(record, self.columns.article), first
        for comment in comments:
            for row in self._thread(comment, number, Line(line.number, b"")):
                yield replace(row, article=row.article or article) if isinstance(row, TableRow) else row
                number += 1

    def _thread(self, record: Any, first: int, line: Line) -> Iterator[TableRow | Reject]:
        """Yield a comment and then the answers inside it; one that is rejected shows its own JSON."""
        if not isinstance(record, dict):
            yield Reject(line.number, "has a comment that is not a JSON object", as_line(record)[:KEPT_RAW_BYTES])
            return
        chosen = self.choice.of(record)
        answers = with_answers(record, self.articles.text_names, chosen.id)
        for number, (values, parent) in enumerate(answers, start=first):
            own = line if values is record and line.raw else Line(line.number, as_line(values)[:KEPT_RAW_BYTES])
            row = _json_row(values, own, self.choice.of(values), number)
            if isinstance(row, TableRow) and row.parent_id is None and parent is not None:
                row = replace(row, parent_id=parent)
            yield row


def _json_row(values: dict[str, Any], line: Line, chosen: Columns, number: int) -> TableRow | Reject:
    if chosen.text not in values:
        return Reject(line.number, f'has no "{chosen.text}"', line.raw)
    if isinstance(values[chosen.text], (dict, list)):
        return Reject(line.number, f'"{chosen.text}" is not text', line.raw)
    return _row(values, chosen, number)


def _parquet(opened: Opened, columns: Columns) -> Iterator[TableRow | Reject]:
    for number, (values, chosen) in enumerate(parquet_records(opened, columns)):
        yield _parquet_row(values, chosen, number)


def _parquet_row(values: Mapping[str, Any], chosen: Columns, number: int) -> TableRow | Reject:
    try:
        return _row(values, chosen, number)
    except UnicodeDecodeError as error:
        return Reject(number + 1, "has bytes that are not text in UTF-8", error.object[:KEPT_RAW_BYTES])


def _row(values: Mapping[str, Any], chosen: Columns, number: int) -> TableRow:
    cells = {
        role: _text(values.get(name)) if name else None for role, name in zip(_ROLES, names_of(chosen), strict=True)
    }
    return TableRow(
        id=cells["id"] or str(number),
        text=cells["text"] or "",
        parent_id=cells["parent"] or None,
        article=cells["article"] or None,
        author=cells["author"] or None,
        published=cells["published"] or None,
    )


_ROLES = ("text", "id", "article", "parent", "author", "published")


def _text(value: object) -> str | None:
    """Return a cell as text, None for an empty one; `UnicodeDecodeError` for bytes that are no UTF-8."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bytes):
        return value.decode("utf-8-sig")
    if isinstance(value, (dict, list, bool)):
        return json.dumps(value, ensure_ascii=False, default=_text)
    if isinstance(value, float) and math.isnan(value):
        return None
    isoformat = getattr(value, "isoformat", None)
    return isoformat() if isoformat else str(value)
