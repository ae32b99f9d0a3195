"""How often a caller may ask: a sliding window per key, from the library `limits`, in memory."""

from __future__ import annotations

from math import ceil
from time import time

from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import SlidingWindowCounterRateLimiter

from service.errors import RateLimited


class RateLimits:
    """Requests per caller and minute; a limit of 0 lets everything through."""

    def __init__(self, per_minute: int) -> None:
        self._per_minute = per_minute
        self._windows = SlidingWindowCounterRateLimiter(MemoryStorage())

    def count(self, caller: str, per_minute: int = 0) -> None:
        """Count one request of a caller; raise `RateLimited` when it is one too many."""
        limit = per_minute or self._per_minute
        if not limit:
            return
        item = RateLimitItemPerMinute(limit)
        if not self._windows.hit(item, caller):
            wait = self._windows.get_window_stats(item, caller).reset_time - time()
            raise RateLimited(limit, retry_after=max(1, ceil(wait)))
