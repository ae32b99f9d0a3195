"""Load on a running service: its capacity by a closed loop, its behaviour at a given rate by an open one.

In the open loop requests come when they come (Poisson arrivals), whether or not earlier ones were answered, and the
time of an answer counts from the moment when its request was due; a closed loop would hide exactly the waiting
that readers see (Schroeder, Wierman, Harchol-Balter: "Open versus closed", NSDI 2006).
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from service.bench.connection import Pool

REFUSED = (429, 503)


@dataclass(slots=True)
class Load:
    """What came back under one load; times in milliseconds."""

    rate: float  # requests per second that were sent
    seconds: float
    answered: list[float] = field(default_factory=list)
    refused: list[float] = field(default_factory=list)
    failed: int = 0
    late: float = 0.0  # the longest that the generator itself was behind

    @property
    def goodput(self) -> float:
        """Answers with scores per second."""
        return len(self.answered) / self.seconds

    def note(self, status: int, milliseconds: float) -> None:
        """Count one answer."""
        if status == 200:
            self.answered.append(milliseconds)
        elif status in REFUSED:
            self.refused.append(milliseconds)
        else:
            self.failed += 1


def percentile(values: Sequence[float], share: float) -> float:
    """Return the value that a share (0 to 1) of the values do not exceed; 0 for none."""
    ordered = sorted(values)
    return ordered[min(int(share * len(ordered)), len(ordered) - 1)] if ordered else 0.0


async def capacity(pool: Pool, requests: Iterator[bytes], *, callers: int, seconds: float) -> float:
    """Return the answers per second when `callers` ask again as soon as they are answered."""
    end = time.perf_counter() + seconds
    done = 0

    async def call() -> None:
        nonlocal done
        while time.perf_counter() < end:
            status = await pool.send(next(requests))
            done += status == 200

    await asyncio.gather(*(call() for _ in range(callers)))
    return done / seconds


async def open_loop(pool: Pool, requests: Iterator[bytes], *, rate: float, seconds: float, seed: int = 1) -> Load:
    """Send `rate` requests per second for some seconds, at random moments, and wait for every answer."""
    load = Load(rate, seconds)
    chance = random.Random(seed)
    tasks: set[asyncio.Task[None]] = set()
    start = time.perf_counter()
    due = start
    while (due := due + chance.expovariate(rate)) < start + seconds:
        if (early := due - time.perf_counter()) > 0:
            await asyncio.sleep(early)
        load.late = max(load.late, (time.perf_counter() - due) * 1000)
        task = asyncio.create_task(_one(pool, next(requests), due, load))
        tasks.add(task)
        task.add_done_callback(tasks.discard)
    await asyncio.gather(*tasks)
    return load


async def _one(pool: Pool, request: bytes, due: float, load: Load) -> None:
    try:
        status = await pool.send(request)
    except OSError:
        status = 0
    load.note(status, (time.perf_counter() - due) * 1000)
