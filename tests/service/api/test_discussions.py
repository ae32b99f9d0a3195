from __future__ import annotations

import json
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from service.store.privacy import opening_posts
from tests.service.api.test_pages import PAGE

URL = "https://town.example/news/bees"
BEES: dict[str, Any] = {
    "article": {"url": URL, "title": "Bees", "text": "One.\n\nTwo."},
    "comments": [
        {"id": "1", "text": "SHOUTING AT BEES"},
        {"id": "2", "text": "a long and quiet remark about the bees on the roof"},
    ],
}
NOTHING = {"new": 0, "edited": 0, "unchanged": 0, "deleted": 0, "queued": 0}


def _counts(client: TestClient, body: object) -> dict[str, int]:
    answer = client.post("/v1/discussions", json=body)
    assert answer.status_code == 200, answer.text
    return {name: answer.json()[name] for name in NOTHING}


def test_new_comments_are_stored_and_the_loud_one_is_queued(client: TestClient) -> None:
    answer = client.post("/v1/discussions", json=BEES).json()
    assert (answer["site"], answer["article"]) == ("town.example", URL)
    assert {name: answer[name] for name in NOTHING} == {**NOTHING, "new": 2, "queued": 1}


def test_a_body_that_says_nothing_of_itself_is_json_when_it_begins_like_an_object(client: TestClient) -> None:
    said = {"content-type": "application/x-www-form-urlencoded"}  # what curl's -d says
    answer = client.post("/v1/discussions", content=json.dumps(BEES), headers=said).json()
    assert {name: answer[name] for name in NOTHING} == {**NOTHING, "new": 2, "queued": 1}
    assert client.post("/v1/discussions", content="{}", headers=said).status_code == 422
    assert client.post("/v1/parse", content=PAGE, headers=said).json()["paragraphs"]


def test_sent_again_it_changes_nothing(client: TestClient) -> None:
    client.post("/v1/discussions", json=BEES)
    assert _counts(client, BEES) == {**NOTHING, "unchanged": 2}


def test_an_edited_text_is_queued_afresh(client: TestClient) -> None:
    client.post("/v1/discussions", json=BEES)
    edited = {**BEES, "comments": [BEES["comments"][0], {"id": "2", "text": "NOW LOUD AS WELL"}]}
    assert _counts(client, edited) == {**NOTHING, "edited": 1, "unchanged": 1, "queued": 1}


def test_a_deleted_comment_leaves_the_queue(client: TestClient) -> None:
    client.post("/v1/discussions", json=BEES)
    deleted = {**BEES, "comments": [{**BEES["comments"][0], "status": "deleted"}]}
    assert _counts(client, deleted) == {**NOTHING, "deleted": 1}


def test_to_delete_a_comment_its_id_is_enough(client: TestClient) -> None:
    client.post("/v1/discussions", json=BEES)
    deleted = {**BEES, "comments": [{"id": BEES["comments"][0]["id"], "status": "deleted"}]}
    assert _counts(client, deleted) == {**NOTHING, "deleted": 1}
    assert _counts(client, BEES) == {**NOTHING, "edited": 1, "unchanged": 1, "queued": 1}  # it comes back with its text


@pytest.mark.parametrize("comment", [{"id": "3"}, {"status": "deleted"}, {"id": "3", "status": "published"}])
def test_without_a_text_a_comment_is_refused_unless_it_is_deleted(client: TestClient, comment: dict[str, str]) -> None:
    answer = client.post("/v1/discussions", json={**BEES, "comments": [comment]})
    said = "comments.0: needs its text, or its id where it is deleted."
    assert (answer.status_code, answer.json()["detail"]) == (422, said)


def test_in_a_complete_discussion_missing_comments_are_deleted(client: TestClient) -> None:
    client.post("/v1/discussions", json=BEES)
    complete = {**BEES, "complete": True, "comments": BEES["comments"][:1]}
    assert _counts(client, complete) == {**NOTHING, "unchanged": 1, "deleted": 1}


def test_comments_without_ids_are_found_again(client: TestClient) -> None:
    bare = {**BEES, "comments": [{"text": "same"}, {"text": "same"}, {"text": "other", "author": "A"}]}
    assert _counts(client, bare)["new"] == 3
    assert _counts(client, bare) == {**NOTHING, "unchanged": 3}


def test_what_parse_answers_is_taken_as_it_is(client: TestClient) -> None:
    parsed = client.post("/v1/parse", json={"html": PAGE, "url": URL}).json()
    answer = client.post("/v1/discussions", json=parsed).json()
    assert (answer["article"], answer["new"]) == (URL, len(parsed["comments"]))


def test_a_page_is_parsed_and_its_article_remembered(client: TestClient, app: FastAPI) -> None:
    answer = client.post(f"/v1/discussions?url={URL}", content=PAGE, headers={"content-type": "text/html"})
    article = app.state.store.find_article(URL)
    assert answer.json()["site"] == "town.example"
    assert article is not None
    assert "four hives" in article.text


def test_the_charset_that_comes_with_a_page_counts(client: TestClient, app: FastAPI) -> None:
    quoted = PAGE.replace("four hives", "“four hives” — the council’s")
    client.post(
        f"/v1/discussions?url={URL}",
        content=quoted.encode("macintosh"),
        headers={"content-type": "text/html; charset=macintosh"},
    )
    assert "“four hives” — the council’s" in app.state.store.find_article(URL).text


def test_a_comment_is_stored_exactly_as_published(client: TestClient, app: FastAPI) -> None:
    text = "  Zéro\u200b width, half a \ud83d, a NUL \0 and 👍🏽  "
    body = json.dumps({"site": "s", "article": {"url": URL}, "comments": [{"id": "x", "text": text}]})
    client.post("/v1/discussions", content=body, headers={"content-type": "application/json"})
    assert app.state.store.known_texts("s", URL) == {"x": text}


@pytest.mark.parametrize("body", [{}, {"html": PAGE, "comments": []}, {"comments": [{"text": "a", "status": "odd"}]}])
def test_a_wrong_request_is_refused(client: TestClient, body: object) -> None:
    answer = client.post("/v1/discussions", json=body)
    assert (answer.status_code, answer.json()["error"]) == (422, "InvalidRequest")


def test_addresses_that_are_none_and_halves_of_characters_in_names_do_no_harm(client: TestClient) -> None:
    crooked = client.post("/v1/discussions", json={"url": "http://[::1", "comments": [{"text": "a"}]})
    halves = b'{"site":"\\ud83d","section":"\\u0000","published":"\\ud83d","comments":[{"text":"a"}]}'
    stored = client.post("/v1/discussions", content=halves, headers={"content-type": "application/json"})
    assert (crooked.status_code, crooked.json()["detail"]) == (422, "url: is not an address.")
    assert (stored.status_code, stored.json()["new"]) == (200, 1)


def test_the_opening_post_of_a_thread_is_its_authors(client: TestClient, app: FastAPI) -> None:
    article = {"url": URL, "title": "Bees", "byline": "Eve", "text": "My bees are ill."}
    sent = client.post("/v1/discussions", json={"article": article, "comments": [], "kind": "thread"})
    assert sent.status_code == 200
    (post,) = opening_posts(app.state.store.database, "town.example", "Eve")
    assert post["paragraphs"] == ["My bees are ill."]
