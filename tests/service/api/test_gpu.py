"""The service over the scorer of a GPU, shown on the processor where there is none."""

from __future__ import annotations

from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from data.records import Article, Comment
from model.manifest import weights_folder
from tests.service.api.serving import make_app

torch = pytest.importorskip("torch", reason="needs the extra `cuda`")
pytest.importorskip("onnx", reason="needs the extra `cuda`")
pytestmark = pytest.mark.torch

from model.cuda import CudaScorer  # noqa: E402

TEXTS = ("You are a complete idiot.", "The second tram line is a good idea.", "Sure, because that went so well.")
ARTICLE = Article("Council votes for a second tram line", ("The line is to open in five years.",))


def test_what_is_served_is_what_the_scorer_says(tmp_path: Path) -> None:
    scorer = CudaScorer(weights_folder(), device="cuda" if torch.cuda.is_available() else "cpu", tokenisers=1)
    body = {"article": {"title": ARTICLE.title}, "comments": [{"text": text} for text in TEXTS]}
    with TestClient(make_app(tmp_path, scorer)) as client:
        answer = client.post("/v1/score", json=body).json()
    expected = [scorer.score([Comment("c", text)], Article(ARTICLE.title))[0] for text in TEXTS]
    for found, wanted in zip(answer["results"], expected, strict=True):
        assert found["scores"] == pytest.approx(dict(wanted.scores), abs=0.002)
    assert answer["model_version"].endswith("-fp16")
    scorer.close()
