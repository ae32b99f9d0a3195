"""The scorer that ships: ONNX Runtime and `tokenizers`, texts of one length per run on one thread per core.

Texts of one length need no padding, and the graph's int8 rounding is fixed, so no score depends on the batch. The
branch for topics runs only for comments below an article, and an article is read once for all of its comments.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from data.language import detect
from data.records import Article, Comment
from model.manifest import COMPARER, READER, TOKENIZER, TOPICS, Manifest, read_manifest
from model.scores import ATTRIBUTES, LANGUAGE, CommentScores, Span
from model.spans import toxic_spans
from model.tokens import Tokeniser, Tokens
from model.topics import KeptTopics, Topics, likeness

CLASSES = tuple(attribute for attribute in ATTRIBUTES if attribute != "relevance")
TOXIC = tuple(attribute for attribute in CLASSES if attribute != "sarcasm")
SPANS_FROM = 0.3  # probability of toxicity or one of its kinds below which no passage is marked
ARTICLES_KEPT = 256  # topics of the articles read last: at most 70 kB each
TOGETHER = 512  # tokens in one run: the products gain nothing beyond, and what lies between them stays in the L2 cache
SLOW_FUSION = "SkipLayerNormFusion"  # of a sum and a norm: nine times slower than the two, 40 % of a whole run
MISSING = dict.fromkeys(ATTRIBUTES)
Vector = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Reading:
    """What the network says of one text: `logits` (7,) in the order of `CLASSES`, `tokens` (T,), topics if asked."""

    logits: Vector
    tokens: Vector
    topics: Topics | None = None


class OnnxScorer:
    """Scores comments with one folder of weights; safe to call from several threads at once."""

    def __init__(self, manifest: Manifest, folder: Path, threads: int) -> None:
        self.manifest = manifest
        self.tokeniser = Tokeniser.load(
            folder / TOKENIZER, max_tokens=manifest.max_tokens, article_tokens=manifest.article_tokens
        )
        self._reader = _session(folder / READER)
        self._topics = _session(folder / TOPICS)
        self._comparer = _session(folder / COMPARER)
        self._threads = threads or os.cpu_count() or 1
        self._pool = ThreadPoolExecutor(self._threads, thread_name_prefix="scorer")
        self._articles = KeptTopics(ARTICLES_KEPT)

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
        tokens = self.tokeniser.comments([own_words(pairs[index][0]) for index in chosen])
        articles = [pairs[index][1] for index in chosen]
        readings = self.read([item.ids for item in tokens], [told(article) is not None for article in articles])
        scored = self._scores(readings, articles)
        for index, item, reading, scores in zip(chosen, tokens, readings, scored, strict=True):
            marked = self._spans(item, reading, scores) if spans else ()
            results[index] = CommentScores(scores, results[index].language, None, marked)
        return results

    def read(self, texts: Sequence[list[int]], topical: Sequence[bool] = ()) -> list[Reading]:
        """Run the network over token ids, the most work first so that the threads end together; order is kept.

        `topical` says of which texts the topics are wanted, too; none by default.
        """
        kinds = [(len(ids), bool(asked)) for ids, asked in zip(texts, topical or [False] * len(texts), strict=True)]
        if len(texts) == 1:
            return self._run(texts, kinds[0][1])
        runs = runs_of_one_kind(kinds)
        found = self._pool.map(lambda run: self._run([texts[index] for index in run], kinds[run[0]][1]), runs)
        readings = dict(zip(chain.from_iterable(runs), chain.from_iterable(found), strict=True))
        return [readings[index] for index in range(len(texts))]

    def read_texts(self, texts: Sequence[str], *, topical: bool = False) -> list[Reading]:
        """Normalise, tokenise and read texts as comments, without calibration: for fitting and measuring."""
        return self.read([item.ids for item in self.tokeniser.comments(texts)], [topical] * len(texts))

    def read_tokens(self, text: str) -> tuple[Tokens, Reading]:
        """Return the tokens of one comment with its reading."""
        tokens = self.tokeniser.comments([text])[0]
        return tokens, self.read([tokens.ids])[0]

    def article_topics(self, article: Article) -> Topics | None:
        """Return what an article is about, or None when it has neither title nor text."""
        return self._topics_of([article]).get(article)

    def compare(self, pairs: Sequence[tuple[Topics, Topics]]) -> Vector:
        """Return the relevance logits (N,) of pairs of an article and a comment."""
        feeds = {
            "article": np.stack([article.vector for article, _ in pairs]),
            "comment": np.stack([comment.vector for _, comment in pairs]),
            "likeness": np.array([likeness(*pair) for pair in pairs], np.float32),
        }
        logits: Vector = self._comparer.run(None, feeds)[0]
        return logits

    def close(self) -> None:
        """Stop the threads."""
        self._pool.shutdown(cancel_futures=True)

    def _run(self, texts: Sequence[list[int]], topical: bool) -> list[Reading]:
        """One run over texts of one length."""
        feeds = {"ids": np.array(texts, dtype=np.int64)}
        if not topical:
            found = self._reader.run(["logits", "tokens"], feeds)
            return [Reading(*parts) for parts in zip(*found, strict=True)]
        *found, embedded, lower = self._reader.run(["logits", "tokens", "embedded", "lower"], feeds)
        topics = self._topics.run(["vector", "words", "weights"], {"embedded": embedded, "lower": lower})
        return [Reading(logits, tokens, Topics(*parts)) for logits, tokens, *parts in zip(*found, *topics, strict=True)]

    def _topics_of(self, articles: Iterable[Article | None]) -> dict[Article, Topics]:
        """The topics of those that have a title or a text; what was not read lately is read together."""
        known = {article: words for article in articles if article and (words := told(article))}
        wanted = dict.fromkeys(known.values())
        found = {words: topics for words in wanted if (topics := self._articles.get(words)) is not None}
        fresh = [words for words in wanted if words not in found]
        readings = self.read([self.tokeniser.article(*words) for words in fresh], [True] * len(fresh))
        found |= {
            words: reading.topics.copied()
            for words, reading in zip(fresh, readings, strict=True)
            if reading.topics is not None
        }
        self._articles.update(found)
        return {article: found[words] for article, words in known.items()}

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
        about = self._topics_of(articles)
        known = {
            at: (about[article], reading.topics)
            for at, (article, reading) in enumerate(zip(articles, readings, strict=True))
            if article in about and reading.topics is not None
        }
        if known:
            logits = self.compare(list(known.values()))
            shares = self.manifest.calibration["relevance"].probabilities(logits).tolist()
            for at, share in zip(known, shares, strict=True):
                found[at] = share
        return found

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


def runs_of_one_kind(kinds: Sequence[tuple[int, bool]], most: int = TOGETHER) -> list[list[int]]:
    """Return the indices in runs of equal kinds, a length in tokens and whether the topics are wanted.

    A run has at most `most` tokens, or one text; those with the most tokens come first.
    """
    by_kind: dict[tuple[int, bool], list[int]] = {}
    for index, kind in enumerate(kinds):
        by_kind.setdefault(kind, []).append(index)
    runs = []
    for (length, _), indices in by_kind.items():
        count = max(1, most // max(1, length))
        runs += [indices[start : start + count] for start in range(0, len(indices), count)]
    return sorted(runs, key=lambda run: -len(run) * kinds[run[0]][0])


def told(article: Article | None) -> tuple[str, str] | None:
    """What is known of an article, title and text; None when that is nothing."""
    words = (article.title or "", article.text) if article else ("", "")
    return words if "".join(words).strip() else None


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
    return onnxruntime.InferenceSession(
        str(file), options, providers=["CPUExecutionProvider"], disabled_optimizers=[SLOW_FUSION]
    )
