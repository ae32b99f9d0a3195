"""Which precision a processor multiplies fastest in."""

from __future__ import annotations

import time

import torch
from torch import nn


def fast_in_bfloat16(device: torch.device) -> bool:
    """Measure whether the device multiplies faster in bfloat16: a processor that imitates it takes fifty times as long
    as in float32, and one that has the instructions but no tiles for them half as long again.
    """
    return device.type != "cpu" or _seconds(torch.bfloat16) < _seconds(torch.float32)


def _seconds(kind: torch.dtype, rows: int = 1_024) -> float:
    """Return the shortest of three times of one of the encoder's products."""
    states, weight = torch.ones(rows, 384, dtype=kind), torch.ones(1_536, 384, dtype=kind)
    found = []
    for _ in range(3):
        started = time.perf_counter()
        nn.functional.linear(states, weight)
        found.append(time.perf_counter() - started)
    return min(found)
