"""The way in: every request gets an id, an owner and its limits here, before any route sees it.

Plain ASGI, because it also reads the body (bounded), watches for callers that hang up, and must refuse within
milliseconds when the scorer is full.
"""

from __future__ import annotations

import asyncio
import re
import time
import uuid
import zlib
from dataclasses import dataclass

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.api.observe import Observer
from service.api.routes import ELSEWHERE, Area, area_of
from service.api.state import Service
from service.errors import (
    BUSY,
    RETRY_SECONDS,
    BodyTooLarge,
    BodyTooSlow,
    HeadTooLarge,
    InvalidJson,
    ServiceBusy,
    UnsupportedEncoding,
    as_service_error,
    error_response,
    log_failure,
)

REQUEST_ID = re.compile(r"[\w.-]{1,64}", re.ASCII)
NOBODY = "-"
MAX_HEAD_BYTES = 65_536  # of the address and the headers; a cookie of ours has a hundred
BODY_SECONDS = 30  # for the whole body, 5 MB at most unless set otherwise


@dataclass(frozen=True, slots=True)
class Gate:
    """The outermost application; `app` is the one with the routes."""

    app: ASGIApp
    service: Service
    observer: Observer
    max_body_bytes: int

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        visit = _Visit(scope, send)
        try:
            await self._answer(visit, receive)
        except Exception as error:
            await self._fail(visit, receive, error)
        finally:
            self.observer.answered(
                method=scope["method"] if scope["method"] in KNOWN_METHODS else "OTHER",
                route=_route(visit.scope),
                key=scope["state"].get("caller", NOBODY),
                status=visit.status,
                seconds=time.perf_counter() - visit.began,
                request_id=visit.request_id,
            )

    async def _answer(self, visit: _Visit, receive: Receive) -> None:
        scope, area = visit.scope, visit.area
        if _head_bytes(scope) > MAX_HEAD_BYTES:
            raise head_too_large()
        if area.keyed and not area.signed:
            query: bytes = scope["query_string"]
            await self.service.admit(scope, visit.headers, query, key_in_query=area.key_in_query)
        if area.scoring and scope["method"] == "POST" and self.service.engine.full:
            raise ServiceBusy(BUSY, retry_after=RETRY_SECONDS)
        if scope["method"] == "GET":
            await self.app(scope, receive, visit.send)
            return
        try:
            async with asyncio.timeout(BODY_SECONDS):
                body = await self._body(visit.headers, receive)
        except TimeoutError:
            raise BodyTooSlow(f"The body did not arrive within {BODY_SECONDS} seconds.") from None
        await _run_until_hung_up(self.app, visit, body, receive)

    async def _body(self, headers: Headers, receive: Receive) -> bytes:
        """Read the whole body; refuse by its stated length before reading, by its real one while reading."""
        encoding = headers.get("content-encoding", "").strip().lower() or "identity"
        if encoding not in ("identity", "gzip", "x-gzip"):
            raise UnsupportedEncoding("Send the body as it is or compressed by gzip.")
        stated = headers.get("content-length", "")
        if stated.isdecimal() and int(stated[:20]) > self.max_body_bytes:
            raise self._too_large()
        body = bytearray()
        while True:
            message = await receive()
            if message["type"] == "http.disconnect":
                raise CallerLeft
            body += message.get("body", b"")
            if len(body) > self.max_body_bytes:
                raise self._too_large()
            if not message.get("more_body", False):
                return bytes(body) if encoding == "identity" else self._unpacked(bytes(body))

    def _unpacked(self, body: bytes) -> bytes:
        """What gzip packed, as Google's clients for Java and .NET do; no more of it than a body may have."""
        unpacking = zlib.decompressobj(zlib.MAX_WBITS | 16)
        try:
            unpacked = unpacking.decompress(body, self.max_body_bytes + 1)
        except zlib.error:
            raise InvalidJson("The body is not what gzip makes.") from None
        if len(unpacked) > self.max_body_bytes:
            raise self._too_large()
        if not unpacking.eof or unpacking.unused_data:
            raise InvalidJson("The body is not what gzip makes.")
        return unpacked

    def _too_large(self) -> BodyTooLarge:
        return BodyTooLarge(f"The body may have {self.max_body_bytes} bytes at most.")

    async def _fail(self, visit: _Visit, receive: Receive, error: Exception) -> None:
        """Answer what no route answered; a caller that left gets nothing, and is counted as 499."""
        if isinstance(error, CallerLeft):
            visit.status = 499  # nginx's word for it
            return
        known = as_service_error(error)
        if known.status == 500:
            log_failure(error)
        if not visit.status:
            await error_response(known, visit.area.render)(visit.scope, receive, visit.send)


