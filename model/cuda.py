"""The scorer on a GPU, for archives above all: the shipped weights in float16, texts of like length together.

Normalising, telling the language and tokenising are Python and would starve a GPU; processes beside this one do them.
Its scores are those of other arithmetic than the int8 graph's, so the version says which. Needs the extra `cuda`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import torch

from data.records import Article, Comment
from model.manifest import TOKENIZER, read_manifest
from model.onnx import OnnxScorer, Reading
from model.preparing import PIECE, Preparing
from model.readable import EMPTY, of_language, own_words
from model.scores import CommentScores, ScorerError
from model.topics import ArticleTopics, Topics
from model.torch_network import OtherGraph, Readings, TorchNetwork

TOGETHER = 65_536  # tokens in one batch, padding included: fills an H100, takes some 2 GB
CHECKED = ("You are an idiot and so is your dog.", "Thank you, that was most helpful.", "Sure, what could go wrong?")
FAR = 0.5  # of a logit: further from the int8 graph means that the graph is another one


class NoDevice(ScorerError):
    """There is no such GPU here."""


class CudaScorer(OnnxScorer):
    """Scores whole archives; one text at a time it is no faster than the ONNX scorer.

    Where a headline of the bank is at the very limit of being on a title's topic, float16 may read it and int8 not.
    """

    def __init__(self, folder: Path, *, device: str = "cuda", tokenisers: int = 0) -> None:
        if device.startswith("cuda") and not torch.cuda.is_available():
            raise NoDevice("There is no GPU that torch can use here; leave --device out to score on the processor.")
        super().__init__(read_manifest(folder), folder, threads=1)
        int8 = OnnxScorer(self.manifest, folder, 1)
        expected = [int8.read_texts([text])[0].logits for text in CHECKED]
        int8.close()
        self.network = TorchNetwork(folder, device)
        found = [reading.logits for reading in self.read_texts(list(CHECKED))]
        if np.abs(np.stack(found) - np.stack(expected)).max() > FAR:
            raise OtherGraph(f"{folder} cannot be run by torch: its logits come out differently.")
        self.preparing = Preparing(
            folder / TOKENIZER,
            max_tokens=self.manifest.max_tokens,
            article_tokens=self.manifest.article_tokens,
            workers=tokenisers,
        )

    @property
    def version(self) -> str:
        """Name and version of the weights, and the arithmetic that they were used with."""
        return f"{super().version}-fp16"

    def score_many(
        self, pairs: Sequence[tuple[Comment, Article | None]], *, spans: bool = False, any_language: bool = False
    ) -> list[CommentScores]:
        """Return one `CommentScores` per comment, each judged under its own article; processes prepare many."""
        if spans or any_language or len(pairs) <= PIECE:  # so few are not worth the way to another process
            return super().score_many(pairs, spans=spans, any_language=any_language)
        texts = [own_words(comment) for comment, _ in pairs]
        prepared = self.preparing(texts)
        read = [index for index, (_, ids) in enumerate(prepared) if ids]
        articles = [pairs[index][1] for index in read]
        scored = self._scores(self.read_below([prepared[index][1] for index in read], articles))
        results = [_unread(language) for language, _ in prepared]
        for index, scores in zip(read, scored, strict=True):
            results[index] = CommentScores(scores, prepared[index][0])
        return results

    def read(self, texts: Sequence[list[int]], below: Sequence[ArticleTopics | None] = ()) -> list[Reading]:
        """Run the network over token ids in batches of like length; order is kept."""
        articles = below or [None] * len(texts)
        readings: dict[int, Reading] = {}
        for batch in buckets([len(text) for text in texts]):
            found = self._batch([texts[index] for index in batch], topical=any(articles[index] for index in batch))
            found = self.compared(found, [articles[index] for index in batch])
            readings |= zip(batch, self.widened(found, [texts[index] for index in batch]), strict=True)
        return [readings[index] for index in range(len(texts))]

    def read_topics(self, texts: Sequence[list[int]]) -> list[Topics]:
        """Return what texts are about from their token ids."""
        found: dict[int, Topics] = {}
        for batch in buckets([len(text) for text in texts]):
            readings = self._batch([texts[index] for index in batch], topical=True)
            found |= {at: one.topics.copied() for at, one in zip(batch, readings, strict=True) if one.topics}
        return [found[index] for index in range(len(texts))]

    def _batch(self, texts: Sequence[list[int]], *, topical: bool) -> list[Reading]:
        found = self.network.read(texts, topical=topical)
        return [_reading(found, row, len(text)) for row, text in enumerate(texts)]

    def close(self) -> None:
        """Stop the threads and the processes."""
        self.preparing.close()
        super().close()


def buckets(lengths: Sequence[int], most: int = TOGETHER) -> Iterator[list[int]]:
    """Yield indices in batches of like length, the longest first, each of at most `most` tokens with its padding."""
    order = sorted(range(len(lengths)), key=lambda index: -lengths[index])
    start = 0
    while start < len(order):
        count = max(1, most // max(1, lengths[order[start]]))
        yield order[start : start + count]
        start += count


def _reading(found: Readings, row: int, length: int) -> Reading:
    """One text's part of a padded batch."""
    topics = None
    if found.vector is not None and found.words is not None and found.weights is not None:
        topics = Topics(found.vector[row], found.words[row, :length], found.weights[row, :length])
    return Reading(found.logits[row], found.tokens[row, :length], None, topics)


def _unread(language: str | None) -> CommentScores:
    """What is said of a text that was not read: it is in another language, or says nothing in any."""
    known = of_language(language)
    return known if known.reason else EMPTY
