"""Google's own Python client, unmodified, against a running server."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

discovery = pytest.importorskip("googleapiclient.discovery", reason="needs google-api-python-client")
errors = pytest.importorskip("googleapiclient.errors")
TOXICITY: dict[str, Any] = {"requestedAttributes": {"TOXICITY": {}}}


@pytest.fixture(scope="module")
def google(server: str) -> Iterator[Any]:
    with discovery.build(
        "commentanalyzer",
        "v1alpha1",
        developerKey="any key",
        discoveryServiceUrl=f"{server}/$discovery/rest?version=v1alpha1",
        static_discovery=False,
    ) as client:
        yield client


def test_analyze(google: Any) -> None:
    body = {"comment": {"text": "friendly greetings from PYTHON"}, **TOXICITY}
    answer = google.comments().analyze(body=body).execute()
    assert answer["attributeScores"]["TOXICITY"]["summaryScore"]["value"] == pytest.approx(0.2)


def test_suggestscore(google: Any) -> None:
    scores = {"TOXICITY": {"summaryScore": {"value": 0.0, "type": "PROBABILITY"}}}
    body = {"comment": {"text": "a good one, as our moderators found"}, "attributeScores": scores, "clientToken": "t"}
    assert google.comments().suggestscore(body=body).execute()["clientToken"] == "t"


def test_error_details_arrive(google: Any) -> None:
    with pytest.raises(errors.HttpError) as caught:
        google.comments().analyze(body={"comment": {"text": ""}, **TOXICITY}).execute()
    assert caught.value.status_code == 400
    assert caught.value.reason == "Comment must be non-empty."
    assert caught.value.error_details[0]["errorType"] == "COMMENT_EMPTY"


def test_a_batch_of_a_thousand_is_answered_under_its_ids(google: Any) -> None:
    answers: dict[str, Any] = {}
    failures: dict[str, Any] = {}

    def note(name: str, answer: Any, failure: Any) -> None:
        (failures if failure else answers)[name] = failure or answer

    batch = google.new_batch_http_request(callback=note)
    for number in range(1_000):
        text = "" if number == 500 else f"Comment {number} " + "é" * (number % 50)
        # one client uses the comment itself as the id of the call
        name = f"{number}: {text} <+> " + "long " * (number % 60)
        batch.add(google.comments().analyze(body={"comment": {"text": text}, **TOXICITY}), request_id=name)
    batch.execute()
    assert (len(answers), len(failures)) == (999, 1)
    assert next(iter(failures)).startswith("500: ")
    assert next(iter(failures.values())).error_details[0]["errorType"] == "COMMENT_EMPTY"
    for name, answer in answers.items():
        number = int(name.partition(":")[0])
        end = answer["attributeScores"]["TOXICITY"]["spanScores"][0]["end"]
        assert end == len(f"Comment {number} ") + number % 50
