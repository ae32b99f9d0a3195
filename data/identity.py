"""Identifiers for comments whose engine gives none: a digest, because a bare index collides between pages."""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import blake2s


class Identities:
    """Gives each comment of one page an id that stays the same when the page is read again."""

    def __init__(self, url: str | None) -> None:
        self._url = url or ""
        self._given: set[str] = set()

    def digest(self, parts: Iterable[str | None]) -> str:
        """Return an id made of what identifies the comment; equal comments get different ones, in order."""
        key = "\x1f".join([self._url, *(part or "" for part in parts)])
        turn = 0
        while (name := self._hash(key, turn)) in self._given:
            turn += 1
        self._given.add(name)
        return name

    def take(self, engine_id: str) -> bool:
        """Return True when the engine's own id is not taken yet on this page, and take it."""
        if engine_id in self._given:
            return False
        self._given.add(engine_id)
        return True

    @staticmethod
    def _hash(key: str, turn: int) -> str:
        return "c" + blake2s(f"{key}\x1f{turn}".encode("utf-8", "surrogatepass"), digest_size=6).hexdigest()
