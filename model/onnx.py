"""The scorer that ships: ONNX Runtime and `tokenizers`, texts of one length per run on one thread per core.

Texts of one length need no padding, and the graph's int8 rounding is fixed, so no score depends on the batch. An
article is read once for all of its comments; the relevance of a comment is a comparison of two vectors.
"""

from __future__ import annotations

import os
from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from threading import Lock

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from data.language import detect
from data.records import Article, Comment
from model.manifest import COMPARER, READER, TOKENIZER, Manifest, read_manifest
from model.scores import ATTRIBUTES, LANGUAGE, CommentScores, Span
from model.spans import toxic_spans
from model.tokens import Tokeniser, Tokens

CLASSES = tuple(attribute for attribute in ATTRIBUTES if attribute != "relevance")
TOXIC = tuple(attribute for attribute in CLASSES if attribute != "sarcasm")
SPANS_FROM = 0.3  # probability of toxicity or one of its kinds below which no passage is marked
ARTICLES_KEPT = 1_024  # vectors of the articles read last: 1.5 kB each
TOGETHER = 512  # tokens in one run: the products gain nothing beyond, and what lies between them stays in the L2 cache
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
        self._articles = _Kept(ARTICLES_KEPT)

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
        pairs = [(comment, article) for comment in comments]
        return self.score_many(pairs, spans=spans, any_language=any_language)

    def score_many(
        self, pairs: Sequence[tuple[Comment, Article | None]], *, spans: bool = False, any_language: bool = False
    ) -> list[CommentScores]:
        """Return one `CommentScores` per comment, each judged under its own article."""
        results = [_unscored(comment.text, any_language) for comment, _ in pairs]
        chosen = [index for index, result in enumerate(results) if result.reason is None]
        tokens = self._tokeniser.comments([own_words(pairs[index][0]) for index in chosen])
        readings = self.read([item.ids for item in tokens])
        scored = self._scores(readings, [pairs[index][1] for index in chosen])
        for index, item, reading, scores in zip(chosen, tokens, readings, scored, strict=True):
            marked = self._spans(item, reading, scores) if spans else ()
            results[index] = CommentScores(scores, results[index].language, None, marked)
        return results

    def read(self, texts: Sequence[list[int]]) -> list[Reading]:
        """Run the network over token ids, the most work first so that the threads end together; order is kept."""
        if len(texts) == 1:
            return self._run(texts)
        runs = runs_of_one_length([len(ids) for ids in texts])
        found = self._pool.map(lambda run: self._run([texts[index] for index in run]), runs)
        readings = dict(zip(chain.from_iterable(runs), chain.from_iterable(found), strict=True))
        return [readings[index] for index in range(len(texts))]

    def read_texts(self, texts: Sequence[str]) -> list[Reading]:
        """Normalise, tokenise and read texts as comments, without calibration: for fitting and measuring."""
        return self.read([item.ids for item in self._tokeniser.comments(texts)])

    def read_tokens(self, text: str) -> tuple[Tokens, Reading]:
        """Return the tokens of one comment with its reading."""
        tokens = self._tokeniser.comments([text])[0]
        return tokens, self.read([tokens.ids])[0]

    def article_vector(self, article: Article) -> Vector | None:
        """Return the vector (H,) of an article, or None when it has neither title nor text."""
        return self._article_vectors([article]).get(article)

    def compare(self, articles: NDArray[np.float32], comments: NDArray[np.float32]) -> Vector:
        """Return the relevance logits (N,) of comment vectors (N, H) to one article vector (H,) or one each (N, H)."""
        feeds = {"article": np.broadcast_to(articles, comments.shape), "comment": comments}
        logits: Vector = self._comparer.run(None, feeds)[0]
        return logits

    def close(self) -> None:
        """Stop the threads."""
        self._pool.shutdown(cancel_futures=True)

    def _run(self, texts: Sequence[list[int]]) -> list[Reading]:
        """One run over texts of one length."""
        found = self._reader.run(None, {"ids": np.array(texts, dtype=np.int64)})
        return [Reading(*parts) for parts in zip(*found, strict=True)]

    def _article_vectors(self, articles: Iterable[Article]) -> dict[Article, Vector]:
        """The vectors (H,) of those that have a title or a text; what was not read lately is read together."""
        told = {article: (article.title or "", article.text) for article in articles}
        wanted = dict.fromkeys(one for one in told.values() if "".join(one).strip())
        found = {one: vector for one in wanted if (vector := self._articles.get(one)) is not None}
        fresh = [one for one in wanted if one not in found]
        readings = self.read([self._tokeniser.article(*one) for one in fresh])
        found |= {one: reading.vector for one, reading in zip(fresh, readings, strict=True)}
        self._articles.update(found)
        return {article: found[one] for article, one in told.items() if one in found}

    def _scores(self, readings: Sequence[Reading], articles: Sequence[Article | None]) -> list[dict[str, float | None]]:
        """Calibrated scores of every attribute, relevance None where there is no article."""
        if not readings:
            return []
        logits = np.stack([reading.logits for reading in readings])
        calibration = self.manifest.calibration
        columns = [calibration[name].probabilities(logits[:, at]).tolist() for at, name in enumerate(CLASSES)]
        relevance = self._relevances(readings, articles)
        names = (*CLASSES, "relevance")
        return [dict(zip(names, row, strict=True)) for row in zip(*columns, relevance, strict=True)]

    def _relevances(self, readings: Sequence[Reading], articles: Sequence[Article | None]) -> list[float | None]:
        found: list[float | None] = [None] * len(readings)
        vectors = self._article_vectors({article for article in articles if article is not None} if readings else ())
        known = [(at, vectors[article]) for at, article in enumerate(articles) if article in vectors]
        if known:
            comments = np.stack([readings[at].vector for at, _ in known])
            logits = self.compare(np.stack([vector for _, vector in known]), comments)
            shares = self.manifest.calibration["relevance"].probabilities(logits).tolist()
            for (at, _), share in zip(known, shares, strict=True):
                found[at] = share
        return found

    def _spans(self, tokens: Tokens, reading: Reading, scores: Mapping[str, float | None]) -> tuple[Span, ...]:
        """The span head has learnt from toxic comments alone, so it is only asked about those."""
        if max(scores[attribute] or 0.0 for attribute in TOXIC) < SPANS_FROM:
            return ()
        return toxic_spans(tokens, reading.tokens, self.manifest.span_threshold)


