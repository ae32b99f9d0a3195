"""Minutes of load at half of capacity, and whether memory stays flat. `python -m service.bench.soak --minutes 10`

Exits 1 when memory grew by more than a twentieth after the first fifth of the time, or when a request failed.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from collections.abc import Sequence
from itertools import cycle
from pathlib import Path
from typing import Any

from service.bench import machine
from service.bench.connection import Pool
from service.bench.http import CALLERS, NOTHING_REMEMBERED, requests_for
from service.bench.load import capacity, open_loop, percentile
from service.bench.served import Served, served
from service.demo import demo_discussions

SLICES = 20  # memory is looked at after each
SHARE = 0.5  # of capacity
SETTLED = 0.2  # of the slices: until then allocators and caches still fill
FLAT = 1.05  # times the memory at that point


def main() -> None:
    """Read the command line, run, print and write the results."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("-o", "--output", type=Path)
    arguments = parser.parse_args()
    texts = [comment.text for _, discussion in demo_discussions() for comment in discussion.comments]
    with served(NOTHING_REMEMBERED) as server:
        found = asyncio.run(soak(server, texts, arguments.minutes * 60))
    told = json.dumps({"machine": machine.describe(), **found}, indent=2) + "\n"
    sys.stdout.write(told)
    if arguments.output:
        arguments.output.write_text(told, encoding="utf-8")
    sys.exit(0 if found["flat"] and not found["failed"] else 1)


async def soak(server: Served, texts: Sequence[str], seconds: float) -> dict[str, Any]:
    """Load the service for so long; memory in MB after each of twenty slices, times in milliseconds."""
    pool = Pool(server.host, server.port)
    requests = cycle(requests_for(server, texts))
    full = await capacity(pool, requests, callers=CALLERS, seconds=min(10.0, seconds / 10))
    memory, answered, refused, failed = [], list[float](), 0, 0
    for number in range(SLICES):
        load = await open_loop(pool, requests, rate=max(1.0, SHARE * full), seconds=seconds / SLICES, seed=number)
        memory.append(server.resident_megabytes())
        answered += load.answered
        refused, failed = refused + len(load.refused), failed + load.failed
    pool.close()
    return {
        "seconds": seconds,
        "capacity": round(full, 1),
        "answered": len(answered),
        "refused": refused,
        "failed": failed,
        "p50": round(percentile(answered, 0.5), 1),
        "p99": round(percentile(answered, 0.99), 1),
        "memory_mb": memory,
        "flat": is_flat([value for value in memory if value is not None]),
    }


def is_flat(memory: Sequence[float]) -> bool:
    """Whether the last reading is within a twentieth of the one after the first fifth; True where none is known."""
    return not memory or memory[-1] <= FLAT * memory[int(SETTLED * len(memory))]


if __name__ == "__main__":
    main()
