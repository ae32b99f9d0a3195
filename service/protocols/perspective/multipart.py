"""The wire form of Google's batches: multipart/mixed, each part one HTTP request or response in full.

A batch has one level of parts, and whoever has no key may send one: it is cut at its boundary in one pass, for as many
parts as it may have, and of a part only the headers that mean something here are read.
"""

from __future__ import annotations

import json
import quopri
import re
import uuid
from base64 import b64decode
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from itertools import islice, takewhile
from typing import Any
from urllib.parse import unquote, urlsplit

from starlette.datastructures import Headers

from service.protocols.perspective.errors import invalid_request

MAX_CALLS = 1_000  # what Google's clients allow in one batch
MAX_HEAD = 100_000  # bytes of a call's request line and headers
BOUNDARY = re.compile(r'multipart/[\w-]+\s*;(?:.*;)?\s*boundary=(?:"([^"]{1,200})"|([^\s";]{1,200}))', re.IGNORECASE)
BLANK_LINE = re.compile(rb"\n\r?\n")
CONTENT_ID = re.compile(rb"^content-id:(.*(?:\n[ \t].*)*)", re.IGNORECASE | re.MULTILINE)
ENCODING = re.compile(rb"^content-transfer-encoding:(.*)", re.IGNORECASE | re.MULTILINE)
DECODERS: Mapping[bytes, Callable[[bytes], bytes]] = {b"base64": b64decode, b"quoted-printable": quopri.decodestring}
FOLD = re.compile(r"[\r\n]+")


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a batch, which `read_call` reads."""

    content_id: str
    encoding: bytes
    payload: bytes


@dataclass(frozen=True, slots=True)
class Call:
    """One request within a batch. `headers` and `query` are what a key may be in."""

    method: str
    path: str
    query: bytes
    headers: Headers
    body: bytes


@dataclass(frozen=True, slots=True)
class Reply:
    """One response within a batch; its body is JSON in ASCII, as mail parsers on the other side expect."""

    status: int
    body: str
    retry_after: int | None = None


def read_batch(body: bytes, content_type: str) -> list[Part]:
    """Return the parts of a batch; raise an `INVALID_REQUEST` when it is none, or has too many."""
    named = BOUNDARY.match(content_type.strip())
    if named is None:
        raise invalid_request("A batch is multipart/mixed with a boundary.")
    boundary = (named[1] or named[2]).rstrip().encode("latin-1", "replace")
    line = re.compile(rb"\n--%s(--)?[ \t]*\r?(?=\n|\Z)" % re.escape(boundary))
    body = b"\n" + body
    marks = list(islice(line.finditer(body), MAX_CALLS + 1))
    ends = [*(mark.start() for mark in marks[1:]), len(body)]
    opened = takewhile(lambda pair: not pair[0][1], zip(marks, ends, strict=False))
    parts = [_read_part(body[mark.end() : end]) for mark, end in opened]
    if not parts:
        raise invalid_request("The batch holds no calls.")
    if len(parts) > MAX_CALLS:
        raise invalid_request(f"A batch may hold {MAX_CALLS} calls.")
    return parts


def _read_part(part: bytes) -> Part:
    blank = BLANK_LINE.search(part)
    head, payload = (part, b"") if blank is None else (part[: blank.start()], part[blank.end() :])
    named, encoded = CONTENT_ID.search(head), ENCODING.search(head)
    content_id = FOLD.sub("", named[1].decode("latin-1")).strip() if named else ""
    return Part(content_id, encoded[1].strip().lower() if encoded else b"", payload.removesuffix(b"\r"))


def read_call(part: Part) -> Call:
    """Return the call in a part; raise an `INVALID_REQUEST` when it cannot be read."""
    try:
        payload = DECODERS[part.encoding](part.payload) if part.encoding in DECODERS else part.payload
        head, _, body = payload.replace(b"\r\n", b"\n").lstrip(b"\n").partition(b"\n\n")
        if len(head) > MAX_HEAD:
            raise invalid_request(f"The request line and headers of a call may have {MAX_HEAD} bytes at most.")
        request_line, *lines = head.decode("latin-1").split("\n")
        method, target, *_ = [*request_line.split(), "", ""]
        address = urlsplit(target)
    except ValueError:
        raise invalid_request("The call cannot be read.") from None
    pairs = [line.partition(":") for line in lines if ":" in line]
    headers = Headers({name.strip().lower(): value.strip() for name, _, value in pairs})
    return Call(method, unquote(address.path), address.query.encode(), headers, body)


def reply(status: int, body: dict[str, Any], retry_after: int | None = None) -> Reply:
    """Return one response, written out: all of a batch's wait for the last, and text takes less memory."""
    return Reply(status, json.dumps(body, separators=(",", ":")), retry_after)


def write_batch(parts: Sequence[Part], replies: Sequence[Reply]) -> tuple[bytes, str]:
    """Return the body and its content type; each part answers the one with the same Content-ID."""
    boundary = f"batch_{uuid.uuid4().hex}"
    written = [f"--{boundary}\r\n{_written(*pair)}\r\n".encode() for pair in zip(parts, replies, strict=True)]
    return b"".join(written) + f"--{boundary}--\r\n".encode(), f"multipart/mixed; boundary={boundary}"


def _written(part: Part, reply: Reply) -> str:
    wait = f"Retry-After: {reply.retry_after}\r\n" if reply.retry_after else ""
    content_id = part.content_id.removeprefix("<").removesuffix(">").encode("ascii", "replace").decode()
    return (
        f"Content-Type: application/http\r\nContent-ID: <response-{content_id}>\r\n\r\n"
        f"HTTP/1.1 {reply.status} {HTTPStatus(reply.status).phrase}\r\n"
        f"Content-Type: application/json; charset=UTF-8\r\n{wait}Content-Length: {len(reply.body)}\r\n\r\n{reply.body}"
    )
