from __future__ import annotations

import base64
import json
import quopri
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from data.records import Comment
from model.scores import CommentScores
from service.protocols.perspective import batch, multipart
from service.protocols.perspective.errors import CommentError
from tests.conftest import FakeScorer
from tests.service.api.serving import make_app

ANALYZE = "/v1alpha1/comments:analyze"


def _body(*calls: tuple[str, str, Any]) -> bytes:
    parts = [
        f"--b\r\nContent-Type: application/http\r\nContent-ID: <{number}>\r\n\r\n"
        f"{method} {path} HTTP/1.1\r\nContent-Type: application/json\r\n\r\n{json.dumps(body)}\r\n"
        for number, (method, path, body) in enumerate(calls)
    ]
    return ("".join(parts) + "--b--\r\n").encode()


def _post(client: TestClient, content: bytes) -> Any:
    return client.post("/batch", content=content, headers={"content-type": "multipart/mixed; boundary=b"})


def _statuses(text: str) -> list[int]:
    return [int(line.split()[1]) for line in text.splitlines() if line.startswith("HTTP/1.1 ")]


def _asking(text: str, **more: Any) -> dict[str, Any]:
    return {"comment": {"text": text}, "requestedAttributes": {"TOXICITY": {}}, **more}


class WatchingScorer(FakeScorer):
    """Notes how many texts at most were in the line at once."""

    app: FastAPI
    most = 0

    def score(self, comments: Sequence[Comment], *args: Any, **options: Any) -> list[CommentScores]:
        if comments[0].id != "warm":
            self.most = max(self.most, self.app.state.service.engine.line.comments)
        return super().score(comments, *args, **options)


def test_every_part_is_answered_in_its_place(client: TestClient) -> None:
    suggestion = {"comment": {"text": "a"}, "attributeScores": {"TOXICITY": {"summaryScore": {"value": 1}}}}
    answer = _post(
        client,
        _body(
            ("POST", ANALYZE, _asking("LOUD")),
            ("POST", "/v1alpha1/comments%3Aanalyze?key=any", _asking("quiet")),
            ("POST", "/v1alpha1/comments:suggestscore", suggestion),
            ("POST", "/v1/score", {}),
            ("GET", ANALYZE, {}),
            ("POST", ANALYZE, {"comment": 3}),
        ),
    )
    assert answer.headers["content-type"].startswith("multipart/mixed; boundary=")
    assert _statuses(answer.text) == [200, 200, 200, 404, 405, 400]
    assert [f"<response-{number}>" in answer.text for number in range(6)] == [True] * 6


def test_calls_about_different_articles_get_their_own_scores(client: TestClient) -> None:
    asked = {"comment": {"text": "some ten characters"}, "requestedAttributes": {"OFF_TOPIC": {}}}
    about = {**asked, "context": {"entries": [{"text": "an article"}]}}
    answer = _post(client, _body(("POST", ANALYZE, asked), ("POST", ANALYZE, about)))
    assert answer.text.count('"OFF_TOPIC"') == 1


def test_what_is_no_batch_is_refused_as_a_whole(client: TestClient) -> None:
    empty = _post(client, b"--b--\r\n")
    plain = client.post("/batch", content=b"{}", headers={"content-type": "application/json"})
    crowded = _post(client, _body(*[("POST", ANALYZE, {})] * 1_001))
    for answer in (empty, plain, crowded):
        assert (answer.status_code, answer.json()["error"]["status"]) == (400, "INVALID_ARGUMENT")


def test_each_part_carries_its_own_key(tmp_path: Path) -> None:
    app = make_app(tmp_path)
    _, secret = app.state.store.create_key("paper", 100)
    with TestClient(app) as client:
        calls = [("POST", f"{ANALYZE}?key={key}", _asking("a")) for key in (secret, "wrong")]
        answer = _post(client, _body(*calls, ("POST", ANALYZE, _asking("a"))))
    assert _statuses(answer.text) == [200, 400, 400]
    assert answer.text.count("API_KEY_INVALID") == 2


def test_damaged_parts_spoil_nothing_but_themselves(client: TestClient) -> None:
    damaged = b"--b\r\n\r\n\xff\xfe\x00\r\n--b\r\nContent-Type: application/http\r\nContent-ID: a\r\n b\r\n\r\n\r\n"
    answer = _post(client, damaged + _body(("POST", ANALYZE, _asking("a"))))
    assert answer.status_code == 200
    assert _statuses(answer.text)[-1] == 200


