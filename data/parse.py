"""Any input to discussions: pages, plain-text dumps, web archives and exports, told apart by their content."""

from __future__ import annotations

import io
import zlib
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any, BinaryIO

import zstandard

from data import sniff
from data.decoding import decode, whole_characters
from data.mhtml import is_mhtml, saved_page
from data.records import Discussion
from data.tables.json_documents import is_json
from data.warc import Record, Unreadable, read_records

MAX_PAGE_BYTES = 20_000_000  # the largest real page that we saw has 6 MB
TOO_LARGE = f"is larger than the {MAX_PAGE_BYTES // 1_000_000} MB that a page may have"
FORMATS = ("html", "text", "warc")


class ParseError(ValueError):
    """The input cannot be read as discussions; the message is one sentence."""


def parse(
    raw: bytes | str,
    *,
    url: str | None = None,
    format: str | None = None,
    source: str = "-",
    with_article: bool = True,
    finder: str = "all",
    charset: str | None = None,
) -> list[Discussion]:
    """Return the discussions in `raw`; raise `ParseError` when it is empty, binary, too large or of another format.

    `charset` is what came with a page or a text, as in an HTTP header; it goes before what a page says itself. Lone
    halves of characters, which JSON may hold, become U+FFFD: as bytes they would pass for another charset.
    """
    stream = io.BytesIO(whole_characters(raw).encode() if isinstance(raw, str) else raw)
    options: dict[str, Any] = {"with_article": with_article, "finder": finder, "charset": charset}
    return list(parse_stream(stream, url=url, format=format, source=source, **options))


def parse_file(path: str | Path, **options: Any) -> Iterator[Discussion]:
    """Yield the discussions of a file; raise `ParseError` when it cannot be read. `options` are those of `parse`."""
    options.setdefault("source", str(path))
    try:
        stream = Path(path).open("rb")  # noqa: SIM115 - closed by the `with` below
    except FileNotFoundError:
        raise ParseError(f"{path}: no such file.") from None
    except IsADirectoryError:
        raise ParseError(f"{path}: is a folder, not a file.") from None
    except OSError as error:
        raise ParseError(f"{path}: cannot be read ({error.strerror}).") from None
    with stream:
        yield from parse_stream(stream, **options)


def parse_stream(
    stream: BinaryIO,
    *,
    url: str | None = None,
    format: str | None = None,
    source: str = "-",
    with_article: bool = True,
    finder: str = "all",
    charset: str | None = None,
) -> Iterator[Discussion]:
    """Yield the discussions of a binary stream, plain or compressed; exports are never held in memory whole."""
    try:
        reader = sniff.opened(stream)
        head = reader.peek(sniff.HEAD)[: sniff.HEAD]
        chosen = _choose(head, format, source)
        if chosen == "warc":
            yield from _parse_archive(reader, source, with_article, finder)
        elif chosen in ("html", "text"):
            yield from _parse_text(_read_whole(reader, source), chosen, url, source, with_article, finder, charset)
        else:
            yield from _parse_export(reader, chosen, source)
    except (OSError, EOFError, zlib.error, zstandard.ZstdError) as error:
        raise ParseError(f"{source}: the compressed data is damaged.") from error


def _choose(head: bytes, format: str | None, source: str) -> str:
    """Return the format to read: the one asked for, else what the content looks like."""
    if not head.strip(b" \t\r\n\x00\xef\xbb\xbf"):
        empty = "the input is empty" if len(head) < sniff.HEAD else f"the first {sniff.HEAD // 1024} KiB are blank"
        raise ParseError(f"{source}: {empty}.")
    if format is not None:
        return format
    if sniff.is_warc(head):
        return "warc"
    if export := _sniff_export(head):
        return export
    if sniff.is_binary(head):
        raise ParseError(f"{source}: is binary, not a page, a text or an export.")
    if is_json(head):
        raise ParseError(
            f"{source}: is JSON, but no export that is known here; `belowline score` reads JSON whose first"
            f" {sniff.HEAD // 1024} KiB show a list of comments with a text."
        )
    return "html" if is_mhtml(head) or sniff.is_html(head) else "text"


