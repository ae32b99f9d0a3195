"""What is measured is what is named: every comment below a headline that nobody has read before."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from data.records import Article
from model.manifest import weights_folder
from model.onnx import load_scorer
from model.topics import ArticleTopics
from service.bench.throughput import headline_throughput, token_ids


def test_each_comment_is_below_a_headline_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = [f"The {thing} in our street is late again, as it always is" for thing in ("tram", "bus", "tram", "post")]
    scorer = load_scorer(weights_folder())
    seen: list[Article | None] = []
    read = scorer.topics_of

    def topics_of(articles: Sequence[Article | None]) -> list[ArticleTopics | None]:
        seen.extend(articles)
        return read(articles)

    monkeypatch.setattr(scorer, "topics_of", topics_of)
    found = headline_throughput(scorer, texts, token_ids(weights_folder(), texts))
    scorer.close()
    titles = [article.title for article in seen if article]
    assert len(titles) == len(set(titles)) == found.comments == 3
    assert not any(article.text for article in seen if article)
    assert found.processor_seconds > 0
