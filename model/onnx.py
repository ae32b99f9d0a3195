"""The scorer that ships: ONNX Runtime and `tokenizers`, one text per run on one thread per core.

A run sees one text only, so nothing is padded and no score depends on the batch. The article is read once per
discussion; the relevance of a comment is a comparison of two vectors.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from data.language import detect
from data.records import Article, Comment
from model.manifest import COMPARER, READER, TOKENIZER, Manifest, read_manifest
from model.scores import ATTRIBUTES, CommentScores, Span
from model.spans import toxic_spans
from model.tokens import Tokeniser, Tokens

CLASSES = tuple(attribute for attribute in ATTRIBUTES if attribute != "relevance")
TOXIC = tuple(attribute for attribute in CLASSES if attribute != "sarcasm")
SPANS_FROM = 0.3  # probability of toxicity or one of its kinds below which no passage is marked
LANGUAGE = "en"
ARTICLES_KEPT = 256  # vectors of the articles read last: 1.5 kB each
MISSING = dict.fromkeys(ATTRIBUTES)
Vector = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Reading:
    """What the network says of one text: `vector` (H,), `logits` (7,) in the order of `CLASSES`, `tokens` (T,)."""

    vector: Vector
    logits: Vector
    tokens: Vector


class OnnxScorer:
    """Scores comments with one folder of weights; safe to call from several threads at once."""

    def __init__(self, manifest: Manifest, folder: Path, threads: int) -> None:
        self.manifest = manifest
        self._tokeniser = Tokeniser.load(
            folder / TOKENIZER, max_tokens=manifest.max_tokens, article_tokens=manifest.article_tokens
        )
        self._reader = _session(folder / READER)
        self._comparer = _session(folder / COMPARER)
        self._threads = threads or os.cpu_count() or 1
        self._pool = ThreadPoolExecutor(self._threads, thread_name_prefix="scorer")
        self._article_vector = lru_cache(maxsize=ARTICLES_KEPT)(self._read_article)

    @property
    def version(self) -> str:
        """Name and version of the weights, stored with every score."""
        return self.manifest.full_version

    def score(
        self,
        comments: Sequence[Comment],
        article: Article | None = None,
        *,
        spans: bool = False,
        any_language: bool = False,
    ) -> list[CommentScores]:
        """Return one `CommentScores` per comment, in order; see `model.scores.Scorer`."""
        results = [_unscored(comment.text, any_language) for comment in comments]
        chosen = [index for index, result in enumerate(results) if result.reason is None]
        tokens = self._tokeniser.comments([own_words(comments[index]) for index in chosen])
        readings = self.read([item.ids for item in tokens])
        relevance = self._relevance(readings, article)
        for place, index in enumerate(chosen):
            scores = {**self._probabilities(readings[place]), "relevance": relevance[place]}
            marked = self._spans(tokens[place], readings[place], scores) if spans else ()
            results[index] = CommentScores(scores, results[index].language, None, marked)
        return results

    def read(self, texts: Sequence[list[int]]) -> list[Reading]:
        """Run the network over token ids, longest first so that the threads end together; order is kept."""
        if len(texts) == 1:
            return [self._run(texts[0])]
        order = sorted(range(len(texts)), key=lambda index: -len(texts[index]))
        readings = dict(zip(order, self._pool.map(self._run, [texts[index] for index in order]), strict=True))
        return [readings[index] for index in range(len(texts))]

    def read_texts(self, texts: Sequence[str]) -> list[Reading]:
        """Normalise, tokenise and read texts as comments, without calibration: for fitting and measuring."""
        return self.read([item.ids for item in self._tokeniser.comments(texts)])

    def read_tokens(self, text: str) -> tuple[Tokens, Reading]:
        """Return the tokens of one comment with its reading."""
        tokens = self._tokeniser.comments([text])[0]
        return tokens, self._run(tokens.ids)

    def article_vector(self, article: Article) -> Vector | None:
        """Return the vector (H,) of an article, or None when it has neither title nor text."""
        title, text = article.title or "", article.text
        return self._article_vector(title, text) if title.strip() or text.strip() else None

    def compare(self, article: Vector, comments: NDArray[np.float32]) -> Vector:
        """Return the relevance logits (N,) of comment vectors (N, H) to one article vector (H,)."""
        feeds = {"article": np.broadcast_to(article, comments.shape), "comment": comments}
        logits: Vector = self._comparer.run(None, feeds)[0]
        return logits

    def close(self) -> None:
        """Stop the threads."""
        self._pool.shutdown(cancel_futures=True)

    def _run(self, ids: list[int]) -> Reading:
        vector, logits, tokens = self._reader.run(None, {"ids": np.array([ids], dtype=np.int64)})
        return Reading(vector[0], logits[0], tokens[0])

    def _read_article(self, title: str, text: str) -> Vector:
        return self._run(self._tokeniser.article(title, text)).vector

    def _probabilities(self, reading: Reading) -> dict[str, float | None]:
        calibration = self.manifest.calibration
        return {
            attribute: float(calibration[attribute].probabilities(reading.logits[column]))
            for column, attribute in enumerate(CLASSES)
        }

    def _relevance(self, readings: Sequence[Reading], article: Article | None) -> list[float | None]:
        vector = self.article_vector(article) if article is not None and readings else None
        if vector is None:
            return [None] * len(readings)
        logits = self.compare(vector, np.stack([reading.vector for reading in readings]))
        shares = self.manifest.calibration["relevance"].probabilities(logits)
        return [float(share) for share in shares]

    def _spans(self, tokens: Tokens, reading: Reading, scores: Mapping[str, float | None]) -> tuple[Span, ...]:
        """The span head has learnt from toxic comments alone, so it is only asked about those."""
        if max(scores[attribute] or 0.0 for attribute in TOXIC) < SPANS_FROM:
            return ()
        return toxic_spans(tokens, reading.tokens, self.manifest.span_threshold)


def load_scorer(folder: Path, *, threads: int = 0) -> OnnxScorer:
    """Load and verify a folder of weights; `threads` 0 takes one per core.

    Raises `ModelNotFound` or `ModelDamaged`.
    """
    return OnnxScorer(read_manifest(folder), folder, threads)


def own_words(comment: Comment) -> str:
    """The comment's text with marked quotes of others blanked and offsets kept; all of it when it is all quotes."""
    text = comment.text
    for quote in comment.extra.get("quotes", ()):
        if "start" in quote:
            start, end = quote["start"], quote["end"]
            text = text[:start] + " " * (end - start) + text[end:]
    return text if text.strip() else comment.text


def _unscored(text: str, any_language: bool) -> CommentScores:
    """What is known of a comment before it is read; `reason` is None when it is to be scored."""
    if not text.strip():
        return CommentScores(MISSING, None, "empty")
    language = detect(text)
    foreign = language not in (None, LANGUAGE) and not any_language
    return CommentScores(MISSING, language, "language" if foreign else None)


def _session(file: Path) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(str(file), options, providers=["CPUExecutionProvider"])
