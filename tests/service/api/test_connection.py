"""What a caller may send before anybody knows who it is: so many bytes, and within so many seconds."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from service.api import connection
from tests.service.api.serving import make_app, running

LIVE = b"GET /health/live HTTP/1.1\r\nHost: localhost\r\n"
COMPRESSED = b"POST /v1/score HTTP/1.1\r\nHost: localhost\r\nContent-Encoding: br\r\nContent-Length: 1000\r\n\r\n{"


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, int]]:
    with running(make_app(tmp_path_factory.mktemp("connections"))) as address:
        host, _, port = address.removeprefix("http://").partition(":")
        yield host, int(port)


def _until_closed(caller: socket.socket) -> bytes:
    """What arrives until the service ends the connection; a test fails by the timeout if it never does."""
    received = bytearray()
    with suppress(ConnectionResetError):
        while part := caller.recv(65_536):
            received += part
    return bytes(received)


def _answer(address: tuple[str, int], *sent: bytes) -> bytes:
    with socket.create_connection(address, timeout=10) as caller:
        with suppress(ConnectionError):  # it may be refused before all is sent
            for part in sent:
                caller.sendall(part)
        return _until_closed(caller)


@pytest.mark.parametrize(
    ("path", "shape"),
    [("/v1/score", '{"error":"HeadTooLarge"'), ("/v1alpha1/comments:analyze", '{"error":{"code":431'), ("/hf", '"The')],
)
def test_large_headers_are_refused_in_the_shape_of_the_address(tmp_path: Path, path: str, shape: str) -> None:
    with TestClient(make_app(tmp_path)) as client:
        answer = client.post(path, json={}, headers={"x-large": "a" * 65_536})
    assert answer.status_code == 431
    assert shape in answer.text
    assert "65536 bytes" in answer.text


def test_headers_without_an_end_are_not_waited_for(address: tuple[str, int]) -> None:
    answer = _answer(address, b"POST /v1alpha1/comments:analyze HTTP/1.1\r\nX: ", b"a" * 60_000, b"a" * 10_000)
    assert answer.startswith(b"HTTP/1.1 431 ")
    assert b'"code":431' in answer


def test_a_long_address_is_no_other_fault_than_long_headers(address: tuple[str, int]) -> None:
    answer = _answer(address, b"GET /v1alpha1/" + b"a" * 70_000 + b" HTTP/1.1\r\nHost: localhost\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 431 ")
    assert b'"code":431' in answer


def test_headers_after_a_body_have_the_same_bound(address: tuple[str, int]) -> None:
    start = b"POST /v1/score HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n{\r\n0\r\nX: "
    assert _answer(address, start, *[b"a" * 50_000] * 20) == b""


def test_headers_that_come_too_slowly_are_given_up(address: tuple[str, int], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "HEAD_SECONDS", 0.2)
    answer = _answer(address, LIVE)
    assert answer.startswith(b"HTTP/1.1 408 ")
    assert b"HeadTooSlow" in answer


@pytest.mark.parametrize("sent", [b"", b"\r\n", LIVE + b"\r\n\r\n"])
def test_a_connection_without_a_request_ends(
    address: tuple[str, int], monkeypatch: pytest.MonkeyPatch, sent: bytes
) -> None:
    monkeypatch.setattr(connection, "HEAD_SECONDS", 0.2)
    assert _answer(address, sent).count(b"HTTP/1.1 ") == sent.count(b"GET")


def test_the_rest_of_a_refused_body_is_not_waited_for_for_ever(
    address: tuple[str, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "REST_SECONDS", 0.2)
    with socket.create_connection(address, timeout=10) as caller:
        caller.sendall(COMPRESSED)
        refused = caller.recv(65_536)
        caller.sendall(b" ")
        assert _until_closed(caller) == b""
    assert refused.startswith(b"HTTP/1.1 415 ")


def test_a_large_body_has_nothing_to_do_with_the_limit_of_headers(address: tuple[str, int]) -> None:
    body = b'{"comments":[]' + b" " * 1_000_000 + b"}"
    head = b"POST /v1/score HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: %d\r\n\r\n" % len(body)
    assert _answer(address, head, body).startswith(b"HTTP/1.1 200 ")


OFFER = b"Connection: Upgrade, HTTP2-Settings\r\nHTTP2-Settings: AAEAAEAAAAIAAAAB\r\nUpgrade: h2c\r\n"
ASKED = b'{"comments":[{"text":"as it is"}]}'
WHOLE = b"Content-Length: %d\r\n\r\n%s" % (len(ASKED), ASKED)
CHUNKED = b"Transfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n0\r\n\r\n" % (len(ASKED), ASKED)


@pytest.mark.parametrize("framed", [WHOLE, CHUNKED])
@pytest.mark.parametrize("size", [7, 100, 100_000])
def test_an_offer_of_http_2_does_not_cost_a_request_its_body(
    address: tuple[str, int], framed: bytes, size: int
) -> None:
    """Java's HttpClient offers it with every request to an http:// address."""
    request = b"POST /v1/score HTTP/1.1\r\nHost: localhost\r\n" + OFFER + framed
    sent = request * 2 + LIVE + b"Connection: close\r\n\r\n"
    answer = _answer(address, *(sent[start : start + size] for start in range(0, len(sent), size)))
    assert answer.count(b"HTTP/1.1 200 ") == 3
    assert answer.count(b'"scores"') == 2


def test_a_malformed_body_behind_an_offer_is_refused(address: tuple[str, int]) -> None:
    request = b"POST /v1/score HTTP/1.1\r\nHost: localhost\r\n" + OFFER + b"Transfer-Encoding: chunked\r\n\r\nno size"
    assert _answer(address, request).startswith(b"HTTP/1.1 400 ")


def test_requests_without_an_offer_go_on_as_before_one(address: tuple[str, int]) -> None:
    plain = b"POST /v1/score HTTP/1.1\r\nHost: localhost\r\n"
    answer = _answer(address, plain + OFFER + WHOLE + plain + CHUNKED + LIVE + b"Connection: close\r\n\r\n")
    assert answer.count(b"HTTP/1.1 200 ") == 3


def test_thousands_of_offers_at_once_are_read_one_after_the_other(address: tuple[str, int]) -> None:
    offers = (LIVE + b"Connection: upgrade\r\nUpgrade: a\r\n\r\n") * 2_000
    answer = _answer(address, offers + LIVE + b"Connection: close\r\n\r\n")
    assert answer.count(b"HTTP/1.1 200 ") == 2_001
