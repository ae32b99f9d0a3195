"""One signed message on its way to a receiver, within a bound of time whatever the receiver does."""

from __future__ import annotations

import socket
import urllib.error
import urllib.request
from collections.abc import Mapping
from contextlib import suppress
from functools import partial
from http.client import HTTPConnection, HTTPResponse
from threading import Event, Thread
from typing import Any, Self

TIMEOUT = 10.0  # seconds for a receiver to answer, from the first byte to the last header


def post(url: str, body: bytes, headers: Mapping[str, str], timeout: float = TIMEOUT) -> int:
    """Send one message and return the status; any exception means that no answer came in time."""
    request = urllib.request.Request(url, data=body, headers=dict(headers), method="POST")
    with _Watch(timeout) as watch:
        opener = urllib.request.build_opener(_NoRedirects, _Http(watch), _Https(watch))
        try:
            with opener.open(request, timeout=timeout) as response:
                return int(response.status)
        except urllib.error.HTTPError as error:
            error.close()
            return error.code


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    """A redirect is a wrong address: following it would send a signed message somewhere that nobody entered."""

    def redirect_request(self, *arguments: Any, **named: Any) -> None:
        return None


class _Watch:
    """Cuts a connection when its time is over: a socket's own timeout starts anew with every byte that arrives."""

    def __init__(self, timeout: float) -> None:
        self._timeout = timeout
        self._done = Event()
        self._late = False
        self._connection: HTTPConnection | None = None

    def __enter__(self) -> Self:
        Thread(target=self._run, name="webhook watch", daemon=True).start()
        return self

    def __exit__(self, *error: object) -> None:
        self._done.set()
        if self._late:  # headers that a cut ended look whole
            raise TimeoutError

    def connect(self, make: Any, *arguments: Any, **named: Any) -> HTTPConnection:
        """Make a connection that is cut in time."""
        made: HTTPConnection = make(*arguments, **named)
        self._connection = made
        return made

    def _run(self) -> None:
        left = self._timeout
        while not self._done.wait(left):
            self._late, left = True, 1.0  # again later: it may not be connected yet
            line = getattr(self._connection, "sock", None)
            if line is not None:
                with suppress(OSError):
                    socket.socket.shutdown(line, socket.SHUT_RDWR)


class _Watched(urllib.request.AbstractHTTPHandler):
    """Makes its connections under a watch."""

    def __init__(self, watch: _Watch) -> None:
        super().__init__()
        self._watch = watch

    def do_open(self, http_class: Any, req: urllib.request.Request, **named: Any) -> HTTPResponse:
        return super().do_open(partial(self._watch.connect, http_class), req, **named)


class _Http(_Watched, urllib.request.HTTPHandler):
    pass


class _Https(_Watched, urllib.request.HTTPSHandler):
    pass