class CallerLeft(Exception):
    """The caller hung up before the answer."""


KNOWN_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


class _Visit:
    """One request on its way: what is known of it, and a `send` that notes the status and adds headers."""

    def __init__(self, scope: Scope, send: Send) -> None:
        self.headers = Headers(scope=scope)
        self.area: Area = area_of(scope["path"])
        self.status = 0
        self.finished = False  # answered in full: what still runs is work for later, not for the caller
        self.began = time.perf_counter()
        sent_id = self.headers.get("x-request-id", "")
        self.request_id = sent_id if REQUEST_ID.fullmatch(sent_id) else uuid.uuid4().hex
        self._send = send
        scope.setdefault("state", {})["request_id"] = self.request_id
        self.scope = _routed(scope, self.area)

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            headers = MutableHeaders(scope=message)
            headers["X-Request-ID"] = self.request_id
            headers.setdefault("X-Content-Type-Options", "nosniff")
        elif message["type"] == "http.response.body" and not message.get("more_body", False):
            self.finished = True
        await self._send(message)


def _routed(scope: Scope, area: Area) -> Scope:
    """The request as a route sees it: HEAD is GET, and a program's address has no slash at its end.

    The server leaves the body out of an answer to HEAD; the redirect that a slash gets elsewhere would say nothing.
    """
    method, path = scope["method"], scope["path"].rstrip("/")
    known = area is not ELSEWHERE and area_of(path) is area
    return {**scope, "method": "GET" if method == "HEAD" else method, "path": path if known else scope["path"]}


def head_too_large() -> HeadTooLarge:
    """The refusal of an address and headers over the limit."""
    return HeadTooLarge(f"The address and the headers may have {MAX_HEAD_BYTES} bytes at most.")


def _head_bytes(scope: Scope) -> int:
    sent = [scope.get("raw_path") or b"", scope["query_string"], *(part for pair in scope["headers"] for part in pair)]
    return sum(map(len, sent))


async def _run_until_hung_up(app: ASGIApp, visit: _Visit, body: bytes, receive: Receive) -> None:
    """Run the application with the body read already; cancel it when the caller hangs up."""
    working = asyncio.ensure_future(app(visit.scope, _replay(body), visit.send))
    watching = asyncio.ensure_future(_hung_up(receive))
    try:
        await asyncio.wait((working, watching), return_when=asyncio.FIRST_COMPLETED)
        if not working.done() and not visit.finished:
            working.cancel()
        try:
            await working
        except asyncio.CancelledError:
            raise CallerLeft from None
    finally:
        watching.cancel()
        working.cancel()


async def _hung_up(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


def _replay(body: bytes) -> Receive:
    """Give the body once more; after it, nothing but the end of the connection ever comes."""
    given = False

    async def replayed() -> Message:
        nonlocal given
        if not given:
            given = True
            return {"type": "http.request", "body": body, "more_body": False}
        await asyncio.get_running_loop().create_future()  # never: it is cancelled with the request
        raise AssertionError

    return replayed


def _route(scope: Scope) -> str:
    """The template of the route that answered, so that paths with ids do not multiply the metrics."""
    route = scope.get("route")
    path: str = getattr(route, "path", "")
    return path or "unmatched"
