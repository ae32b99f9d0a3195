"""The load test: one comment per request at shares of the service's own capacity, nothing remembered."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import cycle
from typing import Any

from service.bench.connection import Pool, post
from service.bench.load import Load, capacity, open_loop, percentile
from service.bench.served import Served, served

SHARES = (0.25, 0.5, 1.0, 2.0)
CALLERS = 8  # at once, for the capacity: enough to keep every core busy
PATH = "/v1/score"
NOTHING_REMEMBERED = {"BELOWLINE_CACHE_ENTRIES": "0"}


@dataclass(frozen=True, slots=True)
class LoadTest:
    """What the service did; `capacity` in answers per second, memory in MB before and after."""

    capacity: float
    seconds_to_ready: float
    memory: tuple[float | None, float | None]
    loads: tuple[tuple[float, Load], ...]

    def rows(self) -> list[dict[str, Any]]:
        """One row per share of capacity, ready for a table; times in milliseconds."""
        return [_row(share, load, self.capacity) for share, load in self.loads]


def load_test(texts: Sequence[str], *, seconds: float, settings: Mapping[str, str]) -> LoadTest:
    """Start a service, find its capacity, and send 25, 50, 100 and 200 % of it for some seconds each."""
    with served({**NOTHING_REMEMBERED, **settings}) as server:
        return asyncio.run(_measure(server, texts, seconds))


async def _measure(server: Served, texts: Sequence[str], seconds: float) -> LoadTest:
    pool = Pool(server.host, server.port)
    requests = cycle(requests_for(server, texts))
    await capacity(pool, requests, callers=CALLERS, seconds=min(seconds, 3))
    found = await capacity(pool, requests, callers=CALLERS, seconds=seconds)
    before = server.resident_megabytes()
    loads = []
    for share in SHARES:
        loads.append((share, await open_loop(pool, requests, rate=share * found, seconds=seconds)))
        await asyncio.sleep(1)
    pool.close()
    return LoadTest(found, server.seconds_to_ready, (before, server.resident_megabytes()), tuple(loads))


def requests_for(server: Served, texts: Sequence[str]) -> Iterator[bytes]:
    """One request per text, as bytes."""
    host = f"{server.host}:{server.port}"
    return (post(PATH, json.dumps({"comments": [{"text": text}]}).encode(), host) for text in texts)


def _row(share: float, load: Load, full: float) -> dict[str, Any]:
    return {
        "share": share,
        "rate": round(load.rate, 1),
        "goodput": round(load.goodput, 1),
        "of_capacity": round(load.goodput / full, 3),
        "p50": round(percentile(load.answered, 0.5), 1),
        "p99": round(percentile(load.answered, 0.99), 1),
        "p999": round(percentile(load.answered, 0.999), 1),
        "refused": len(load.refused),
        "refused_p99": round(percentile(load.refused, 0.99), 1),
        "failed": load.failed,
        "sent_late": round(load.late, 1),
    }
