"""A server to be killed: the desk over the store of a URL, on a free port, which it prints."""

from __future__ import annotations

import socket
import sys
from collections.abc import Sequence
from typing import Any

import uvicorn

from model.scores import CommentScores
from service.app import create_app
from service.settings import Settings
from service.store import open_store


class NoScorer:
    """Nothing is scored here."""

    version = "none-1"

    def score(self, comments: Sequence[Any], *arguments: Any, **named: Any) -> list[CommentScores]:
        return [CommentScores({}) for _ in comments]


def main(url: str) -> None:
    with socket.socket() as listening, open_store(url) as store:
        listening.bind(("127.0.0.1", 0))
        listening.listen(64)
        print(listening.getsockname()[1], flush=True)  # noqa: T201  # how the test learns the port
        app = create_app(Settings.model_validate({"demo": True, "second_opinion_share": 0.0}), NoScorer(), store)
        uvicorn.Server(uvicorn.Config(app, log_config=None, access_log=False)).run(sockets=[listening])


if __name__ == "__main__":
    main(sys.argv[1])
