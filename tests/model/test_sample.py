"""The shipped weights on the forum thread that the project began with, where it is at hand."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from data.parse import parse
from data.records import Article, Discussion
from model.manifest import weights_folder
from model.onnx import OnnxScorer, load_scorer
from model.scores import ATTRIBUTES

DEMO = Path(__file__).parents[2] / "data" / "demo" / "discussions.jsonl"


@pytest.fixture(scope="module")
def shipped() -> OnnxScorer:
    return load_scorer(weights_folder())


@pytest.fixture
def thread(shared: Path) -> Discussion:
    (found,) = parse((shared / "samples" / "003_892b91891be5029f.txt").read_bytes())
    return found


@pytest.mark.shared
@pytest.mark.parametrize("name", ["permissive", "full"])
def test_the_mocking_comment_alone_is_sarcastic_and_all_five_are_on_topic(name: str, thread: Discussion) -> None:
    results = load_scorer(weights_folder(name)).score(thread.comments, thread.article)
    assert all(result.scores[kind] is not None for result in results for kind in ATTRIBUTES)
    sarcasm = [result.scores["sarcasm"] or 0.0 for result in results]
    assert "slam dunk" in thread.comments[1].text
    others = sarcasm[:1] + sarcasm[2:]
    assert len(others) == 4
    assert max(others) < 0.5
    assert sarcasm[1] > max(others) + 0.2
    assert all((result.scores["relevance"] or 0.0) > 0.5 for result in results)


@pytest.mark.shared
def test_the_comments_are_more_relevant_to_their_own_article_than_to_any_of_ours(
    shipped: OnnxScorer, thread: Discussion
) -> None:
    own = [result.scores["relevance"] or 0.0 for result in shipped.score(thread.comments, thread.article)]
    for line in DEMO.read_text(encoding="utf-8").splitlines():
        raw = json.loads(line)
        other = Article(raw["title"], tuple(raw["paragraphs"]))
        scores = [result.scores["relevance"] or 0.0 for result in shipped.score(thread.comments, other)]
        assert all(ours > theirs + 0.03 for ours, theirs in zip(own, scores, strict=True)), raw["title"]
