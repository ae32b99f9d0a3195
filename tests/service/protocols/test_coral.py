"""Coral: its built-in Perspective client, by its request bodies, and its external moderation phase."""

from __future__ import annotations

import hmac
import json
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import select

from service.protocols import coral
from service.protocols.coral import plain_text
from service.store.tables import comment
from tests.service.api.serving import make_app

URL = "https://town.example/news/bees"
# The bodies are JSON.stringify of what its services/perspective sends: first a score, then a moderator's verdict.
ANALYZE = (
    b'{"comment":{"text":"WHAT A SHAMBLES, ask the bees"},"doNotStore":true,'
    b'"requestedAttributes":{"TOXICITY":{}},"languages":["en"]}'
)
SUGGEST = (
    b'{"comment":{"text":"WHAT A SHAMBLES, ask the bees"},'
    b'"context":{"entries":[{"text":"{\\"url\\":\\"https://town.example/news/bees\\",'
    b'\\"reply_to_id_Coral_comment_id\\":null,\\"Coral_comment_id\\":\\"5f2c\\"}"}]},'
    b'"attributeScores":{"TOXICITY":{"summaryScore":{"value":1}}},"languages":["en"],'
    b'"communityId":"Coral:https://talk.town.example","clientToken":"comment:5f2c"}'
)
HEADERS = {"content-type": "application/json", "user-agent": "Coral Perspective/9.11.8"}


def _payload(body: str, **story: str) -> bytes:
    """As Coral writes it: indented by two spaces, and signed in that form."""
    payload = {
        "action": "NEW",
        "comment": {"body": body, "parentID": None},
        "author": {"id": "author-1", "role": "COMMENTER"},
        "story": {"id": "story-1", "url": URL, **story},
        "site": {"id": "site-1"},
        "tenantID": "tenant-1",
        "tenantDomain": "talk.town.example",
    }
    return json.dumps(payload, indent=2).encode()


def _signature(body: bytes, *secrets: str) -> str:
    return ",".join(f"sha256={hmac.new(secret.encode(), body, sha256).hexdigest()}" for secret in secrets)


def _stored(app: FastAPI) -> list[Any]:
    with app.state.store.database.read() as connection:
        return list(connection.execute(select(comment)).mappings())


def test_the_built_in_client_gets_its_score(client: TestClient) -> None:
    answer = client.post("/v1alpha1/comments:analyze?key=anything", content=ANALYZE, headers=HEADERS)
    value = answer.json()["attributeScores"]["TOXICITY"]["summaryScore"]["value"]
    assert isinstance(value, float)
    assert value > 0.4


def test_a_moderators_verdict_is_accepted(client: TestClient) -> None:
    answer = client.post("/v1alpha1/comments:suggestscore?key=anything", content=SUGGEST, headers=HEADERS)
    assert (answer.status_code, answer.json()["clientToken"]) == (200, "comment:5f2c")


def test_a_harmless_comment_gets_no_opinion_and_is_not_stored(client: TestClient, app: FastAPI) -> None:
    answer = client.post("/coral/phase", content=_payload("a friendly word"))
    assert (answer.status_code, answer.content) == (204, b"")
    assert _stored(app) == []


def test_a_toxic_comment_is_withheld_with_a_flag_and_kept_for_the_card(client: TestClient, app: FastAPI) -> None:
    answer = client.post("/coral/phase", content=_payload("<div>SHUT UP</div>"))
    flag = {"actionType": "FLAG", "reason": "COMMENT_DETECTED_TOXIC"}
    assert answer.json() == {"status": "SYSTEM_WITHHELD", "actions": [flag]}
    row = _stored(app)[0]
    assert (row["text"], row["state"], row["site"], row["author"]) == ("SHUT UP", "waiting", "town.example", "author-1")
    assert {reason["attribute"] for reason in row["reasons"]} >= {"toxicity", "insult"}


def test_what_is_only_off_topic_is_for_a_person_to_see_first(client: TestClient, app: FastAPI) -> None:
    client.post("/v1/discussions", json={"article": {"url": URL, "title": "Bees", "text": "Hives."}, "comments": []})
    answer = client.post("/coral/phase", content=_payload("off topic"))
    assert answer.json() == {"status": "PREMOD"}
    assert [reason["attribute"] for reason in _stored(app)[0]["reasons"]] == ["relevance"]


