"""Scores of texts seen lately: the same comment asked about twice is scored once.

A comment's scores depend on its text, its article and the model alone, so these are the key; texts are kept as
digests, never themselves.
"""

from __future__ import annotations

from collections import OrderedDict
from hashlib import blake2b

from data.records import Article, Comment
from model.scores import CommentScores

DIGEST_BYTES = 16  # 2**64 texts before two are likely to meet


class ScoreCache:
    """A bounded map from (text, article, model version, options) to scores; the longest unused goes first."""

    def __init__(self, entries: int) -> None:
        self._entries = entries
        self._kept: OrderedDict[bytes, CommentScores] = OrderedDict()
        self.hits = 0
        self.misses = 0

    def __len__(self) -> int:
        return len(self._kept)

    def find(self, key: bytes) -> CommentScores | None:
        """Return the scores under a key, now the latest used, or None."""
        scores = self._kept.get(key)
        if scores is None:
            self.misses += 1
            return None
        self._kept.move_to_end(key)
        self.hits += 1
        return scores

    def keep(self, key: bytes, scores: CommentScores) -> None:
        """Remember the scores under a key; beyond the limit the longest unused are forgotten."""
        self._kept[key] = scores
        self._kept.move_to_end(key)
        while len(self._kept) > self._entries:
            self._kept.popitem(last=False)


def cache_context(version: str, article: Article | None, *, spans: bool, any_language: bool) -> bytes:
    """Return the digest of everything but the comment that its scores depend on."""
    parts = [version, f"{spans:d}{any_language:d}"]
    if article is not None:
        parts += ["article", article.title or "", article.text]
    return _digest("\0".join(parts))


def cache_key(context: bytes, comment: Comment) -> bytes:
    """Return the key of one comment in its context."""
    return _digest(comment.text, context)


def _digest(text: str, context: bytes = b"") -> bytes:
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=DIGEST_BYTES, key=context).digest()