@pytest.mark.parametrize("address", ["http://[", "//[::1/v1alpha1"])
def test_an_address_that_is_none_fails_its_own_call_only(client: TestClient, address: str) -> None:
    answer = _post(client, _body(("POST", address, {}), ("POST", ANALYZE, _asking("a"))))
    assert (answer.status_code, _statuses(answer.text)) == (200, [400, 200])
    assert "The call cannot be read." in answer.text


def test_a_call_with_too_many_headers_fails_alone(client: TestClient) -> None:
    crowded = f"{ANALYZE} HTTP/1.1\r\n" + "X: 1\r\n" * 20_000 + "Y:"
    answer = _post(client, _body(("POST", crowded, {}), ("POST", ANALYZE, _asking("a"))))
    assert _statuses(answer.text) == [400, 200]
    assert "100000 bytes" in answer.text


@pytest.mark.parametrize("depth", [300, 3_000])
def test_a_batch_has_one_level(client: TestClient, depth: int) -> None:
    nested = [f"--b{n}\r\nContent-Type: multipart/mixed; boundary=b{n + 1}\r\n\r\n".encode() for n in range(depth)]
    body = b"".join(nested).replace(b"--b0", b"--b", 1) + b"\n" * 4_000_000
    assert _statuses(_post(client, body).text) == [404]


def test_no_more_parts_are_read_than_a_batch_may_hold(monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[bytes] = []
    monkeypatch.setattr(multipart, "_read_part", read.append)
    with pytest.raises(CommentError, match="1000 calls"):
        multipart.read_batch(b"--b\n\n" * 800_000, "multipart/mixed; boundary=b")
    assert len(read) == multipart.MAX_CALLS + 1


@pytest.mark.parametrize("encoding", ["base64", "BASE64 ", "quoted-printable", "binary"])
def test_parts_may_be_encoded_for_the_mail(client: TestClient, encoding: str) -> None:
    call = f'POST {ANALYZE} HTTP/1.1\r\n\r\n{{"comment":{{"text":"a"}},"requestedAttributes":{{"TOXICITY":{{}}}}}}'
    wired = {
        "base64": base64.encodebytes(call.encode()).decode(),
        "quoted-printable": quopri.encodestring(call.encode()).decode(),
    }.get(encoding.lower().strip(), call)
    head = f"content-id: <folded\r\n id>\r\nContent-Transfer-Encoding: {encoding}\r\n\r\n"
    answer = _post(client, f"preamble\r\n--b \r\n{head}{wired}\r\n--b--\r\nepilogue".encode())
    assert _statuses(answer.text) == [200]
    assert "Content-ID: <response-folded id>" in answer.text


def test_a_batch_holds_as_many_calls_as_a_request_may_hold_comments(tmp_path: Path) -> None:
    with TestClient(make_app(tmp_path, max_comments=2)) as client:
        answers = [_post(client, _body(*[("POST", ANALYZE, _asking("a"))] * number)) for number in (2, 3)]
    assert [answer.status_code for answer in answers] == [200, 413]
    assert answers[1].json()["error"]["message"] == "A request may hold 2 comments at most."


def test_a_batch_does_not_fill_the_line(tmp_path: Path) -> None:
    scorer = WatchingScorer()
    scorer.app = make_app(tmp_path, scorer, max_comments=3)
    texts = [" ".join(f"Call {call}, sentence {number}." for number in range(5)) for call in range(3)]
    with TestClient(scorer.app) as client:
        answer = _post(client, _body(*[("POST", ANALYZE, _asking(text, spanAnnotations=True)) for text in texts]))
    assert _statuses(answer.text) == [200] * 3
    assert scorer.most == 6  # one call with its sentences; the line is full by 30


def test_the_scores_of_a_batch_have_a_limit(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batch, "MAX_SCORES", 5)
    long = _asking("One. Two. Three.", spanAnnotations=True)
    answer = _post(client, _body(("POST", ANALYZE, long), ("POST", ANALYZE, long), ("POST", ANALYZE, {})))
    assert _statuses(answer.text) == [200, 400, 400]
    assert "5 scores at most" in answer.text


def test_calls_under_the_path_of_the_public_address_are_known(tmp_path: Path) -> None:
    """Google's clients write the path of the address that discovery names before that of each call."""
    calls = [("POST", path, _asking("a")) for path in (f"/perspective{ANALYZE}", ANALYZE, f"/elsewhere{ANALYZE}")]
    with TestClient(make_app(tmp_path, public_url="https://paper.example/perspective/")) as client:
        assert _statuses(_post(client, _body(*calls)).text) == [200, 200, 404]
