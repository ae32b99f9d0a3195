from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from fastapi.testclient import TestClient

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


def _asking(text: str) -> dict[str, Any]:
    return {"comment": {"text": text}, "requestedAttributes": {"TOXICITY": {}}}


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
