"""What the desk does by itself while it runs: webhooks, judging anew under a new policy, forgetting what is too old."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from fastapi import FastAPI
from starlette.concurrency import run_in_threadpool

from service.settings import Settings
from service.store import Store
from service.store.delivering import AT_ONCE, deliver_due
from service.store.privacy import forget_older
from service.store.rejudging import rejudge_next

log = logging.getLogger("belowline.desk")

LOOK_EVERY = 2.0  # seconds between two looks at what is due
BETWEEN_BATCHES = 0.05  # seconds in which others may write, between two batches of judging anew
FORGET_EVERY = 86_400.0  # seconds


class Chores:
    """Three chores, each in its own thread so that none waits for another; several processes may run them."""

    def __init__(self, settings: Settings, store: Store) -> None:
        self._settings, self._database = settings, store.database
        self._stop = threading.Event()
        self._forget_at = time.monotonic()
        chores = {"webhooks": self._deliver, "judging anew": self._rejudge, "retention": self._forget}
        self._threads = [
            threading.Thread(target=self._repeat, args=(name, chore), name=name, daemon=True)
            for name, chore in chores.items()
        ]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join(timeout=15)

    def _repeat(self, name: str, chore: Callable[[], None]) -> None:
        while not self._stop.is_set():
            try:
                chore()
            except Exception as error:  # the database may be away; whatever it is, the chore is tried again
                log.warning("%s must wait: %s", name, type(error).__name__)
            self._stop.wait(LOOK_EVERY)

    def _deliver(self) -> None:
        while deliver_due(self._database) >= AT_ONCE and not self._stop.is_set():
            pass

    def _rejudge(self) -> None:
        while rejudge_next(self._database) and not self._stop.wait(BETWEEN_BATCHES):
            pass

    def _forget(self) -> None:
        if self._settings.retention_days and time.monotonic() >= self._forget_at:
            forget_older(self._database, self._settings.retention_days, by="retention period")
            self._forget_at = time.monotonic() + FORGET_EVERY


@asynccontextmanager
async def chores(app: FastAPI) -> AsyncIterator[None]:
    """Run the chores as long as the application."""
    at_work = Chores(app.state.settings, app.state.store)
    at_work.start()
    yield
    await run_in_threadpool(at_work.stop)
