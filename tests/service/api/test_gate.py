from __future__ import annotations

import asyncio
import gzip
import socket
import threading
import time
from collections.abc import Sequence
from pathlib import Path

import httpx
import pytest
from fastapi.testclient import TestClient

from data.records import Article, Comment
from model.scores import CommentScores, ScorerError
from service.api import gate
from tests.conftest import FakeScorer
from tests.service.api.serving import make_app, running


class SlowScorer(FakeScorer):
    """Holds every comment but the one of the warm-up until it is let go."""

    def __init__(self) -> None:
        self.let_go = threading.Event()
        self.scored: list[str] = []

    def score(
        self,
        comments: Sequence[Comment],
        article: Article | None = None,
        *,
        spans: bool = False,
        any_language: bool = False,
    ) -> list[CommentScores]:
        if comments[0].id != "warm":
            assert self.let_go.wait(20)
            self.scored += [comment.text for comment in comments]
        return super().score(comments, article)


class BrokenScorer(FakeScorer):
    """Fails on everything but the warm-up."""

    def __init__(self, error: Exception) -> None:
        self.error = error

    def score(
        self,
        comments: Sequence[Comment],
        article: Article | None = None,
        *,
        spans: bool = False,
        any_language: bool = False,
    ) -> list[CommentScores]:
        if comments[0].id == "warm":
            return super().score(comments, article)
        raise self.error


def _body(text: str) -> dict[str, object]:
    return {"comments": [{"text": text}]}


def test_a_full_service_refuses_within_ten_milliseconds_and_says_when_to_come_back(tmp_path: Path) -> None:
    scorer = SlowScorer()
    with running(make_app(tmp_path, scorer, threads=1, max_waiting=2)) as address:
        asyncio.run(_fill_and_refuse(address, scorer))


async def _fill_and_refuse(address: str, scorer: SlowScorer) -> None:
    async with httpx.AsyncClient(base_url=address) as client:
        waiting = [asyncio.create_task(client.post("/v1/score", json=_body(f"number {n}"), timeout=20)) for n in (1, 2)]
        await asyncio.sleep(0.3)
        await client.get("/health/live")
        refused = [await client.post("/v1/score", json=_body(f"refused {n}")) for n in range(20)]
        scorer.let_go.set()
        answered = await asyncio.gather(*waiting)
    assert {answer.status_code for answer in refused} == {503}
    assert refused[0].json()["error"] == "ServiceBusy"
    assert refused[0].headers["retry-after"] == "1"
    assert sorted(answer.elapsed.total_seconds() for answer in refused)[4] < 0.010  # the machine may be busy
    assert [answer.status_code for answer in answered] == [200, 200]


def test_work_of_a_caller_that_hung_up_is_not_done(tmp_path: Path) -> None:
    scorer = SlowScorer()
    app = make_app(tmp_path, scorer, threads=1)
    with running(app) as address:
        first = threading.Thread(target=lambda: httpx.post(f"{address}/v1/score", json=_body("patient"), timeout=20))
        first.start()
        time.sleep(0.3)
        with pytest.raises(httpx.ReadTimeout):
            httpx.post(f"{address}/v1/score", json=_body("impatient"), timeout=0.3)
        time.sleep(0.3)
        scorer.let_go.set()
        first.join(20)
        engine = app.state.service.engine
        assert (scorer.scored, engine.dropped, engine.line.requests) == (["patient"], 1, 0)


def test_a_body_over_the_limit_is_refused_by_its_stated_length_and_by_its_real_one(tmp_path: Path) -> None:
    with TestClient(make_app(tmp_path, max_body_bytes=10_000)) as client:
        stated = client.post("/v1/score", content=b"x" * 10_001)
        streamed = client.post("/v1/score", content=(b"x" * 1_000 for _ in range(11)))
    for answer in (stated, streamed):
        assert (answer.status_code, answer.json()["error"]) == (413, "BodyTooLarge")
        assert "10000 bytes" in answer.json()["detail"]


@pytest.mark.parametrize(
    ("error", "status", "name"),
    [(ScorerError("weights melted"), 503, "ScorerFailed"), (KeyError("a private comment"), 500, "ServiceError")],
)
def test_a_failing_model_fails_its_request_and_not_the_next(
    tmp_path: Path, error: Exception, status: int, name: str
) -> None:
    scorer = BrokenScorer(error)
    with TestClient(make_app(tmp_path, scorer, threads=1)) as client:
        answers = [client.post("/v1/score", json=_body(f"text {n}")) for n in range(3)]
        healthy = client.get("/health/live")
    assert {(answer.status_code, answer.json()["error"]) for answer in answers} == {(status, name)}
    assert "private" not in answers[0].text
    assert healthy.status_code == 200


def test_an_unexpected_error_is_logged_without_its_text(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with TestClient(make_app(tmp_path, BrokenScorer(KeyError("a private comment")))) as client:
        client.post("/v1/score", json=_body("a private comment"))
    record = next(
        record for record in caplog.records if record.name == "belowline.http" and record.levelname == "ERROR"
    )
    assert record.__dict__["exception"] == "KeyError"
    assert "private" not in str(record.__dict__)


def test_a_request_keeps_its_id_or_gets_one(client: TestClient) -> None:
    kept = client.get("/health/live", headers={"x-request-id": "abc-1"})
    made = client.get("/health/live", headers={"x-request-id": "not an id\x7f"})
    assert kept.headers["x-request-id"] == "abc-1"
    assert len(made.headers["x-request-id"]) == 32


def test_unknown_paths_and_methods_are_answered_in_our_shape(client: TestClient) -> None:
    missing, wrong = client.get("/v1/nothing"), client.get("/v1/score")
    assert (missing.status_code, missing.json()["error"]) == (404, "NotFound")
    assert (wrong.status_code, wrong.json()["error"], wrong.headers["allow"]) == (405, "MethodNotAllowed", "POST")


def test_a_body_that_never_comes_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gate, "BODY_SECONDS", 0.2)
    with running(make_app(tmp_path)) as address, _connected(address) as slow:
        slow.sendall(b"POST /v1/score HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\n{")
        answer = slow.recv(10_000)
    assert answer.startswith(b"HTTP/1.1 408 ")
    assert b"BodyTooSlow" in answer


def _connected(address: str) -> socket.socket:
    host, _, port = address.removeprefix("http://").partition(":")
    return socket.create_connection((host, int(port)), timeout=10)


def test_a_body_packed_by_gzip_is_read_and_bounded_as_what_it_holds(tmp_path: Path) -> None:
    """Google's clients for Java and .NET pack every request."""
    whole = gzip.compress(b'{"comments":[{"text":"as it is"}]}')
    broken = (whole[:-9], b"not gzip", whole[:20] + b"\xff" * 20, whole * 2)
    with TestClient(make_app(tmp_path, max_body_bytes=10_000)) as client:
        answers = [
            client.post("/v1/score", content=body, headers={"content-encoding": encoding})
            for encoding, body in (
                ("gzip", whole),
                ("GZIP", whole),
                ("identity", gzip.decompress(whole)),
                ("gzip", gzip.compress(b'{"comments":[]' + b" " * 10_000 + b"}")),
                ("br", whole),
                *(("gzip", body) for body in broken),
            )
        ]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 413, 415, 400, 400, 400, 400]
    assert answers[0].json() == answers[2].json()
    assert answers[5].json()["detail"] == "The body is not what gzip makes."
