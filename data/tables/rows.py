"""Rows of a table: one comment each, whatever the table is called and whichever columns hold what."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO, Any, cast

import pyarrow as pa
import pyarrow.parquet as pq

from data.tables.columns import ANY_COLUMNS, USUAL, Choice, Columns, choose, names_of, text_names
from data.tables.delimited import Record, delimiter_of, dialect_of, records_of
from data.tables.json_documents import as_line, comment_list, with_answers
from data.tables.json_files import json_records
from data.tables.lines import KEPT_RAW_BYTES, Line, Reject, as_utf8, decoder_for, lines_of, too_long
from data.tables.opening import HEAD_BYTES, InputError, Opened, reading_errors

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
    line = head.removeprefix(b"\xef\xbb\xbf").split(b"\n", 1)[0].decode("utf-8", "replace").strip()
    names = [name.strip().strip('"') for name in line.split(delimiter_of(line))]
    short = all(0 < len(name) <= LONGEST_NAME for name in names)
    return len(names) > 1 and short and any(name.lower() in USUAL["text"] for name in names)


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
    decode = decoder_for(head)
    dialect = dialect_of(head, delimiter or delimiter_of(decode(head.split(b"\n", 1)[0])))
    records = records_of(lines_of(stream), dialect, decode)
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
    fields = record.fields
    if len(fields) != len(names) and any(fields[len(names) :] or [True]):
        return Reject(record.line, f"has {len(fields)} fields where the header has {len(names)}", record.raw)
    return _row(dict(zip(names, fields, strict=False)), chosen, number)


def _json_lines(opened: Opened, columns: Columns) -> Iterator[TableRow | Reject]:
    number = 0
    stream = as_utf8(opened.stream)
    head = stream.peek(HEAD_BYTES)[:HEAD_BYTES]
    choice, decode = Choice(columns, head), decoder_for(head)
    for line in lines_of(stream):
        if not line.raw.strip():
            continue
        values = json_object(line, decode)
        if isinstance(values, dict):
            found: Iterable[TableRow | Reject] = _json_rows(values, choice, number, line)
        else:
            found = (values,)
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


def _json_row(values: dict[str, Any], line: Line, chosen: Columns, number: int) -> TableRow | Reject:
    if chosen.text not in values:
        return Reject(line.number, f'has no "{chosen.text}"', line.raw)
    if isinstance(values[chosen.text], (dict, list)):
        return Reject(line.number, f'"{chosen.text}" is not text', line.raw)
    return _row(values, chosen, number)


def _json_document(opened: Opened, columns: Columns) -> Iterator[TableRow | Reject]:
    """Yield the comments of the document's list and their answers; a reject's line is the place in the list."""
    stream = as_utf8(opened.stream)
    head = stream.peek(HEAD_BYTES)[:HEAD_BYTES]
    path = comment_list(head, text_names(columns.text)) or "item"
    choice, number = Choice(columns, head), 0
    for place, (_, record) in enumerate(json_records(stream, frozenset((path,))), start=1):
        for row in _json_rows(record, choice, number, Line(place, b"")):
            yield row
            number += 1


def _json_rows(record: dict[str, Any], choice: Choice, first: int, line: Line) -> Iterator[TableRow | Reject]:
    """Yield a comment, row number `first`, and then the answers inside it; one that is rejected shows its own JSON."""
    chosen = choice.of(record)
    for number, (values, parent) in enumerate(with_answers(record, chosen.text or "", chosen.id), start=first):
        own = line if values is record and line.raw else Line(line.number, as_line(values)[:KEPT_RAW_BYTES])
        row = _json_row(values, own, choice.of(values), number)
        if isinstance(row, TableRow) and row.parent_id is None and parent is not None:
            row = replace(row, parent_id=parent)
        yield row


def _parquet(opened: Opened, columns: Columns) -> Iterator[TableRow]:
    with _seekable(opened) as seekable:
        file = _opened_parquet(seekable)
        chosen = choose(columns, file.schema_arrow.names)
        wanted = [name for name in names_of(chosen) if name]
        number = 0
        for batch in _batches(file, wanted):
            for values in batch.to_pylist():
                yield _row(values, chosen, number)
                number += 1


def _batches(file: pq.ParquetFile, wanted: Sequence[str]) -> Iterator[pa.RecordBatch]:
    try:
        yield from file.iter_batches(batch_size=1024, columns=list(dict.fromkeys(wanted)))
    except (pa.ArrowException, OSError) as error:
        raise InputError(f"is a damaged Parquet file ({str(error).splitlines()[0]})") from None


@contextmanager
def _seekable(opened: Opened) -> Iterator[IO[bytes]]:
    """Parquet is read from its end: what is packed or comes through a pipe goes to a temporary file first."""
    if opened.path != "-" and "://" not in opened.path and not opened.packed:
        with Path(opened.path).open("rb") as file:
            yield file
        return
    with tempfile.TemporaryFile() as copy, reading_errors():
        shutil.copyfileobj(cast(IO[bytes], opened.stream), copy, 2**20)
        copy.seek(0)
        yield copy


def _opened_parquet(file: IO[bytes]) -> pq.ParquetFile:
    try:
        return pq.ParquetFile(file, pre_buffer=False, buffer_size=2**20)
    except (pa.ArrowException, OSError):
        raise InputError("is a damaged or unfinished Parquet file") from None


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
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, (dict, list, bool)):
        return json.dumps(value, ensure_ascii=False)
    isoformat = getattr(value, "isoformat", None)
    return isoformat() if isoformat else str(value)
