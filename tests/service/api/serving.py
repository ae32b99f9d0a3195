"""Applications and running servers for the tests of the HTTP interface."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import uvicorn
from fastapi import FastAPI

from model.scores import Scorer
from service.api.connection import Connection
from service.app import create_app
from service.settings import Settings
from service.store import open_store
from tests.conftest import FakeScorer


def make_app(folder: Path, scorer: Scorer | None = None, **settings: Any) -> FastAPI:
    """An application with a store of its own in `folder`."""
    url = f"sqlite:///{folder}/desk.sqlite3"
    return create_app(Settings(**settings), scorer or FakeScorer(), open_store(url))


@contextmanager
def running(app: FastAPI) -> Iterator[str]:
    """Serve an application on a free port and give its address, without a slash at the end."""
    listening = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, http=Connection, ws="none", log_config=None, access_log=False))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(10)
        listening.close()
