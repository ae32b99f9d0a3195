"""What the desk does by itself while it runs: webhooks, judging anew under a new policy, forgetting what is too old."""

from __future__ import annotations

import logging
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI
from sqlalchemy.exc import SQLAlchemyError
from starlette.concurrency import run_in_threadpool

from service.settings import Settings
from service.store import Store, StoreError
from service.store.delivering import AT_ONCE, deliver_due
from service.store.privacy import forget_older
from service.store.rejudging import rejudge_next

log = logging.getLogger("belowline.desk")

LOOK_EVERY = 2.0  # seconds between two looks at what is due
BETWEEN_BATCHES = 0.05  # seconds in which others may write, between two batches of judging anew
FORGET_EVERY = 86_400.0  # seconds


class Chores:
    """A thread with three chores; several processes may run it, each message is sent by one of them."""

    def __init__(self, settings: Settings, store: Store) -> None:
        self._settings, self._store = settings, store
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="chores", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stop.set()
        self._thread.join(timeout=15)

    def _run(self) -> None:
        rested = FORGET_EVERY
        while not self._stop.is_set():
            rested += LOOK_EVERY
            try:
                while deliver_due(self._store.database) == AT_ONCE and not self._stop.is_set():
                    pass
                while rejudge_next(self._store.database) and not self._stop.wait(BETWEEN_BATCHES):
                    pass
                if self._settings.retention_days and rested >= FORGET_EVERY:
                    forget_older(self._store.database, self._settings.retention_days, by="retention period")
                    rested = 0.0
            except (SQLAlchemyError, StoreError) as error:  # the database is away; it is asked again
                log.warning("the chores wait: %s", type(error).__name__)
            self._stop.wait(LOOK_EVERY)


@asynccontextmanager
async def chores(app: FastAPI) -> AsyncIterator[None]:
    """Run the chores as long as the application."""
    at_work = Chores(app.state.settings, app.state.store)
    at_work.start()
    yield
    await run_in_threadpool(at_work.stop)
