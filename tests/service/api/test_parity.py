"""A comment's scores are the same by itself, among others, over HTTP, and in Perspective's protocol."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from data.records import Article, Comment
from model.manifest import weights_folder
from model.onnx import OnnxScorer, load_scorer
from model.scores import ModelNotFound
from service.demo import demo_discussions
from tests.service.api.serving import make_app

TOLERANCE = 0.002


@pytest.fixture(scope="module")
def real() -> Iterator[OnnxScorer]:
    try:
        scorer = load_scorer(weights_folder(), threads=2)
    except ModelNotFound:
        pytest.skip("needs weights under model/weights")
    yield scorer
    scorer.close()


@pytest.fixture(scope="module")
def page() -> tuple[Article, list[Comment]]:
    """An article of the samples and 64 comments, most of them about others."""
    discussions = [discussion for _, discussion in demo_discussions()]
    comments = islice((comment for discussion in discussions for comment in discussion.comments), 64)
    return discussions[0].article, [Comment(str(number), comment.text) for number, comment in enumerate(comments)]


def test_alone_in_a_batch_and_over_http(real: OnnxScorer, page: tuple[Article, list[Comment]], tmp_path: Path) -> None:
    article, comments = page
    body = {
        "article": {"title": article.title, "text": article.text},
        "comments": [{"text": comment.text} for comment in comments],
    }
    batch = real.score(comments, article)
    with TestClient(make_app(tmp_path, real)) as client:
        served: list[dict[str, Any]] = client.post("/v1/score", json=body).json()["results"]
    for place in range(0, 64, 7):
        alone = real.score([comments[place]], article)[0]
        for attribute, score in alone.scores.items():
            assert batch[place].scores[attribute] == pytest.approx(score, abs=TOLERANCE)
            assert served[place]["scores"][attribute] == pytest.approx(score, abs=TOLERANCE)


def test_in_perspectives_protocol(real: OnnxScorer, page: tuple[Article, list[Comment]], tmp_path: Path) -> None:
    comment = page[1][3]
    asked = {"comment": {"text": comment.text}, "requestedAttributes": {"TOXICITY": {}, "SARCASM": {}}}
    with TestClient(make_app(tmp_path, real)) as client:
        found = client.post("/v1alpha1/comments:analyze", json=asked).json()["attributeScores"]
    alone = real.score([comment])[0].scores
    assert found["TOXICITY"]["summaryScore"]["value"] == pytest.approx(alone["toxicity"], abs=TOLERANCE)
    assert found["SARCASM"]["summaryScore"]["value"] == pytest.approx(alone["sarcasm"], abs=TOLERANCE)
