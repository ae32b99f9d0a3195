"""Pages that a browser saved as one file (MHTML, RFC 2557): the page in it, with its address and its charset."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes
from email.message import Message

_HEADER = re.compile(rb"\s*[A-Za-z][\w-]*:[ \t]")
_BLANK = re.compile(rb"\r?\n\r?\n")
_MARKS = (b"mime-version:", b"multipart/related", b"text/html")


@dataclass(frozen=True, slots=True)
class SavedPage:
    """The page of such a file; `url` and `charset` are None where the file does not say."""

    body: bytes
    url: str | None
    charset: str | None


def is_mhtml(head: bytes) -> bool:
    """Tell such a file by the mail header it begins with; a page or a text that speaks of one has none."""
    header = _BLANK.split(head, maxsplit=1)[0].lower()
    return _HEADER.match(head) is not None and all(mark in header for mark in _MARKS)


def saved_page(raw: bytes) -> SavedPage | None:
    """Return the first page in the file, which is the one that was saved: frames come after it."""
    whole, rest = _split(raw)
    for part, body in _parts(rest, whole.get_boundary()):
        if part.get_content_type() == "text/html":
            part.set_payload(body)
            words = part.get_payload(decode=True)
            url = part.get("Content-Location") or whole.get("Snapshot-Content-Location")
            address = "".join(str(url).split()) if url else None  # long ones are folded, and not all are plain text
            return SavedPage(words if isinstance(words, bytes) else body, address, part.get_content_charset())
    return None


def _split(raw: bytes) -> tuple[Message, bytes]:
    header, *rest = _BLANK.split(raw.lstrip(), maxsplit=1)
    return message_from_bytes(header), rest[0] if rest else b""


def _parts(rest: bytes, boundary: str | None) -> Iterator[tuple[Message, bytes]]:
    if boundary:
        yield from map(_split, rest.split(b"--" + boundary.encode("ascii", "replace"))[1:])
