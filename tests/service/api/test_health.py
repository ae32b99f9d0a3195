from __future__ import annotations

import json
import logging
import re
from io import StringIO
from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from service.api.observe import JsonFormatter
from tests.service.api.serving import make_app


def test_alive_and_ready(client: TestClient) -> None:
    assert client.get("/health/live").json() == {"status": "alive"}
    assert client.get("/health/ready").json() == {"status": "ready", "model": True, "store": True}


def test_ready_also_without_the_applications_lifespan(tmp_path: Path) -> None:
    client = TestClient(make_app(tmp_path))
    assert client.get("/health/ready").status_code == 200
    assert client.post("/v1/score", json={"comments": [{"text": "a"}]}).status_code == 200


def test_not_ready_while_shutting_down(client: TestClient, app: FastAPI) -> None:
    app.state.service.engine.stop()
    assert client.get("/health/ready").status_code == 503
    assert client.get("/health/live").status_code == 200


def test_metrics_count_by_route_and_name_of_the_key(tmp_path: Path) -> None:
    app = make_app(tmp_path)
    _, secret = app.state.store.create_key("paper", 100)
    with TestClient(app) as client:
        headers = {"x-api-key": secret}
        client.post("/v1/score", json={"comments": [{"text": "a"}]}, headers=headers)
        client.get("/v1/nothing/12345", headers=headers)
        text = client.get("/metrics", headers=headers).text
    assert 'belowline_requests_total{key="paper",method="POST",route="/v1/score",status="200"} 1.0' in text
    assert 'route="unmatched",status="404"' in text
    assert "12345" not in text
    assert secret not in text
    assert "belowline_comments_scored_total 1.0" in text


def test_the_log_has_one_json_line_per_request_without_text_or_key(tmp_path: Path) -> None:
    written = StringIO()
    handler = logging.StreamHandler(written)
    handler.setFormatter(JsonFormatter())
    logger = logging.getLogger("belowline")
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    asked = {"comment": {"text": "a private comment"}, "requestedAttributes": {"TOXICITY": {}}}
    with TestClient(make_app(tmp_path)) as client:
        client.post("/v1alpha1/comments:analyze?key=secret", json=asked)
    logger.removeHandler(handler)
    line = json.loads(next(line for line in written.getvalue().splitlines() if '"answered"' in line))
    assert line["route"] == "/v1alpha1/comments:analyze"
    assert (line["status"], line["key"], line["method"]) == (200, "open", "POST")
    assert "private" not in written.getvalue()
    assert "secret" not in written.getvalue()


def test_the_documentation_lists_every_route_and_loads_nothing(client: TestClient) -> None:
    page = client.get("/docs")
    for path in client.get("/openapi.json").json()["paths"]:
        assert f"<code>{path}</code>" in page.text
    assert page.headers["content-security-policy"].startswith("default-src 'none'")
    assert not re.search(r"<script|<link|<img|https?://(?!\S*</)", page.text)


@pytest.mark.parametrize("path", ["/health/live", "/health/ready", "/metrics", "/v1/model", "/info", "/docs"])
def test_head_is_get_without_the_body(client: TestClient, path: str) -> None:
    answer = client.head(path)
    assert (answer.status_code, answer.content) == (200, b"")
    assert int(answer.headers["content-length"]) > 0
    assert client.head("/v1/score").status_code == 405


@pytest.mark.parametrize("path", ["/docs", "/openapi.json", "/health/live", "/v1/model"])
def test_answers_are_not_sniffed(client: TestClient, path: str) -> None:
    assert client.get(path).headers["x-content-type-options"] == "nosniff"
