"""Web archives (WARC 1.0/1.1) and their text extracts (WET), one record at a time.

https://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/
"""

from __future__ import annotations

import gzip
import io
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, replace

from data.decoding import charset_in

MAX_RECORD = 50_000_000  # bytes of one record that are kept; the rest is skipped
MAX_HEADER_LINES = 200
MAX_HEADER_LINE = 16_384


@dataclass(frozen=True, slots=True)
class Record:
    """A page or a text with its address; `format` is "html" or "text", `charset` what its HTTP header says.

    `whole` is False for the record in which the archive ends before its end.
    """

    url: str | None
    format: str
    body: bytes
    charset: str | None = None
    whole: bool = True


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A page that is in the archive and cannot be read; `reason` completes "URL ..." to a sentence."""

    url: str | None
    reason: str


def read_records(stream: io.BufferedReader, source: str) -> Iterator[Record | Unreadable]:
    """Yield the pages and texts of an archive; requests, metadata and other records are passed over.

    `ValueError` where it is damaged or cut off, with what there is of the last record before it.
    """
    while (headers := _headers(stream, source)) is not None:
        length = _length(headers, source)
        body = stream.read(min(length, MAX_RECORD))
        whole = len(body) + _skip(stream, length - len(body)) == length
        if (found := _content(headers, body)) is not None:
            yield replace(found, whole=whole) if isinstance(found, Record) else found
        if not whole:
            raise ValueError(f"{source}: ends in the middle of a record; it was probably cut off while being copied.")


def _content(headers: dict[str, str], body: bytes) -> Record | Unreadable | None:
    url = headers.get("warc-target-uri", "").strip("<>") or None
    kind, type_ = headers.get("warc-type", "").lower(), headers.get("content-type", "").lower()
    if kind == "conversion":
        return Record(url, "text", body)
    if kind == "resource" and "html" in type_:
        return Record(url, "html", body, charset_in(type_))
    return _page(url, body) if kind == "response" else None


def _headers(stream: io.BufferedReader, source: str) -> dict[str, str] | None:
    """Return the named fields of the next record, or None at the end."""
    line = b"\n"
    while line and not line.strip():
        line = stream.readline(MAX_HEADER_LINE)
    if not line:
        return None
    if not line.startswith(b"WARC/"):
        raise ValueError(f"{source}: is no web archive after its first records.")
    return _named(iter(lambda: stream.readline(MAX_HEADER_LINE), b""))


def _named(lines: Iterator[bytes]) -> dict[str, str]:
    headers: dict[str, str] = {}
    for count, line in enumerate(lines):
        if not line.strip() or count >= MAX_HEADER_LINES:
            break
        name, _, value = line.decode("utf-8", "replace").partition(":")
        headers[name.strip().lower()] = value.strip()
    return headers


def _length(headers: dict[str, str], source: str) -> int:
    value = headers.get("content-length", "")
    if not value.isdecimal() or len(value) > 15:
        raise ValueError(f"{source}: a record of the web archive has no length.")
    return int(value)


def _skip(stream: io.BufferedReader, count: int) -> int:
    """Return how many bytes there were to skip."""
    left = count
    while left > 0 and (block := stream.read(min(left, 1 << 20))):
        left -= len(block)
    return count - left


def _page(url: str | None, response: bytes) -> Record | Unreadable | None:
    """Return the body of an HTTP response when it is a page."""
    head, _, body = response.partition(b"\r\n\r\n")
    status, _, lines = head.partition(b"\r\n")
    headers = _named(iter(lines.split(b"\r\n")))
    type_ = headers.get("content-type", "html").lower()
    if b" 200" not in status[:16] or "html" not in type_:
        return None
    if headers.get("transfer-encoding", "").lower() == "chunked":
        body = _unchunked(body)
    try:
        return Record(url, "html", _inflated(body, headers.get("content-encoding", "").lower()), charset_in(type_))
    except ValueError as error:
        return Unreadable(url, str(error))


def _unchunked(body: bytes) -> bytes:
    """Join the chunks of a chunked transfer; a body that is not chunked after all comes back as it is."""
    parts, position = [], 0
    while (end := body.find(b"\r\n", position, position + 20)) > 0:
        try:
            size = int(body[position:end].split(b";")[0], 16)
        except ValueError:
            break
        if size == 0:
            break
        parts.append(body[end + 2 : end + 2 + size])
        position = end + 2 + size + 2
    return b"".join(parts) or body


def _inflated(body: bytes, encoding: str) -> bytes:
    """Unpack a body; `ValueError` says why that cannot be done."""
    if encoding in ("", "identity"):
        return body
    if encoding not in ("gzip", "deflate", "x-gzip"):
        raise ValueError(f"is packed as {encoding[:40]!a}, which is not read here")
    try:
        if encoding == "deflate":
            return zlib.decompressobj().decompress(body, MAX_RECORD)
        return gzip.GzipFile(fileobj=io.BytesIO(body)).read(MAX_RECORD)
    except (OSError, EOFError, zlib.error):
        raise ValueError("is packed and damaged") from None