def _sniff_export(head: bytes) -> str | None:
    with suppress(ImportError):
        from data.exports import sniff_export

        return sniff_export(head)
    return None


def _parse_export(reader: io.BufferedReader, format: str, source: str) -> Iterator[Discussion]:
    from data.exports import read_export

    try:
        yield from read_export(reader, format, source)
    except ParseError:
        raise
    except ValueError as error:
        message = str(error).rstrip(".")
        raise ParseError(f"{message if message.startswith(source) else f'{source}: {message}'}.") from error


def _read_whole(reader: io.BufferedReader, source: str) -> bytes:
    raw = reader.read(MAX_PAGE_BYTES + 1)
    if len(raw) > MAX_PAGE_BYTES:
        raise ParseError(f"{source}: {TOO_LARGE}.")
    return raw


def _parse_text(
    raw: bytes,
    format: str,
    url: str | None,
    source: str,
    with_article: bool,
    finder: str,
    charset: str | None = None,
) -> Iterator[Discussion]:
    if format == "html" and is_mhtml(raw[: sniff.HEAD]) and (page := saved_page(raw)):
        raw, url, charset = page.body, url or page.url, page.charset
    text = decode(raw, charset)
    if format == "html":
        from data.page.page import Finder, parse_page

        yield from parse_page(text, url=url, source=source, with_article=with_article, finder=Finder(finder))
        return
    from data.plain.dump import parse_dump

    yield parse_dump(text.replace("\x00", "\ufffd"), url=url, source=source)


def _parse_archive(reader: io.BufferedReader, source: str, with_article: bool, finder: str) -> Iterator[Discussion]:
    """Yield the discussions of every page; what could not be read is told at the end."""
    records, found, lost = read_records(reader, source), False, _Lost(source)
    while (record := _next_record(records, lost)) is not None:
        if isinstance(record, Unreadable):
            lost.add(record)
        elif len(record.body) > MAX_PAGE_BYTES:
            lost.add(Unreadable(record.url, TOO_LARGE))
        elif record.body.strip():
            found = True
            for discussion in _parse_text(
                record.body, record.format, record.url, source, with_article, finder, record.charset
            ):
                yield discussion if record.whole else _cut(discussion)
    lost.tell(found)


def _cut(discussion: Discussion) -> Discussion:
    coverage = replace(discussion.coverage, complete=False)
    return replace(discussion, coverage=coverage, warnings=(*discussion.warnings, "The archive ends inside this page."))


class _Lost:
    """What of a web archive cannot be read: the first in words, the others counted."""

    def __init__(self, source: str) -> None:
        self.source, self.first, self.count = source, "", 0

    def add(self, page: Unreadable) -> None:
        self.first = self.first or f"{ascii(page.url or 'one')[1:-1][:300]} {page.reason}"
        self.count += 1

    def tell(self, found: bool) -> None:
        """Raise `ParseError` if anything was lost, or nothing at all found."""
        if self.count:
            raise ParseError(f"{self.source}: {self._pages()} of the archive cannot be read; {self.first}.")
        if not found:
            raise ParseError(f"{self.source}: is a web archive without a page or a text in it.")

    def before(self, end: str) -> str:
        """Return the sentence on what ends the archive early, and what had been lost until then."""
        return f"{end.rstrip('.')}; before that {self._pages()} cannot be read; {self.first}." if self.count else end

    def _pages(self) -> str:
        return "a page" if self.count == 1 else f"{self.count} pages"


def _next_record(records: Iterator[Record | Unreadable], lost: _Lost) -> Record | Unreadable | None:
    try:
        return next(records, None)
    except ValueError as error:
        raise ParseError(lost.before(str(error))) from error