def test_an_unknown_story_leaves_relevance_out(client: TestClient) -> None:
    assert client.post("/coral/phase", content=_payload("off topic", url="https://new.example/a")).status_code == 204


def test_a_machine_never_rejects(client: TestClient) -> None:
    for text in ("AAAA", "off topic", "fine"):
        assert b"REJECTED" not in client.post("/coral/phase", content=_payload(text)).content


def test_signatures_are_checked_over_the_raw_body(tmp_path: Path) -> None:
    body = _payload("a friendly word")
    with TestClient(make_app(tmp_path, coral_secrets="old,new")) as client:
        for header, status in (
            (_signature(body, "new"), 204),
            (_signature(body, "other", "old"), 204),
            (_signature(body, "other"), 401),
            (_signature(body + b" ", "new"), 401),
            ("", 401),
            ("sha256=é", 401),
        ):
            answer = client.post("/coral/phase", content=body, headers=[(b"x-coral-signature", header.encode())])
            assert answer.status_code == status, header


def test_on_other_addresses_a_secret_must_be_set(tmp_path: Path) -> None:
    with TestClient(make_app(tmp_path, host="192.0.2.1")) as client:
        answer = client.post("/coral/phase", content=_payload("a"))
    assert (answer.status_code, answer.json()["error"]) == (401, "SignatureRefused")
    assert "BELOWLINE_CORAL_SECRETS" in answer.json()["detail"]


@pytest.mark.parametrize("body", [b"{", b"[]", b'{"comment":{"body":3}}'])
def test_what_is_no_payload_is_refused(client: TestClient, body: bytes) -> None:
    assert client.post("/coral/phase", content=body).status_code in (400, 422)


def test_an_empty_comment_gets_no_opinion(client: TestClient) -> None:
    assert client.post("/coral/phase", content=_payload("<div><br></div>")).status_code == 204


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ("<div>One<br>two</div><div>three &amp; &lt;four&gt;</div>", "One\ntwo\nthree & <four>"),
        ("plain & <3 simple, a < b", "plain & <3 simple, a < b"),
        ("<p>nested <b><i>marks</i></b></p>", "nested marks"),
        ("<div>&nbsp;</div>", ""),
        ("<p>cut \ud83d</p>and on", "cut \ufffd\nand on"),
        ("<html><title>one <b>two", "one <b>two"),
        ("<b>one</b></body>two", "onetwo"),
        ("<p>a < b <a", "a < b"),
    ],
)
def test_html_is_read_as_text(body: str, text: str) -> None:
    assert plain_text(body) == text


@pytest.mark.parametrize(
    ("body", "text"), [("<a " * 1_000_000, ("<a " * 1_000_000).strip()), ("<b>x" + "<br " * 1_000_000, "x")]
)
def test_tags_without_an_end_are_crossed_once(body: str, text: str) -> None:
    assert plain_text(body) == text


def test_markup_is_refused_by_its_length_before_it_is_read(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(coral, "plain_text", None)
    answer = client.post("/coral/phase", content=_payload("<a " * 50_000))
    assert (answer.status_code, answer.json()["error"]) == (413, "TextTooLong")
    assert "20480" in answer.json()["detail"]


def test_markup_does_not_count_as_text(client: TestClient) -> None:
    assert client.post("/coral/phase", content=_payload("<b>a</b>" * 5_000)).status_code == 204
    assert client.post("/coral/phase", content=_payload("a" * 20_481)).status_code == 413


@pytest.mark.parametrize(
    "half",
    [{"tenantDomain": "\ud800"}, {"story": {"url": "https://\ud800.example/\0"}}, {"author": {"id": "\ud800\0"}}],
)
def test_half_a_character_in_a_name_is_stored_as_a_whole_one(client: TestClient, app: FastAPI, half: Any) -> None:
    asked = {"comment": {"body": "SHUT UP"}, "tenantDomain": "talk.town.example", **half}
    assert client.post("/coral/phase", content=json.dumps(asked)).status_code == 200
    row = _stored(app)[0]
    assert "\ufffd" in f"{row['site']} {row['author']}"
