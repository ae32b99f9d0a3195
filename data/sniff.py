"""What an input is, told by its content and never by its name."""

from __future__ import annotations

import io
import re
from typing import BinaryIO

from data.tables.unpacking import Filling, peekable, unpacker

HEAD = 65_536  # bytes that are waited for and looked at
_HTML = re.compile(
    rb"<!doctype\s+html|<html[\s>]|<head[\s>]|<body[\s>]|<(?:div|p|article|table|span|section|main|ul|ol|li|h[1-6]|a|br)\b[^<>]{0,500}>",
    re.IGNORECASE,
)
_CLOSING = re.compile(
    rb"</(?:div|p|article|table|span|section|main|ul|ol|li|h[1-6]|a|html|body|title|head)\s*>", re.IGNORECASE
)
_BINARY = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
_WIDE = (b"\xff\xfe", b"\xfe\xff")
_MAGIC = (
    *(b"%PDF-", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"RIFF"),
    *(b"PK\x03\x04", b"7z\xbc\xaf", b"BZh", b"\xfd7zXZ", b"Rar!"),
    *(b"\x7fELF", b"SQLite format 3\x00", b"PAR1"),
)


def opened(stream: BinaryIO) -> io.BufferedReader:
    """Return the stream with gzip or Zstandard taken off; `peek` shows its first `HEAD` bytes, or all there are."""
    plain = peekable(stream, HEAD)
    unpack = unpacker(plain.peek(4)[:4], plain)
    return plain if unpack is None else io.BufferedReader(Filling(unpack), HEAD)


def is_binary(head: bytes) -> bool:
    """Tell files that hold no text: known signatures, or control characters that text does not have."""
    if head.startswith(_MAGIC):
        return True
    if head.startswith(_WIDE):
        return False
    return len(_BINARY.findall(head)) > max(2, len(head) // 200)


def is_warc(head: bytes) -> bool:
    """Tell a WARC or WET archive."""
    return head.lstrip()[:5] == b"WARC/"


_TAG = re.compile(rb"</?[a-zA-Z][^<>]{0,300}>")
DENSE_LINES, DENSE_BYTES = 4, 10  # one line in so many begins with a tag, or one byte in so many is of one


def is_html(head: bytes) -> bool:
    """Tell a page from a plain-text dump that mentions a tag or two."""
    if head.startswith(_WIDE):
        head = head.replace(b"\x00", b"")
    start = head.lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n")[:500].lower()
    if start.startswith((b"<!doctype html", b"<html", b"<head", b"<body")):
        return True
    opening, closing = len(_HTML.findall(head)), len(_CLOSING.findall(head))
    if start.startswith(b"<") and opening and not start.startswith((b"<?xml", b"<rss", b"<feed")):
        return True
    return opening >= 3 and closing >= 2 and _is_dense(head)


def _is_dense(head: bytes) -> bool:
    """Tell markup from readers who talk about it: tags begin lines, or are a good part of what is there."""
    lines = [line.lstrip() for line in head.splitlines() if line.strip()]
    begun = sum(line.startswith(b"<") for line in lines)
    return DENSE_LINES * begun >= len(lines) or DENSE_BYTES * sum(map(len, _TAG.findall(head))) >= len(head)