class _Kept:
    """The vectors of the articles read last, by title and text; safe between threads."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._vectors: OrderedDict[tuple[str, str], Vector] = OrderedDict()
        self._lock = Lock()

    def get(self, told: tuple[str, str]) -> Vector | None:
        return self._vectors.get(told)

    def update(self, vectors: Mapping[tuple[str, str], Vector]) -> None:
        """Keep these, as the latest used; beyond the limit the longest unused are forgotten."""
        with self._lock:
            for told, vector in vectors.items():
                self._vectors[told] = vector
                self._vectors.move_to_end(told)
            while len(self._vectors) > self._most:
                self._vectors.popitem(last=False)


def load_scorer(folder: Path, *, threads: int = 0) -> OnnxScorer:
    """Load and verify a folder of weights; `threads` 0 takes one per core.

    Raises `ModelNotFound` or `ModelDamaged`.
    """
    return OnnxScorer(read_manifest(folder), folder, threads)


def runs_of_one_length(lengths: Sequence[int], most: int = TOGETHER) -> list[list[int]]:
    """Return the indices in runs of equal length and at most `most` tokens, or one text; the most tokens first."""
    by_length: dict[int, list[int]] = {}
    for index, length in enumerate(lengths):
        by_length.setdefault(length, []).append(index)
    runs = []
    for length, indices in by_length.items():
        count = max(1, most // max(1, length))
        runs += [indices[start : start + count] for start in range(0, len(indices), count)]
    return sorted(runs, key=lambda run: -len(run) * lengths[run[0]])


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
