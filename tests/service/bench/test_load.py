"""The load generator, against a server whose every answer is known."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from contextlib import asynccontextmanager
from itertools import repeat
from pathlib import Path
from typing import Any, TypeVar

import pytest

from service.bench.connection import Pool, post
from service.bench.load import Load, capacity, open_loop, percentile
from tests.service.api.serving import make_app, running

Result = TypeVar("Result")


def _answering(status: int, *, delay: float = 0.0) -> Callable[..., Coroutine[Any, Any, None]]:
    """A server that answers every request after a while, in two pieces."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while head := await reader.readuntil(b"\r\n\r\n"):
            await reader.readexactly(int(head.partition(b"Content-Length: ")[2].split()[0]))
            await asyncio.sleep(delay)
            writer.write(f"HTTP/1.1 {status} X\r\ncontent-length: 4\r\n\r\nab".encode())
            await writer.drain()
            writer.write(b"cd")

    return answer


@asynccontextmanager
async def _pool(status: int, *, delay: float = 0.0) -> AsyncIterator[tuple[Pool, Iterator[bytes]]]:
    server = await asyncio.start_server(_answering(status, delay=delay), "127.0.0.1", 0)
    host, port = server.sockets[0].getsockname()
    pool = Pool(host, port)
    try:
        yield pool, repeat(post("/", b"{}", "localhost"))
    finally:
        pool.close()
        await asyncio.sleep(0.05)
        server.close()


@pytest.mark.parametrize(("status", "kind"), [(200, "answered"), (503, "refused"), (429, "refused"), (500, "failed")])
def test_answers_are_counted_by_kind(status: int, kind: str) -> None:
    async def measure() -> Load:
        async with _pool(status) as (pool, requests):
            return await open_loop(pool, requests, rate=200, seconds=0.5)

    load = asyncio.run(measure())
    counts = {"answered": len(load.answered), "refused": len(load.refused), "failed": load.failed}
    assert 50 < counts.pop(kind) < 150
    assert set(counts.values()) == {0}


def test_time_counts_from_when_a_request_was_due_and_arrivals_do_not_wait_for_answers() -> None:
    async def measure() -> tuple[Load, int]:
        async with _pool(200, delay=0.2) as (pool, requests):
            return await open_loop(pool, requests, rate=100, seconds=0.5), pool.opened

    load, opened = asyncio.run(measure())
    assert min(load.answered) >= 200
    assert opened > 5


def test_the_capacity_of_one_caller_is_the_inverse_of_the_time_of_an_answer() -> None:
    async def measure() -> float:
        async with _pool(200, delay=0.05) as (pool, requests):
            return await capacity(pool, requests, callers=1, seconds=0.5)

    assert 8 < asyncio.run(measure()) <= 22


def test_percentiles() -> None:
    values = [float(value) for value in range(1, 101)]
    assert (percentile(values, 0.5), percentile(values, 0.99), percentile(values, 0.999)) == (51, 100, 100)
    assert percentile([], 0.5) == 0


def test_under_twice_its_capacity_a_real_service_answers_or_refuses_and_never_fails(tmp_path: Path) -> None:
    body = json.dumps({"comments": [{"text": "A comment of ordinary length, about nothing in particular."}] * 20})

    async def measure(address: str) -> Load:
        host, _, port = address.removeprefix("http://").partition(":")
        pool = Pool(host, int(port))
        requests = repeat(post("/v1/score", body.encode(), host))
        found = await capacity(pool, requests, callers=4, seconds=0.5)
        load = await open_loop(pool, requests, rate=2 * found, seconds=1)
        pool.close()
        return load

    with running(make_app(tmp_path, cache_entries=0)) as address:
        load = asyncio.run(measure(address))
    assert load.failed == 0
    assert load.answered
