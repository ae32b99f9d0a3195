"""Scoring rows: comments of one article together, identical texts once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from hashlib import blake2b
from typing import Protocol, runtime_checkable

from data.records import Article, Comment, Status
from model.scores import ATTRIBUTES, CommentScores, Scorer
from service.archive.reading import Row
from service.archive.remembered import Remembered

GONE = (Status.DELETED, Status.REJECTED)
MARKS = ("[deleted]", "[removed]")
SLICE = 256  # comments in one call of the scorer: enough to keep it busy, few enough to show progress
MANY = 2_048  # likewise, of a scorer that takes comments of many articles at once

ARTICLE_BYTES, TEXT_BYTES = 8, 16  # of a key: which article, and which text under it

Key = bytes


@runtime_checkable
class ManyScorer(Protocol):
    """A scorer that works best on many comments at once, whichever articles they are about."""

    def score_many(self, pairs: Sequence[tuple[Comment, Article | None]]) -> list[CommentScores]:
        """Return one `CommentScores` per comment, each judged under its own article."""
        ...


class RowScorer:
    """Scores rows in order; what was scored before (the same text under the same article) is not scored again.

    `begin` and `Pending.scores` let the scorer go on with the next rows while the last ones are waited for, so that no
    core is idle where one part of an archive ends and the next begins.
    """

    def __init__(self, scorer: Scorer, attributes: Sequence[str] = ATTRIBUTES, callers: int = 1) -> None:
        self.scorer = scorer
        self.attributes = frozenset(attributes)
        self.seen = Remembered()
        self.pool = ThreadPoolExecutor(callers)
        self.last: Pending | None = None

    @property
    def version(self) -> str:
        """The version of the weights."""
        return self.scorer.version

    def score(self, rows: Sequence[Row], done: Callable[[int], None] = lambda rows: None) -> list[CommentScores]:
        """Return one `CommentScores` per row, in order; `done` hears how many rows each finished slice stands for."""
        return self.begin(rows).scores(done)

    def begin(self, rows: Sequence[Row]) -> Pending:
        """Start to score rows; what was begun before must be waited for first."""
        keys = _keys(rows)
        copies = Counter(keys)
        found = {key: known for key in copies if (known := self.seen.get(key)) is not None}
        before = self.last.fresh if self.last else {}
        fresh = {key: row for key, row in zip(keys, rows, strict=True) if key not in found and key not in before}
        calls = [(batch, self.pool.submit(self._call, batch)) for batch in self._batches(fresh)]
        self.last = Pending(self, keys, copies, found, fresh, calls, self.last)
        return self.last

    def close(self) -> None:
        """Drop what was begun and not waited for."""
        self.pool.shutdown(cancel_futures=True)

    def _batches(self, fresh: Mapping[Key, Row]) -> list[dict[Key, Row]]:
        return _slices(fresh, MANY) if isinstance(self.scorer, ManyScorer) else _by_article(fresh)

    def _call(self, batch: Mapping[Key, Row]) -> list[CommentScores]:
        rows = list(batch.values())
        comments = [replace(row.comment, text=words_of(row.comment)) for row in rows]
        if isinstance(self.scorer, ManyScorer):
            pairs = list(zip(comments, (row.article for row in rows), strict=True))
            return [self._asked(scores) for scores in self.scorer.score_many(pairs)]
        return [self._asked(scores) for scores in self.scorer.score(comments, rows[0].article)]

    def _asked(self, scores: CommentScores) -> CommentScores:
        if len(self.attributes) == len(ATTRIBUTES):
            return scores
        return replace(scores, scores={n: scores.scores.get(n) if n in self.attributes else None for n in ATTRIBUTES})


@dataclass(slots=True)
class Pending:
    """Rows that are being scored; texts that the rows before have too are taken from there."""

    scorer: RowScorer
    keys: Sequence[Key]
    copies: Counter[Key]
    found: dict[Key, CommentScores]
    fresh: Mapping[Key, Row]
    calls: Sequence[tuple[Mapping[Key, Row], Future[list[CommentScores]]]]
    before: Pending | None

    def scores(self, done: Callable[[int], None] = lambda rows: None) -> list[CommentScores]:
        """Wait, and return one `CommentScores` per row, in order."""
        if self.before is not None:
            self.found |= {key: self.before.found[key] for key in self.copies if key in self.before.fresh}
            self.before = None
        done(sum(self.copies[key] for key in self.found))
        for batch, call in self.calls:
            for key, scored in zip(batch, call.result(), strict=True):
                self.found[key] = scored
                self.scorer.seen.store(key, scored)
            done(sum(self.copies[key] for key in batch))
        if self.scorer.last is self:
            self.scorer.last = None
        return [self.found[key] for key in self.keys]


def _keys(rows: Sequence[Row]) -> list[Key]:
    articles: dict[Article | None, bytes] = {None: bytes(ARTICLE_BYTES)}
    for row in rows:
        if row.article not in articles:
            told = f"{row.article.title}\0{row.article.text}" if row.article else ""
            articles[row.article] = _digest(told, ARTICLE_BYTES)
    return [articles[row.article] + _digest(_told(row.comment), TEXT_BYTES) for row in rows]


def _told(comment: Comment) -> str:
    """All of a comment that its scores depend on: the words, and which of them are quotes of others."""
    quotes = [(quote["start"], quote["end"]) for quote in comment.extra.get("quotes", ()) if "start" in quote]
    return f"{words_of(comment)}\0{quotes}" if quotes else words_of(comment)


def words_of(comment: Comment) -> str:
    """What there is to score: nothing where a mark stands for a removed text."""
    gone = comment.status in GONE and comment.text.strip().lower() in MARKS
    return "" if gone else comment.text


def _digest(text: str, size: int) -> bytes:
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=size).digest()


def _by_article(fresh: Mapping[Key, Row]) -> list[dict[Key, Row]]:
    """Cut the comments of each article into slices."""
    by_article: dict[bytes, dict[Key, Row]] = {}
    for key, row in fresh.items():
        by_article.setdefault(key[:ARTICLE_BYTES], {})[key] = row
    return [piece for rows in by_article.values() for piece in _slices(rows, SLICE)]


def _slices(rows: Mapping[Key, Row], size: int) -> list[dict[Key, Row]]:
    pairs = list(rows.items())
    return [dict(pairs[start : start + size]) for start in range(0, len(pairs), size)]
