from __future__ import annotations

from fastapi.testclient import TestClient


def test_the_toxicity_module_gets_percentages_for_every_field_that_it_reads(client: TestClient) -> None:
    answer = client.post("/api/v1/classify", json={"model": "unbiased", "content": "LOUDer"}).json()
    assert set(answer) == {
        "toxicity",
        "severe_toxicity",
        "obscene",
        "identity_attack",
        "insult",
        "threat",
        "sexual_explicit",
    }
    assert (answer["toxicity"], answer["obscene"], answer["sexual_explicit"]) == (66.67, 66.67, 0.0)


def test_a_post_without_scores_is_answered_by_the_status_that_it_passes_over(client: TestClient) -> None:
    assert client.post("/api/v1/classify", json={"content": "  "}).status_code == 415


def test_its_sentiment_setting_speaks_tei(client: TestClient) -> None:
    answer = client.post("/predict", json={"inputs": "a post", "truncate": True}, headers={"x-api-key": "any"})
    assert all(set(label) == {"label", "score"} for label in answer.json())


def test_errors_are_a_status_and_a_sentence(client: TestClient) -> None:
    answer = client.post("/api/v1/classify", json={"model": "unbiased"})
    assert (answer.status_code, set(answer.json())) == (422, {"detail"})
