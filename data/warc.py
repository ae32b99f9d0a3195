"""Web archives (WARC 1.0/1.1) and their text extracts (WET), one record at a time.

https://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/
"""

from __future__ import annotations

import gzip
import io
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

MAX_RECORD = 50_000_000  # bytes of one record that are kept; the rest is skipped
MAX_HEADER_LINES = 200
MAX_HEADER_LINE = 16_384


@dataclass(frozen=True, slots=True)
class Record:
    """A page or a text with its address; `format` is "html" or "text"."""

    url: str | None
    format: str
    body: bytes


def read_records(stream: io.BufferedReader, source: str) -> Iterator[Record]:
    """Yield the pages and texts of an archive; requests, metadata and other records are passed over."""
    while (headers := _headers(stream, source)) is not None:
        length = _length(headers, source)
        body = stream.read(min(length, MAX_RECORD))
        _skip(stream, length - len(body))
        url = headers.get("warc-target-uri", "").strip("<>") or None
        if headers.get("warc-type") == "conversion":
            yield Record(url, "text", body)
        elif headers.get("warc-type") == "response" and (page := _page(body)) is not None:
            yield Record(url, "html", page)


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


def _skip(stream: io.BufferedReader, count: int) -> None:
    while count > 0 and (block := stream.read(min(count, 1 << 20))):
        count -= len(block)


def _page(response: bytes) -> bytes | None:
    """Return the body of an HTTP response when it is a page."""
    head, _, body = response.partition(b"\r\n\r\n")
    status, _, lines = head.partition(b"\r\n")
    headers = _named(iter(lines.split(b"\r\n")))
    if b" 200" not in status[:16] or "html" not in headers.get("content-type", "html"):
        return None
    if headers.get("transfer-encoding", "").lower() == "chunked":
        body = _unchunked(body)
    return _inflated(body, headers.get("content-encoding", "").lower())


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


def _inflated(body: bytes, encoding: str) -> bytes | None:
    if encoding not in ("gzip", "deflate", "x-gzip"):
        return body if encoding in ("", "identity") else None
    try:
        if encoding == "deflate":
            return zlib.decompressobj().decompress(body, MAX_RECORD)
        return gzip.GzipFile(fileobj=io.BytesIO(body)).read(MAX_RECORD)
    except (OSError, EOFError, zlib.error):
        return None
