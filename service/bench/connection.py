"""A client that costs little, so that a load test measures the server: HTTP/1.1 on kept-alive connections."""

from __future__ import annotations

import asyncio
import re

LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)


class Connection(asyncio.Protocol):
    """One connection, one request at a time."""

    def __init__(self) -> None:
        self._transport: asyncio.Transport | None = None
        self._answer: asyncio.Future[int] | None = None
        self._received = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._received += data
        head, gap, body = self._received.partition(b"\r\n\r\n")
        if not gap:
            return
        stated = LENGTH.search(head)
        if len(body) >= (int(stated[1]) if stated else 0):
            self._received = b""
            self._settle(int(head[9:12]))

    def connection_lost(self, error: Exception | None) -> None:
        self._transport = None
        self._settle(0)

    @property
    def usable(self) -> bool:
        """Whether the server has kept the connection open."""
        return self._transport is not None and not self._transport.is_closing()

    async def send(self, request: bytes) -> int:
        """Return the status of the answer, 0 when the connection broke."""
        if self._transport is None:
            return 0
        self._answer = asyncio.get_running_loop().create_future()
        self._transport.write(request)
        return await self._answer

    def close(self) -> None:
        """Hang up."""
        if self._transport is not None:
            self._transport.close()

    def _settle(self, status: int) -> None:
        if self._answer is not None and not self._answer.done():
            self._answer.set_result(status)


class Pool:
    """Connections to one server, opened as they are needed and used again."""

    def __init__(self, host: str, port: int) -> None:
        self._host, self._port = host, port
        self._idle: list[Connection] = []
        self.opened = 0

    async def send(self, request: bytes) -> int:
        """Send a request on an idle connection, or a new one, and return the status."""
        connection = await self._take()
        status = await connection.send(request)
        if connection.usable:
            self._idle.append(connection)
        return status

    async def _take(self) -> Connection:
        while self._idle:
            connection = self._idle.pop()
            if connection.usable:
                return connection
        self.opened += 1
        loop = asyncio.get_running_loop()
        _, connection = await loop.create_connection(Connection, self._host, self._port)
        return connection

    def close(self) -> None:
        """Hang up on every idle connection."""
        for connection in self._idle:
            connection.close()


def post(path: str, body: bytes, host: str) -> bytes:
    """Return a POST request, ready to be written."""
    head = f"POST {path} HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\nContent-Length: {len(body)}"
    return head.encode() + b"\r\n\r\n" + body
