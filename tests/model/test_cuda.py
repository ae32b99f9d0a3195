"""The scorer for archives on a GPU: the promises of every scorer, shown on the processor where there is no GPU."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from data.records import Article, Comment
from model.manifest import weights_folder
from model.onnx import OnnxScorer, load_scorer
from model.scores import ATTRIBUTES, CommentScores

torch = pytest.importorskip("torch", reason="needs the extra `cuda`")
pytest.importorskip("onnx", reason="needs the extra `cuda`")
pytestmark = pytest.mark.torch

from model.cuda import CudaScorer, NoDevice, buckets  # noqa: E402

DEMO = Path(__file__).parents[2] / "data" / "demo" / "discussions.jsonl"
DEVICE = "cuda" if torch.cuda.is_available() else "cpu"


@pytest.fixture(scope="module")
def scorer() -> Iterator[CudaScorer]:
    scorer = CudaScorer(weights_folder(), device=DEVICE, tokenisers=1)
    yield scorer
    scorer.close()


@pytest.fixture(scope="module")
def graph() -> OnnxScorer:
    return load_scorer(weights_folder())


@pytest.fixture(scope="module")
def pairs() -> list[tuple[Comment, Article | None]]:
    """A few comments of two discussions, one in seven without its article, with an empty and a German one between."""
    found: list[tuple[Comment, Article | None]] = []
    for line in DEMO.read_text(encoding="utf-8").splitlines()[:2]:
        raw = json.loads(line)
        article = Article(raw["title"], tuple(raw["paragraphs"]))
        found += [(Comment(comment["id"], comment["text"]), article) for comment in raw["comments"][:5]]
    found[3:3] = [(Comment("e", " "), None), (Comment("d", "Das ist wirklich eine sehr schlechte Idee."), None)]
    return [(comment, None if number % 7 == 6 else article) for number, (comment, article) in enumerate(found)]


def array(scores: list[CommentScores]) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    return np.array([[found.scores[name] for name in ATTRIBUTES] for found in scores], np.float64)


def test_it_says_what_the_graph_says(
    scorer: CudaScorer, graph: OnnxScorer, pairs: list[tuple[Comment, Article | None]]
) -> None:
    found = scorer.score_many(pairs * 30)[-len(pairs) :]  # so many are prepared by the processes beside it
    expected = [graph.score([comment], article)[0] for comment, article in pairs]
    assert [(one.language, one.reason) for one in found] == [(other.language, other.reason) for other in expected]
    assert (np.isnan(array(found)) == np.isnan(array(expected))).all()
    assert np.nanmean(np.abs(array(found) - array(expected))) < 0.03  # the graph rounds its activations to 8 bits


def test_a_score_does_not_depend_on_the_batch(scorer: CudaScorer, pairs: list[tuple[Comment, Article | None]]) -> None:
    together = array(scorer.score_many([*pairs[:6], (Comment("l", "long " * 60), None)]))[:6]
    alone = array([scorer.score_many([pair])[0] for pair in pairs[:6]])
    by_article = array([scorer.score([comment], article)[0] for comment, article in pairs[:6]])
    assert np.nanmax(np.abs(together - alone)) <= 0.002
    assert np.nanmax(np.abs(together - by_article)) <= 0.002


def test_the_version_says_which_arithmetic(scorer: CudaScorer, graph: OnnxScorer) -> None:
    assert scorer.version == f"{graph.version}-fp16"


def test_batches_hold_texts_of_like_length_and_no_more_than_their_tokens() -> None:
    lengths = [3, 250, 4, 90, 2, 256, 5]
    found = list(buckets(lengths, most=512))
    assert found == [[5, 1], [3, 6, 2, 0, 4]]
    assert list(buckets([600], most=512)) == [[0]]
    assert list(buckets([])) == []


@pytest.mark.skipif(DEVICE == "cuda", reason="there is a GPU")
def test_without_a_gpu_one_sentence_says_so() -> None:
    with pytest.raises(NoDevice, match="no GPU"):
        CudaScorer(weights_folder())
