"""Scoring rows: comments of one article together, identical texts once."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from hashlib import blake2b

from data.records import Article, Comment, Status
from model.scores import ATTRIBUTES, CommentScores, Scorer
from service.archive.reading import Row
from service.archive.remembered import Remembered

LONGEST = 20_000  # characters that are read of a comment, far more than the model takes
GONE = (Status.DELETED, Status.REJECTED)
MARKS = ("[deleted]", "[removed]")
SLICE = 256  # comments in one call of the scorer: enough to keep it busy, few enough to show progress

ARTICLE_BYTES, TEXT_BYTES = 8, 16  # of a key: which article, and which text under it

Key = bytes


class RowScorer:
    """Scores rows in order; what was scored before (the same text under the same article) is not scored again."""

    def __init__(self, scorer: Scorer, attributes: Sequence[str] = ATTRIBUTES, callers: int = 1) -> None:
        self.scorer = scorer
        self.attributes = frozenset(attributes)
        self.seen = Remembered()
        self.pool = ThreadPoolExecutor(callers)

    @property
    def version(self) -> str:
        """The version of the weights."""
        return self.scorer.version

    def score(self, rows: Sequence[Row], done: Callable[[int], None] = lambda rows: None) -> list[CommentScores]:
        """Return one `CommentScores` per row, in order; `done` hears how many rows each finished slice stands for."""
        keys = _keys(rows)
        copies: dict[Key, int] = {}
        for key in keys:
            copies[key] = copies.get(key, 0) + 1
        found = {key: known for key in copies if (known := self.seen.get(key)) is not None}
        fresh = {key: row for key, row in zip(keys, rows, strict=True) if key not in found}
        done(len(rows) - sum(copies[key] for key in fresh))
        for batch, scores in zip(batches := _batches(fresh), self.pool.map(self._call, batches), strict=True):
            for key, scored in zip(batch, scores, strict=True):
                found[key] = scored
                self.seen.store(key, scored)
            done(sum(copies[key] for key in batch))
        return [found[key] for key in keys]

    def _call(self, batch: Mapping[Key, Row]) -> list[CommentScores]:
        rows = list(batch.values())
        scored = self.scorer.score([replace(row.comment, text=words_of(row.comment)) for row in rows], rows[0].article)
        return [self._asked(scores) for scores in scored]

    def _asked(self, scores: CommentScores) -> CommentScores:
        if len(self.attributes) == len(ATTRIBUTES):
            return scores
        return replace(scores, scores={n: scores.scores.get(n) if n in self.attributes else None for n in ATTRIBUTES})


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
    """What there is to score: nothing where a mark stands for a removed text, the beginning of a very long one."""
    if comment.status in GONE and comment.text.strip().lower() in MARKS:
        return ""
    return comment.text[:LONGEST]


def _digest(text: str, size: int) -> bytes:
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=size).digest()


def _batches(fresh: Mapping[Key, Row]) -> list[dict[Key, Row]]:
    """Cut the comments of each article into slices."""
    by_article: dict[bytes, list[Key]] = {}
    for key in fresh:
        by_article.setdefault(key[:ARTICLE_BYTES], []).append(key)
    return [
        {key: fresh[key] for key in keys[start : start + SLICE]}
        for keys in by_article.values()
        for start in range(0, len(keys), SLICE)
    ]
