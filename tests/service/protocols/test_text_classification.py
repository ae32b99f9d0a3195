from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from model.scores import ATTRIBUTES
from tests.service.api.serving import make_app


def test_a_text_gets_a_flat_list_the_highest_first(client: TestClient) -> None:
    labels = client.post("/predict", json={"inputs": "LOUD and clear", "truncate": True}).json()
    assert {label["label"] for label in labels} == set(ATTRIBUTES) - {"relevance"}
    assert labels == sorted(labels, key=lambda label: -label["score"])


def test_a_pair_is_an_article_and_a_comment(client: TestClient) -> None:
    labels = client.post("/predict", json={"inputs": ["an article", "a comment"]}).json()
    assert {"label": "relevance", "score": 0.09} in labels


def test_a_batch_gets_a_list_of_lists_in_order(client: TestClient) -> None:
    batch = client.post("/predict", json={"inputs": [["LOUD"], ["an article", "quiet"], ["quiet"]]}).json()
    assert [len(labels) for labels in batch] == [7, 8, 7]
    assert [max(label["score"] for label in labels if label["label"] == "insult") for labels in batch] == [1, 0, 0]


def test_raw_scores_are_logits(client: TestClient) -> None:
    labels = client.post("/predict", json={"inputs": "Ab", "raw_scores": True}).json()
    assert labels[0]["score"] == pytest.approx(0.0)


def test_invocations_is_another_name(client: TestClient) -> None:
    assert client.post("/invocations", json={"inputs": "a"}).status_code == 200


@pytest.mark.parametrize(
    ("inputs", "status", "kind"),
    [("", 400, "Empty"), ([], 400, "Empty"), (["a", "b", "c"], 422, "Validation"), (3, 422, "Validation")],
)
def test_errors_have_teis_shape(client: TestClient, inputs: Any, status: int, kind: str) -> None:
    answer = client.post("/predict", json={"inputs": inputs})
    assert (answer.status_code, answer.json()["error_type"]) == (status, kind)
    assert set(answer.json()) == {"error", "error_type"}


def test_broken_json_is_not_called_empty(client: TestClient) -> None:
    answer = client.post("/predict", content=b"{")
    assert (answer.status_code, answer.json()["error_type"]) == (400, "Validation")


@pytest.mark.parametrize("path", ["/predict", "/hf"])
@pytest.mark.parametrize("inputs", [None, [1], [["a"], "b"]])
def test_wrong_inputs_are_refused_in_words_of_the_interface(client: TestClient, path: str, inputs: Any) -> None:
    said = client.post(path, json={"inputs": inputs}).json()["error"]
    assert said.startswith("inputs: should be a text")


def test_too_much_is_refused_in_each_shape(tmp_path: Path) -> None:
    with TestClient(make_app(tmp_path, max_comments=2)) as client:
        tei = client.post("/predict", json={"inputs": [["a"]] * 3})
        hugging_face = client.post("/hf", json={"inputs": ["a"] * 3})
    assert (tei.status_code, tei.json()["error_type"]) == (413, "Validation")
    assert (hugging_face.status_code, set(hugging_face.json())) == (413, {"error"})


def test_info_names_the_model(client: TestClient) -> None:
    assert client.get("/info").json()["model_id"] == "fake-1"


def test_hugging_face_gets_nested_lists(client: TestClient) -> None:
    one = client.post("/hf", json={"inputs": "LOUD"}).json()
    two = client.post("/hf", json={"inputs": ["LOUD", "quiet"], "parameters": {"top_k": 2}}).json()
    assert (len(one), len(one[0])) == (1, 7)
    assert [len(labels) for labels in two] == [2, 2]


def test_a_function_is_applied_as_asked(client: TestClient) -> None:
    def scores(function: str) -> dict[str, float]:
        asked = {"inputs": "LOUd", "parameters": {"function_to_apply": function}}
        return {label["label"]: label["score"] for label in client.post("/hf", json=asked).json()[0]}

    assert scores("sigmoid")["insult"] == 0.75
    assert scores("none")["insult"] == pytest.approx(1.0986, abs=1e-4)  # of odds of three
    assert scores("softmax") == dict.fromkeys(scores("sigmoid"), pytest.approx(1 / 7, abs=1e-4))


def test_the_clients_of_hugging_face_read_every_label(server: str) -> None:
    hub = pytest.importorskip("huggingface_hub")
    labels = hub.InferenceClient(model=f"{server}/hf", token="any").text_classification("LOUD and clear")
    assert {label.label for label in labels} == set(ATTRIBUTES) - {"relevance"}
