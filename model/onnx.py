"""The scorer that ships: ONNX Runtime and `tokenizers`, texts of one length per run on one thread per core.

Texts of one length need no padding, and the graph's int8 rounding is fixed, so no score depends on the batch. The
branch for topics runs only for comments below an article, and an article is read once for all of its comments.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path

import numpy as np
import onnxruntime
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from data.records import Article, Comment
from model.articles import Articles, few_at_once
from model.headlines import HeadlineBank
from model.manifest import COMPARER, HEADLINES, READER, TOKENIZER, TOPICS, WIDE, Manifest, read_manifest
from model.readable import EMPTY, before_reading, own_words
from model.runs import runs_of_one_kind
from model.scores import ATTRIBUTES, CommentScores, Span
from model.spans import toxic_spans
from model.tokens import Tokeniser, Tokens
from model.topics import ArticleTopics, Topics, likeness
from model.wide import Wide

CLASSES = tuple(attribute for attribute in ATTRIBUTES if attribute != "relevance")
TOXIC = tuple(attribute for attribute in CLASSES if attribute != "sarcasm")
SPANS_FROM = 0.5  # probability of toxicity or one of its kinds below which no passage is marked
SLOW_FUSION = "SkipLayerNormFusion"  # of a sum and a norm: nine times slower than the two, 40 % of a whole run
Vector = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Reading:
    """What the network says of one text: `logits` (7,) in the order of `CLASSES`, `tokens` (T,).

    `relevance` is the logit of a comment below an article; `topics` are those of a text for which they were asked.
    """

    logits: Vector
    tokens: Vector
    relevance: float | None = None
    topics: Topics | None = None


class OnnxScorer:
    """Scores comments with one folder of weights; safe to call from several threads at once."""

    def __init__(self, manifest: Manifest, folder: Path, threads: int) -> None:
        self.manifest = manifest
        self.tokeniser = Tokeniser.load(
            folder / TOKENIZER, max_tokens=manifest.max_tokens, article_tokens=manifest.article_tokens
        )
        self._reader = open_session(folder / READER)
        self._topics = open_session(folder / TOPICS)
        self._comparer = open_session(folder / COMPARER)
        self._wide = Wide.load(folder / WIDE, folder / TOKENIZER) if WIDE in manifest.files else None
        self._threads = threads or os.cpu_count() or 1
        threadpool_limits(1, "blas")  # for the whole process: the scorer's own threads are enough
        self._pool = ThreadPoolExecutor(self._threads, thread_name_prefix="scorer")
        bank = HeadlineBank.load(folder / HEADLINES) if HEADLINES in manifest.files else None
        self._articles = Articles(self.tokeniser, self.read_topics, self.compare, bank)

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
        texts = [own_words(comment) for comment, _ in pairs]
        results = [before_reading(text, any_language) for text in texts]
        tokens = self._tokens(texts, results)
        chosen = list(tokens)
        readings = self.read_below([tokens[at].ids for at in chosen], [pairs[at][1] for at in chosen])
        scored = self._scores(readings)
        for index, reading, scores in zip(chosen, readings, scored, strict=True):
            marked = self._spans(tokens[index], reading, scores) if spans else ()
            results[index] = CommentScores(scores, results[index].language, None, marked)
        return results

    def _tokens(self, texts: Sequence[str], results: list[CommentScores]) -> dict[int, Tokens]:
        """Return the tokens of the texts to be scored by their places; `results` learns which of them say nothing."""
        chosen = [place for place, result in enumerate(results) if result.reason is None]
        tokens = dict(zip(chosen, self.tokeniser.comments([texts[place] for place in chosen]), strict=True))
        for place in [place for place in chosen if tokens[place].empty]:
            del tokens[place]
            results[place] = EMPTY
        return tokens

    def read_below(self, texts: Sequence[list[int]], articles: Sequence[Article | None]) -> list[Reading]:
        """Run the network over the token ids of comments, each below its own article or none."""
        found: dict[int, Reading] = {}
        for part in few_at_once(articles):
            below = self.topics_of([articles[place] for place in part])
            found |= zip(part, self.read([texts[place] for place in part], below), strict=True)
        return [found[place] for place in range(len(texts))]

    def read(self, texts: Sequence[list[int]], below: Sequence[ArticleTopics | None] = ()) -> list[Reading]:
        """Run the network over token ids, the most work first so that the threads end together; order is kept.

        `below` has the article of each text, which is then judged for relevance, or None; none have one by default.
        """
        articles = below or [None] * len(texts)
        kinds = [(len(ids), article is not None) for ids, article in zip(texts, articles, strict=True)]

        def work(run: list[int]) -> list[Reading]:
            found = self._run([texts[at] for at in run], [articles[at] for at in run])
            return self.widened(found, [texts[at] for at in run])

        return self._in_runs(kinds, work)

    def read_topics(self, texts: Sequence[list[int]]) -> list[Topics]:
        """Return what texts are about from their token ids."""
        found = self._in_runs([(len(ids), True) for ids in texts], lambda run: self._read([texts[at] for at in run]))
        return [reading.topics.copied() for reading in found if reading.topics is not None]

    def read_texts(self, texts: Sequence[str], below: Sequence[ArticleTopics | None] = ()) -> list[Reading]:
        """Normalise, tokenise and read texts as comments, without calibration: for fitting and measuring."""
        return self.read([item.ids for item in self.tokeniser.comments(texts)], below)

    def read_tokens(self, text: str) -> tuple[Tokens, Reading]:
        """Return the tokens of one comment with its reading."""
        tokens = self.tokeniser.comments([text])[0]
        return tokens, self.read([tokens.ids])[0]

    def topics_of(self, articles: Sequence[Article | None]) -> list[ArticleTopics | None]:
        """Return what each article is about, None for one without title and text; each is read once for all calls."""
        return self._articles.topics(articles)

    def compare(self, pairs: Sequence[tuple[Topics, Topics]]) -> Vector:
        """Return the relevance logits (N,) of pairs of one reading of an article and a comment."""
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

    def _in_runs(self, kinds: Sequence[tuple[int, bool]], work: Callable[[list[int]], list[Reading]]) -> list[Reading]:
        """Do the work run by run on all threads, a single text on the caller's own; readings in the texts' order."""
        if len(kinds) == 1:
            return work([0])
        runs = runs_of_one_kind(kinds)
        readings = dict(zip(chain.from_iterable(runs), chain.from_iterable(self._pool.map(work, runs)), strict=True))
        return [readings[index] for index in range(len(kinds))]

    def _run(self, texts: Sequence[list[int]], articles: Sequence[ArticleTopics | None]) -> list[Reading]:
        """One run over texts of one length, all or none of them below an article.

        They are compared with their articles here, because the words of thousands of comments would fill the memory.
        """
        if articles[0] is None:
            found = self._reader.run(["logits", "tokens"], {"ids": np.array(texts, dtype=np.int64)})
            return [Reading(*parts) for parts in zip(*found, strict=True)]
        return self.compared(self._read(texts), articles)

    def widened(self, readings: Sequence[Reading], texts: Sequence[list[int]]) -> list[Reading]:
        """Add what the wide part says of the token ids to the readings of the same texts."""
        return [replace(one, logits=one.logits + more) for one, more in zip(readings, self.added(texts), strict=True)]

    def added(self, texts: Sequence[list[int]]) -> Vector:
        """Return what the wide part adds to the logits (N, 7) of token ids: nothing where there is none."""
        return np.zeros((len(texts), len(CLASSES)), np.float32) if self._wide is None else self._wide.logits(texts)

    def compared(self, readings: Sequence[Reading], articles: Sequence[ArticleTopics | None]) -> list[Reading]:
        """Put the relevance to their articles in the place of the readings' topics."""
        pairs = [
            (part, reading.topics)
            for article, reading in zip(articles, readings, strict=True)
            if article is not None and reading.topics is not None
            for part in article.readings
        ]
        logits = iter(self.compare(pairs).tolist() if pairs else ())
        return [
            Reading(
                reading.logits,
                reading.tokens,
                None if article is None else article.relevance([next(logits) for _ in article.readings]),
            )
            for article, reading in zip(articles, readings, strict=True)
        ]

    def _read(self, texts: Sequence[list[int]]) -> list[Reading]:
        """One run over texts of one length, with their topics."""
        names = ["logits", "tokens", "embedded", "lower"]
        *found, embedded, lower = self._reader.run(names, {"ids": np.array(texts, dtype=np.int64)})
        topics = self._topics.run(["vector", "words", "weights"], {"embedded": embedded, "lower": lower})
        return [
            Reading(logits, tokens, None, Topics(*parts))
            for logits, tokens, *parts in zip(*found, *topics, strict=True)
        ]

    def _scores(self, readings: Sequence[Reading]) -> list[dict[str, float | None]]:
        """Calibrated scores of every attribute, relevance None where there is no article."""
        if not readings:
            return []
        logits = np.stack([reading.logits for reading in readings])
        calibration = self.manifest.calibration
        columns = [calibration[name].probabilities(logits[:, at]).tolist() for at, name in enumerate(CLASSES)]
        relevances = np.array([np.nan if one.relevance is None else one.relevance for one in readings])
        shares = calibration["relevance"].probabilities(relevances).tolist()
        relevance: list[float | None] = [
            None if one.relevance is None else share for one, share in zip(readings, shares, strict=True)
        ]
        names = (*CLASSES, "relevance")
        return [dict(zip(names, row, strict=True)) for row in zip(*columns, relevance, strict=True)]

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


def open_session(graph: Path | bytes) -> onnxruntime.InferenceSession:
    """Return a graph, in a file or as it would stand there, ready to run on the caller's thread alone."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(
        graph if isinstance(graph, bytes) else str(graph),
        options,
        providers=["CPUExecutionProvider"],
        disabled_optimizers=[SLOW_FUSION],
    )
