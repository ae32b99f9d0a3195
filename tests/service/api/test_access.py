from __future__ import annotations

from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from service.api import access
from service.api.access import is_loopback
from tests.service.api.serving import make_app

BODY = {"comments": [{"text": "a"}]}


@pytest.fixture(autouse=True)
def _ask_the_store_every_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(access, "REMEMBER_SECONDS", 0.0)


def test_without_any_key_a_loopback_service_is_open_and_ignores_keys(client: TestClient) -> None:
    plain = client.post("/v1/score", json=BODY)
    keyed = client.post("/v1/score", json=BODY, headers={"authorization": "Bearer anything"})
    assert (plain.status_code, keyed.status_code) == (200, 200)


def test_once_a_key_is_made_it_is_asked_for(tmp_path: Path) -> None:
    app = make_app(tmp_path)
    _, secret = app.state.store.create_key("paper", 100)
    with TestClient(app) as client:
        missing = client.post("/v1/score", json=BODY)
        wrong = client.post("/v1/score", json=BODY, headers={"x-api-key": "bl_wrong"})
        bearer = client.post("/v1/score", json=BODY, headers={"authorization": f"Bearer {secret}"})
        header = client.post("/v1/score", json=BODY, headers={"x-api-key": secret})
    assert [answer.status_code for answer in (missing, wrong, bearer, header)] == [401, 401, 200, 200]
    assert missing.json()["error"] == "KeyRefused"
    assert missing.headers["www-authenticate"] == "Bearer"


def test_a_key_in_the_query_counts_on_perspectives_routes_only(tmp_path: Path) -> None:
    app = make_app(tmp_path)
    _, secret = app.state.store.create_key("paper", 100)
    asked = {"comment": {"text": "a"}, "requestedAttributes": {"TOXICITY": {}}}
    with TestClient(app) as client:
        google = client.post(f"/v1alpha1/comments:analyze?key={secret}", json=asked)
        ours = client.post(f"/v1/score?key={secret}", json=BODY)
    assert (google.status_code, ours.status_code) == (200, 401)


def test_a_key_is_found_where_googles_libraries_put_it_and_beside_the_token_of_another(tmp_path: Path) -> None:
    app = make_app(tmp_path)
    _, secret = app.state.store.create_key("paper", 100)
    asked = {"comment": {"text": "a"}, "requestedAttributes": {"TOXICITY": {}}}
    foreign = {"authorization": "Bearer ya29.of-another"}
    with TestClient(app) as client:
        header = client.post("/v1alpha1/comments:analyze", json=asked, headers={"x-goog-api-key": secret})
        beside = client.post(f"/v1alpha1/comments:analyze?key={secret}", json=asked, headers=foreign)
        neither = client.post("/v1alpha1/comments:analyze?key=wrong", json=asked, headers=foreign)
    assert (header.status_code, beside.status_code, neither.status_code) == (200, 200, 400)  # as Google answers


def test_a_revoked_key_opens_nothing(tmp_path: Path) -> None:
    app = make_app(tmp_path, host="0.0.0.0")
    key, secret = app.state.store.create_key("paper", 100)
    with TestClient(app) as client:
        before = client.post("/v1/score", json=BODY, headers={"x-api-key": secret})
        app.state.store.revoke_key(key.id)
        after = client.post("/v1/score", json=BODY, headers={"x-api-key": secret})
    assert (before.status_code, after.status_code) == (200, 401)


def test_revoking_the_only_key_does_not_open_a_loopback_service(tmp_path: Path) -> None:
    app = make_app(tmp_path)
    key, secret = app.state.store.create_key("paper", 100)
    app.state.store.revoke_key(key.id)
    with TestClient(app) as client:
        nobody = client.get("/v1/model")
        revoked = client.get("/v1/model", headers={"x-api-key": secret})
    assert (nobody.status_code, revoked.status_code) == (401, 401)


def test_on_other_addresses_nobody_calls_without_a_key(tmp_path: Path) -> None:
    with TestClient(make_app(tmp_path, host="192.0.2.7")) as client:
        assert client.post("/v1/score", json=BODY).status_code == 401
        assert client.get("/metrics").status_code == 401
        assert client.get("/health/live").status_code == 200
        assert client.get("/docs").status_code == 200


def test_a_key_over_its_rate_waits(tmp_path: Path) -> None:
    app = make_app(tmp_path)
    _, secret = app.state.store.create_key("paper", 3)
    _, other = app.state.store.create_key("other", 3)
    with TestClient(app) as client:
        answers = [client.post("/v1/score", json=BODY, headers={"x-api-key": secret}) for _ in range(5)]
        others = client.post("/v1/score", json=BODY, headers={"x-api-key": other})
    codes = [answer.status_code for answer in answers]
    assert (codes[:3], codes[4]) == ([200, 200, 200], 429)  # the library may let one more through where minutes meet
    assert answers[4].json()["error"] == "RateLimited"
    assert 1 <= int(answers[4].headers["retry-after"]) <= 60
    assert others.status_code == 200


def test_pages_of_other_sites_may_not_call_an_open_service(client: TestClient) -> None:
    foreign = client.post("/v1/score", json=BODY, headers={"origin": "https://elsewhere.example"})
    rebound = client.post("/v1/score", json=BODY, headers={"origin": "http://testserver"})
    own = client.post("http://localhost:8000/v1/score", json=BODY, headers={"origin": "http://localhost:8000"})
    assert (foreign.status_code, foreign.json()["error"]) == (403, "ForeignOrigin")
    assert rebound.status_code == 403
    assert own.status_code == 200


def test_cors_is_off_unless_set(client: TestClient, tmp_path: Path) -> None:
    asked = {"origin": "https://paper.example", "access-control-request-method": "POST"}
    assert "access-control-allow-origin" not in client.options("/v1/score", headers=asked).headers
    with TestClient(make_app(tmp_path, cors_origins="https://paper.example/, https://other.example")) as open_client:
        allowed = open_client.options("/v1/score", headers=asked)
        answered = open_client.post("/v1/score", json=BODY, headers={"origin": "https://paper.example"})
    assert allowed.headers["access-control-allow-origin"] == "https://paper.example"
    assert answered.status_code == 200


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.8.8", "localhost", "::1", "[::1]"])
def test_own_addresses_are_told(host: str) -> None:
    assert is_loopback(host)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.2", "localhost.example", "", "127.0.0.1.example"])
def test_other_addresses_are_told(host: str) -> None:
    assert not is_loopback(host)
