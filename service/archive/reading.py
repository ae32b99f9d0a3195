"""From the inputs of a command line to one stream of comments, each with its article, in input order."""

from __future__ import annotations

import glob
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from data.parse import ParseError, parse_stream
from data.records import Article, Comment, Discussion, Status
from data.tables.columns import ANY_COLUMNS, Columns
from data.tables.lines import Line, Reject, as_utf8, lines_of
from data.tables.opening import InputError, Opened, open_input
from data.tables.rows import TableRow, is_header, json_object, read_table, table_kind

TITLE_CHARS = 300  # an article cell's only line is a title up to this length, a text beyond
ARTICLE_CHARS = 20_000  # that are kept of an article cell: more than twice what the model reads


@dataclass(frozen=True, slots=True)
class Row:
    """One comment to score. `article` is None where none is known, so that relevance stays unknown too."""

    source: str
    comment: Comment
    article: Article | None = None


@dataclass(frozen=True, slots=True)
class RejectedRow:
    """A row of a table that could not be read."""

    source: str
    reject: Reject


@dataclass(frozen=True, slots=True)
class BadInput:
    """An input that could not be read, or not to its end; `sentence` is for the user."""

    source: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Note:
    """What the user should know of an input that was read all the same."""

    source: str
    sentence: str


Item = Row | RejectedRow | BadInput | Note
Watch = Callable[[Opened], None]  # told of each input when it is opened, to follow its position


def expanded(inputs: Iterable[str], own: Callable[[str], bool] = lambda name: False) -> list[str]:
    """Resolve patterns that the shell left alone (`'dumps/*.zst'`), sorted; other names stay as given.

    Files that are the run's `own` are left out, unless a pattern matches nothing else.
    """
    names: list[str] = []
    for name in inputs:
        pattern = glob.has_magic(name) and not Path(name).exists()
        matches = sorted(glob.glob(name, recursive=True)) if pattern else []  # noqa: PTH207 - absolute or not
        names.extend([match for match in matches if not own(match)] or matches or [name])
    return names


def read_items(
    inputs: Sequence[str], columns: Columns = ANY_COLUMNS, watch: Watch = lambda opened: None
) -> Iterator[Item]:
    """Yield every comment of every input in order, with the rows and inputs that could not be read in their places."""
    for source in inputs:
        rows = 0
        rejected: list[RejectedRow] = []
        for item in _input_items(source, columns, watch):
            rows += isinstance(item, Row)
            if isinstance(item, RejectedRow) and not rejected:
                rejected.append(item)
            yield item
        if rejected and not rows:
            first = rejected[0].reject
            yield BadInput(source, f"{source}: no row can be read; in line {first.line} {first.reason}.")


def _input_items(source: str, columns: Columns, watch: Watch) -> Iterator[Item]:
    try:
        with open_input(source, known=lambda head: export_format(head) is not None) as opened:
            watch(opened)
            yield from _opened_items(opened, columns)
    except InputError as error:
        yield BadInput(source, f"{source}: {error}.")
    except ParseError as error:
        yield BadInput(source, str(error))
    except OSError as error:
        yield BadInput(source, f"{source}: cannot be read ({error.strerror or error}).")


def _opened_items(opened: Opened, columns: Columns) -> Iterator[Item]:
    source = opened.path
    if kind := _kind(opened, columns):
        for row in read_table(opened, kind, columns):
            yield RejectedRow(source, row) if isinstance(row, Reject) else _table_row(source, row)
        return
    for found in _discussions(opened):
        if isinstance(found, Reject):
            yield RejectedRow(source, found)
            continue
        yield from _discussion_rows(source, found)
        yield from (Note(source, f"{source}: {warning}") for warning in found.warnings)
        if not found.comments and (system := found.coverage.comment_system):
            yield Note(source, f"{source}: its comments are loaded by {system} and are not in the file.")


def _kind(opened: Opened, columns: Columns) -> str | None:
    """Return the kind of table, or None for a page or an export; a column that was named and is there decides."""
    kind = table_kind(opened.path, opened.head, columns.text) or ("csv" if is_header(opened.head) else None)
    if columns.named:
        return kind or ("csv" if columns.named_in(opened.head.split(b"\n", 1)[0]) else None)
    if kind is None or is_parsed(opened.head) or export_format(opened.head):
        return None
    return kind


def export_format(head: bytes) -> str | None:
    """Return the platform whose export begins so, or None."""
    from data.exports import sniff_export

    return sniff_export(head)


def is_parsed(head: bytes) -> bool:
    """Whether this is what `belowline parse` writes: one discussion per line, an article with its comments."""
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n")
    return bool(start.startswith(b"{") and re.search(rb'"paragraphs": ?\[', start) and b'"title":' in start)


def _discussions(opened: Opened) -> Iterator[Discussion | Reject]:
    if is_parsed(opened.head):
        yield from _parsed(opened)
    elif format_name := export_format(opened.head):
        from data.exports import read_export

        yield from read_export(opened.stream, format_name, opened.path)
    else:
        yield from parse_stream(opened.stream, source=opened.path)


def _parsed(opened: Opened) -> Iterator[Discussion | Reject]:
    for line in lines_of(as_utf8(opened.stream)):
        if line.raw.strip():
            yield _parsed_line(line, opened.path)


def _parsed_line(line: Line, source: str) -> Discussion | Reject:
    values = json_object(line, lambda raw: raw.decode("utf-8", "replace"))
    if isinstance(values, Reject):
        return values
    try:
        return _discussion(values, source)
    except (KeyError, TypeError, AttributeError, ValueError):
        return Reject(line.number, "is not a discussion as `belowline parse` writes it", line.raw)


def _discussion(fields: dict[str, Any], source: str) -> Discussion:
    about = [fields.get(name) for name in ("byline", "published", "url")]
    article = Article(fields["title"], tuple(fields["paragraphs"]), *about)
    return Discussion(article, tuple(_comment(found) for found in fields["comments"]), source)


def _comment(found: dict[str, Any]) -> Comment:
    """One comment as `belowline parse` wrote it, with what its scores depend on: status and marked quotes."""
    text, status = found["text"], found.get("status")
    spans = [(int(quote["start"]), int(quote["end"])) for quote in found.get("quotes") or () if "start" in quote]
    if not isinstance(text, str) or not all(0 <= start <= end <= len(text) for start, end in spans):
        raise TypeError
    quotes = {"quotes": [{"start": start, "end": end} for start, end in spans]} if spans else {}
    author, published, parent = (found.get(name) for name in ("author", "published", "parent_id"))
    state = Status(status) if status else None
    return Comment(str(found["id"]), text, author, published, parent, status=state, extra=quotes)


def _discussion_rows(source: str, discussion: Discussion) -> Iterator[Row]:
    article = discussion.article if discussion.article.title or discussion.article.paragraphs else None
    for comment in discussion.comments:
        yield Row(source, comment, article)


def _table_row(source: str, row: TableRow) -> Row:
    comment = Comment(row.id, row.text, row.author, row.published, row.parent_id)
    article = row.article.strip()[:ARTICLE_CHARS] if row.article else ""
    return Row(source, comment, article_of(article) if article else None)


@lru_cache(maxsize=256)
def article_of(cell: str) -> Article:
    """Read a cell that holds an article's title, its text, or both: a short first line is the title."""
    lines = [line.strip() for line in cell.splitlines() if line.strip()]
    if len(lines[0]) <= TITLE_CHARS:
        return Article(lines[0], tuple(lines[1:]))
    return Article(None, tuple(lines))
