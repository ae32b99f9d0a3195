"""The scores of the texts that were read last, packed small, so that a text that comes again is not scored again."""

from __future__ import annotations

import math
from struct import Struct

from model.scores import ATTRIBUTES, CommentScores

REMEMBERED = 100_000  # texts, some 25 MB: packed a text takes a quarter of what its `CommentScores` does
SCORES = Struct(f"{len(ATTRIBUTES)}d")


class Remembered:
    """A mapping of at least the last `most` / 2 and at most the last `most` texts that were asked for or stored."""

    def __init__(self, most: int = REMEMBERED) -> None:
        self.half = max(1, most // 2)
        self.recent: dict[bytes, bytes] = {}
        self.older: dict[bytes, bytes] = {}

    def __len__(self) -> int:
        return len(self.recent) + len(self.older)

    def get(self, key: bytes) -> CommentScores | None:
        """Return the scores of a text, or None; a text that was asked for is not forgotten soon."""
        found = self.recent.get(key)
        if found is None and (found := self.older.pop(key, None)) is not None:
            self._put(key, found)
        return None if found is None else _unpacked(found)

    def store(self, key: bytes, scores: CommentScores) -> None:
        """Remember the scores of a text; spans are not kept."""
        self.older.pop(key, None)
        self._put(key, _packed(scores))

    def _put(self, key: bytes, packed: bytes) -> None:
        self.recent[key] = packed
        if len(self.recent) > self.half:
            self.recent, self.older = {}, self.recent


def _packed(scores: CommentScores) -> bytes:
    values = (scores.scores.get(name) for name in ATTRIBUTES)
    numbers = SCORES.pack(*(math.nan if value is None else value for value in values))
    return numbers + f"{scores.language or ''}\0{scores.reason or ''}".encode()


def _unpacked(packed: bytes) -> CommentScores:
    numbers = SCORES.unpack_from(packed)
    language, reason = packed[SCORES.size :].decode().split("\0")
    scores = {name: None if math.isnan(value) else value for name, value in zip(ATTRIBUTES, numbers, strict=True)}
    return CommentScores(scores, language or None, reason or None)
