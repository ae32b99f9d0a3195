"""Whether the graphs that ship say what the trained network says."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from data.sources.examples import Example
from data.sources.registry import authored_examples
from model.onnx import OnnxScorer
from training.config import ARTIFACTS
from training.encoder import load_encoder
from training.larger import larger_folder, load_larger
from training.network import Reader
from training.relevance import Relevance, Topics

TOLERANCE = {"fp32": 1e-4, "int8": 0.1}  # mean difference of a logit from torch; logits spread by about 1.5


class ExportError(RuntimeError):
    """The exported graph does not say what the trained network says."""


def check_tone(weights: dict[str, Tensor], scorer: OnnxScorer, base: Path, precision: str) -> float:
    """Compare the graph's logits of the attributes, without the wide part, with torch on 200 of our own comments.

    Return the mean gap; `ExportError` beyond tolerance.
    """
    reader = load_network(weights, base)
    gaps = []
    for example in _texts():
        tokens, found = scorer.read_tokens(example.text)
        with torch.inference_mode():
            expected = reader.attributes(reader(*_row(tokens.ids)).notions)[0].numpy()
        gaps += np.abs(found.logits - scorer.added([tokens.ids])[0] - expected).tolist()
    return _mean(gaps, precision)


def check_relevance(weights: dict[str, Tensor], scorer: OnnxScorer, base: Path, precision: str) -> float:
    """The same for relevance alone: a comment under its own article, title and beginning read at once."""
    relevance, examples = load_relevance(weights, base), _texts()
    articles = {example.group: _article(example, scorer) for example in examples}
    topics = {group: _topics(ids, relevance) for group, ids in articles.items()}
    served = dict(zip(articles, scorer.read_topics(list(articles.values())), strict=True))
    comments = [tokens.ids for tokens in scorer.tokeniser.comments([example.text for example in examples])]
    read = zip(examples, scorer.read_topics(comments), strict=True)
    found = scorer.compare([(served[example.group], comment) for example, comment in read])
    with torch.inference_mode():
        expected = [
            float(relevance.compare(topics[example.group], _topics(ids, relevance)))
            for example, ids in zip(examples, comments, strict=True)
        ]
    return _mean(np.abs(found - np.array(expected)).tolist(), precision)


def _texts() -> list[Example]:
    return list(authored_examples())[:200]


def _mean(gaps: list[float], precision: str) -> float:
    mean, tolerance = float(np.mean(gaps)), TOLERANCE[precision]
    if mean > tolerance:
        raise ExportError(f"The exported graph differs from torch by {mean:.4f} a logit on average, over {tolerance}.")
    return mean


def _article(example: Example, scorer: OnnxScorer) -> list[int]:
    return scorer.tokeniser.article(example.pairings[0].title, example.pairings[0].text)


def _topics(ids: list[int], relevance: Relevance) -> Topics:
    with torch.inference_mode():
        topics: Topics = relevance(*_row(ids))
        return topics


def _row(ids: list[int]) -> tuple[Tensor, Tensor]:
    return torch.tensor([ids]), torch.ones(1, len(ids), dtype=torch.long)


def load_network(weights: dict[str, Tensor], base: Path, *, larger: bool = False) -> Reader:
    """Return the trained reader in float32, ready to infer."""
    reader = Reader(load_larger(larger_folder(ARTIFACTS)) if larger else load_encoder(base), 0.0)
    reader.load_state_dict(_part(weights, "reader."))
    reader.eval()
    return reader


def load_relevance(weights: dict[str, Tensor], base: Path) -> Relevance:
    """Return the trained branch for topics in float32, ready to infer."""
    relevance = Relevance(load_encoder(base), 0.0)
    relevance.load_state_dict(_part(weights, "relevance."))
    relevance.eval()
    return relevance


def _part(weights: dict[str, Tensor], prefix: str) -> dict[str, Tensor]:
    return {name.removeprefix(prefix): value for name, value in weights.items() if name.startswith(prefix)}
