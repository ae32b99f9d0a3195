from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from tests.service.api.serving import make_app, running


def test_the_loud_text_is_flagged_in_the_categories_that_we_have(client: TestClient) -> None:
    answer = client.post("/v1/moderations", json={"input": ["LOUD", "quiet"], "model": "omni-moderation-latest"}).json()
    loud, quiet = answer["results"]
    assert answer["id"].startswith("modr-")
    assert loud["categories"] == {"harassment": True, "harassment/threatening": True, "hate": True}
    assert (loud["flagged"], quiet["flagged"]) == (True, False)
    assert loud["category_applied_input_types"]["hate"] == ["text"]


def test_the_parts_of_a_message_are_one_input(client: TestClient) -> None:
    parts = [{"type": "text", "text": "LOUD"}, {"type": "text", "text": "LOUDER"}]
    assert len(client.post("/v1/moderations", json={"input": parts}).json()["results"]) == 1


@pytest.mark.parametrize("given", [3, None, [], [3], [{"type": "image_url", "image_url": {"url": "x"}}], {"a": 1}])
def test_errors_have_openais_shape(client: TestClient, given: Any) -> None:
    answer = client.post("/v1/moderations", json={"input": given})
    error = answer.json()["error"]
    assert (answer.status_code, error["type"]) == (400, "invalid_request_error")
    assert set(error) == {"message", "type", "param", "code"}
    assert error["message"].startswith("input: ")  # and none of our kinds


def test_the_openai_client_reads_answers_and_errors(tmp_path: Path) -> None:
    openai = pytest.importorskip("openai")
    app = make_app(tmp_path)
    _, secret = app.state.store.create_key("paper", 3)
    with running(app) as address:
        known = openai.OpenAI(base_url=f"{address}/v1", api_key=secret, max_retries=0)
        unknown = openai.OpenAI(base_url=f"{address}/v1", api_key="wrong", max_retries=0)
        result = known.moderations.create(input="LOUD").results[0]
        assert (result.flagged, result.categories.harassment, result.category_scores.hate) == (True, True, 1.0)
        assert result.categories.violence is None
        with pytest.raises(openai.BadRequestError):
            known.moderations.create(input=[])
        with pytest.raises(openai.AuthenticationError) as refused:
            unknown.moderations.create(input="a")
        assert refused.value.code == "invalid_api_key"
        known.moderations.create(input="a")
        with pytest.raises(openai.RateLimitError) as limited:
            known.moderations.create(input="a")
        assert limited.value.code == "rate_limit_exceeded"
        known.close()
        unknown.close()
