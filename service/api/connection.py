"""A connection before its request reaches the application: bounded in size and time, since nobody has shown a key yet.

uvicorn's parser takes headers of any size and waits for the rest of a request for ever.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial
from typing import Any

import httptools
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from service.api.gate import BODY_SECONDS, MAX_HEAD_BYTES, head_too_large
from service.api.routes import renderer_for
from service.errors import HeadTooSlow, ServiceError, error_response

HEAD_SECONDS = 10  # for the first byte of a request, and from there to the end of its headers
REST_SECONDS = 2 * BODY_SECONDS  # for a body that is no longer read; the gate gives one up earlier that is


class Connection(HttpToolsProtocol):
    """uvicorn's connection, which ends when a request is over the bounds; one that began gets an answer first."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._deadline: asyncio.TimerHandle | None = None
        self._in_head = False
        self._kept = 0  # bytes that the parser took and did not hand on yet
        self.parser: Any = _Parser(self)

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._give(HEAD_SECONDS)

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        self._kept += len(data)
        super().data_received(data)
        if self._kept > MAX_HEAD_BYTES:
            self._refuse(head_too_large())
        elif self._deadline is None and not self._answering():
            self._give(HEAD_SECONDS)  # blank lines before a request

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._in_head = True
        self._give(HEAD_SECONDS)

    def on_headers_complete(self) -> None:
        super().on_headers_complete()
        self._in_head, self._kept = False, 0
        self._give(REST_SECONDS)

    def on_body(self, body: bytes) -> None:
        self._kept = 0
        super().on_body(body)

    def on_message_complete(self) -> None:
        if self.parser.should_upgrade():
            return  # only the head is complete: `_Parser` goes on with the body
        self._kept = 0
        self._stop()
        super().on_message_complete()

    def send_400_response(self, msg: str) -> None:
        if self._in_head and len(self.url) >= MAX_HEAD_BYTES:  # over the parser's own limit of an address
            self._refuse(head_too_large())
        else:
            super().send_400_response(msg)

    def _give(self, seconds: float) -> None:
        """Allow so many seconds from now for what comes next."""
        self._stop()
        self._deadline = self.loop.call_later(seconds, self._late, seconds)

    def _stop(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _late(self, seconds: float) -> None:
        if self._answering():  # an earlier request; this one waits for it anyway
            self._give(seconds)
        elif self._in_head:
            self._refuse(HeadTooSlow(f"The headers did not arrive within {HEAD_SECONDS} seconds."))
        else:
            self.transport.close()

    def _answering(self) -> bool:
        return self.cycle is not None and not self.cycle.response_complete

    def _refuse(self, error: ServiceError) -> None:
        """End the connection, with an answer in the shape of the address unless another answer is under way."""
        self._stop()
        if not self._answering() and not self.transport.is_closing():
            path = self.url.partition(b"?")[0].decode("latin-1") if self._in_head else ""
            response = error_response(error, renderer_for(path))
            lines = [name + b": " + value + b"\r\n" for name, value in response.raw_headers]
            head = STATUS_LINE[response.status_code] + b"".join(lines) + b"connection: close\r\n\r\n"
            self.transport.write(head + bytes(response.body))
        self.transport.close()


class _Parser:
    """httptools' parser, which takes an offer to upgrade for the end of HTTP and drops the body.

    Java's HttpClient offers HTTP/2 with every request to an http:// address; nothing is offered that we accept, so a
    request goes on as if nothing had been (RFC 9110, 7.8).
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._parser = _new_parser(connection)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._parser, name)

    def feed_data(self, data: bytes) -> None:
        rest: bytes | None = data
        while rest is not None:
            rest = self._rest(rest)

    def _rest(self, data: bytes) -> bytes | None:
        """Read to the end, or to that of a head with an offer; what is left is for a parser that knows its framing."""
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade as offer:
            kept = (b"content-length", b"transfer-encoding")
            framing = [b"%s: %s\r\n" % pair for pair in self._connection.headers if pair[0] in kept]
            self._parser = _new_parser(_AfterHead(self._connection))
            self._parser.feed_data(b"POST / HTTP/1.1\r\n%s\r\n" % b"".join(framing))
            return data[offer.args[0] :]
        return None


class _AfterHead:
    """Tells a connection what a parser finds once the head that it was given again is over."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._again = True

    def __getattr__(self, name: str) -> Any:
        return partial(self._tell, name, getattr(self._connection, name))

    def _tell(self, name: str, told: Callable[..., None], *found: bytes) -> None:
        if not self._again or name in ("on_body", "on_message_complete"):
            told(*found)
        if name == "on_message_complete":
            self._again = False


def _new_parser(told: object) -> httptools.HttpRequestParser:
    parser = httptools.HttpRequestParser(told)
    parser.set_dangerous_leniencies(lenient_data_after_close=True)  # as uvicorn does
    return parser
