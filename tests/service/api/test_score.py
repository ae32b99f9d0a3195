from __future__ import annotations

import json

import pytest
from fastapi.testclient import TestClient

from model.scores import ATTRIBUTES


def test_every_comment_gets_one_result_in_order(client: TestClient) -> None:
    answer = client.post("/v1/score", json={"comments": [{"id": "b", "text": "LOUD"}, {"id": 7, "text": "quiet"}]})
    results = answer.json()["results"]
    assert [result["id"] for result in results] == ["b", 7]
    assert [result["scores"]["toxicity"] for result in results] == [1.0, 0.0]
    assert [result["recommendation"] for result in results] == ["review", "publish"]
    assert answer.json()["model_version"] == "fake-1"


def test_comments_without_an_id_are_named_by_their_place(client: TestClient) -> None:
    answer = client.post("/v1/score", json={"comments": [{"text": "a"}, {"text": "b"}]})
    assert [result["id"] for result in answer.json()["results"]] == ["0", "1"]


def test_relevance_is_null_without_an_article_and_a_number_with_one(client: TestClient) -> None:
    comments = [{"text": "a comment of some length"}]
    without = client.post("/v1/score", json={"comments": comments}).json()["results"][0]
    about = client.post("/v1/score", json={"comments": comments, "article": {"title": "T"}}).json()["results"][0]
    assert without["scores"]["relevance"] is None
    assert about["scores"]["relevance"] == pytest.approx(0.24)


def test_all_eight_attributes_are_answered_unless_some_are_named(client: TestClient) -> None:
    comments = [{"text": "LOUD"}]
    every = client.post("/v1/score", json={"comments": comments}).json()["results"][0]
    some = client.post("/v1/score", json={"comments": comments, "attributes": ["sarcasm"]}).json()["results"][0]
    assert tuple(every["scores"]) == ATTRIBUTES
    assert some["scores"] == {"sarcasm": 1.0}
    assert [reason["attribute"] for reason in some["reasons"]] == ["sarcasm"]


def test_reasons_name_score_and_threshold(client: TestClient) -> None:
    body = {"comments": [{"text": "LOUD"}], "attributes": ["toxicity"]}
    reasons = client.post("/v1/score", json=body).json()["results"][0]["reasons"]
    assert reasons == [{"attribute": "toxicity", "score": 1.0, "threshold": 0.5}]


def test_an_empty_text_has_null_scores_and_says_why(client: TestClient) -> None:
    result = client.post("/v1/score", json={"comments": [{"text": "  "}]}).json()["results"][0]
    assert set(result["scores"].values()) == {None}
    assert result["reasons"] == [{"attribute": "empty", "score": None, "threshold": None}]


def test_no_comments_give_no_results(client: TestClient) -> None:
    assert client.post("/v1/score", json={"comments": []}).json()["results"] == []


def test_json_is_read_whatever_the_content_type_says(client: TestClient) -> None:
    body = json.dumps({"comments": [{"text": "a"}]})
    answer = client.post("/v1/score", content=body, headers={"content-type": "application/x-www-form-urlencoded"})
    assert answer.status_code == 200


def test_half_a_character_is_scored_all_the_same(client: TestClient) -> None:
    answer = client.post("/v1/score", content=b'{"comments":[{"id":"\\ud83d","text":"cut off \\ud83d"}]}')
    assert answer.status_code == 200
    assert answer.json()["results"][0]["id"] == "\ud83d"


@pytest.mark.parametrize(
    ("body", "status", "error"),
    [
        (b"{broken", 400, "InvalidJson"),
        (b"", 400, "InvalidJson"),
        (b"\xff\xfe", 400, "InvalidJson"),
        (b"[" * 100_000, 400, "InvalidJson"),
        (b"[]", 422, "InvalidRequest"),
        (b'{"comments":[{"text":1}]}', 422, "InvalidRequest"),
        (b'{"comments":[],"attributes":["kindness"]}', 422, "InvalidRequest"),
        (b'{"comments":[],"atributes":["toxicity"]}', 422, "InvalidRequest"),
    ],
)
def test_a_wrong_body_gets_one_sentence(client: TestClient, body: bytes, status: int, error: str) -> None:
    answer = client.post("/v1/score", content=body)
    assert (answer.status_code, answer.json()["error"]) == (status, error)
    assert answer.json()["detail"].endswith(".")


def test_too_many_comments_and_too_long_ones_are_refused_with_the_limit(client: TestClient) -> None:
    many = client.post("/v1/score", json={"comments": [{"text": "a"}] * 1001})
    long = client.post("/v1/score", json={"comments": [{"text": "a" * 20_481}]})
    assert (many.status_code, long.status_code) == (413, 413)
    assert "1000" in many.json()["detail"]
    assert "20480" in long.json()["detail"]


def test_a_list_over_every_limit_is_not_looked_at(client: TestClient) -> None:
    answer = client.post("/v1/score", json={"comments": [{}] * 10_001})
    assert (answer.status_code, answer.json()["error"]) == (413, "TooManyComments")
    assert "attributes: may have 100 " in client.post("/v1/score", json={"comments": [], "attributes": [0] * 101}).text


@pytest.mark.parametrize("wrong", [1.5, "", True, "x" * 501, []])
def test_what_is_no_id_is_refused_in_words_of_the_interface(client: TestClient, wrong: object) -> None:
    answer = client.post("/v1/score", json={"comments": [{"text": "a", "id": wrong}]})
    said = "comments.0.id: should be a text of 1 to 500 characters, or a whole number."
    assert (answer.status_code, answer.json()["detail"]) == (422, said)


def test_a_sentence_names_no_class_and_repeats_no_long_name(client: TestClient) -> None:
    kind = client.post("/v1/score", json={"comments": ["a"]}).json()["detail"]
    field = client.post("/v1/score", json={"comments": [], "n" * 5_000: 1}).json()["detail"]
    assert kind == "comments.0: Input should be an object."
    assert len(field) < 200


def test_a_slash_at_the_end_of_the_address_means_nothing(client: TestClient) -> None:
    answer = client.post("/v1/score/", json={"comments": []}, follow_redirects=False)
    assert answer.status_code == 200


def test_the_answer_never_quotes_a_refused_text(client: TestClient) -> None:
    answer = client.post("/v1/score", json={"comments": [{"text": ["a private word"]}]})
    assert "private" not in answer.text


def test_the_model_says_what_it_is(client: TestClient) -> None:
    answer = client.get("/v1/model").json()
    assert answer["version"] == "fake-1"
    assert tuple(answer["attributes"]) == ATTRIBUTES
