"""The wire form of Google's batches: multipart/mixed, each part one HTTP request or response in full."""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from email.message import Message
from email.parser import BytesParser
from http import HTTPStatus
from typing import Any
from urllib.parse import unquote, urlsplit

from starlette.datastructures import Headers

from service.protocols.perspective.errors import invalid_request

MAX_CALLS = 1_000  # what Google's clients allow in one batch
FOLD = re.compile(r"[\r\n]+")


@dataclass(frozen=True, slots=True)
class Call:
    """One request within a batch. `headers` and `query` are what a key may be in."""

    content_id: str
    method: str
    path: str
    query: bytes
    headers: Headers
    body: bytes


@dataclass(frozen=True, slots=True)
class Reply:
    """One response within a batch."""

    status: int
    body: dict[str, Any]
    retry_after: int | None = None


def read_batch(body: bytes, content_type: str) -> list[Call]:
    """Return the calls of a batch; raise an `INVALID_REQUEST` when it is none."""
    if "boundary=" not in content_type.lower():
        raise invalid_request("A batch is multipart/mixed with a boundary.")
    head = f"Content-Type: {FOLD.sub(' ', content_type)}\r\n\r\n".encode("latin-1", "replace")
    message = BytesParser().parsebytes(head + body)
    payload = message.get_payload()
    parts = [part for part in payload if isinstance(part, Message)] if isinstance(payload, list) else []
    if not parts:
        raise invalid_request("The batch holds no calls.")
    if len(parts) > MAX_CALLS:
        raise invalid_request(f"A batch may hold {MAX_CALLS} calls.")
    return [_read_call(_bytes(part), str(part.get("Content-ID", ""))) for part in parts]


def _bytes(part: Message) -> bytes:
    payload = part.get_payload(decode=True)
    return payload if isinstance(payload, bytes) else b""


def _read_call(payload: bytes, content_id: str) -> Call:
    head, _, body = payload.replace(b"\r\n", b"\n").lstrip(b"\n").partition(b"\n\n")
    request_line, *lines = head.decode("latin-1").split("\n")
    method, target, *_ = [*request_line.split(), "", ""]
    parts = urlsplit(target)
    pairs = [line.partition(":") for line in lines if ":" in line]
    headers = Headers({name.strip().lower(): value.strip() for name, _, value in pairs})
    content_id = FOLD.sub("", content_id).strip()
    return Call(content_id, method, unquote(parts.path), parts.query.encode(), headers, body)


def write_batch(calls: Sequence[Call], replies: Sequence[Reply]) -> tuple[bytes, str]:
    """Return the body and its content type; each part answers the call with the same Content-ID."""
    boundary = f"batch_{uuid.uuid4().hex}"
    parts = [f"--{boundary}\r\n{_part(call, reply)}\r\n".encode() for call, reply in zip(calls, replies, strict=True)]
    return b"".join(parts) + f"--{boundary}--\r\n".encode(), f"multipart/mixed; boundary={boundary}"


def _part(call: Call, reply: Reply) -> str:
    body = json.dumps(reply.body, separators=(",", ":"))  # ASCII, as mail parsers on the other side expect
    wait = f"Retry-After: {reply.retry_after}\r\n" if reply.retry_after else ""
    content_id = call.content_id.removeprefix("<").removesuffix(">").encode("ascii", "replace").decode()
    return (
        f"Content-Type: application/http\r\nContent-ID: <response-{content_id}>\r\n\r\n"
        f"HTTP/1.1 {reply.status} {HTTPStatus(reply.status).phrase}\r\n"
        f"Content-Type: application/json; charset=UTF-8\r\n{wait}Content-Length: {len(body)}\r\n\r\n{body}"
    )
