"""Comments of an archive whose ids coincide: row numbers of two files under one title, or an id that stands twice."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from hashlib import blake2b
from types import TracebackType
from typing import Any

from service.store.records import LONGEST_ID

DIGEST_BYTES = 16
SHOWN = 16  # hexadecimal digits of a digest that tell comments of one id apart
CACHE = 64 * 2**10  # KiB of the index in memory, the rest is on the disk

Row = Mapping[str, Any]


class Ids:
    """Gives every comment of an archive an id of its own within its discussion, the same at every import.

    The first one of an id keeps it; one that says something else has a digest of what it says after it. What an id
    means as a parent depends on the source. All rows must be noted before any is asked for.
    """

    def __init__(self) -> None:
        self.index = sqlite3.connect("")  # a file without a name that goes with the connection
        self.index.execute(f"PRAGMA cache_size = -{CACHE}")
        self.index.execute("CREATE TABLE first (place BLOB PRIMARY KEY, told BLOB NOT NULL) WITHOUT ROWID")

    def __enter__(self) -> Ids:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.index.close()

    def note(self, rows: Iterable[Row]) -> None:
        """Remember who has an id first, in the discussion and in each source of it."""
        self.index.executemany("INSERT OR IGNORE INTO first VALUES (?, ?)", _entries(rows))

    def own(self, row: Row) -> str:
        """Return the id of a comment."""
        return self._named(row, row["id"], _told(row))

    def parent(self, row: Row) -> str | None:
        """Return the id of the comment that a comment answers: of its own source, where that has one of this id."""
        parent: str | None = row["parent_id"]
        told = self._first(_place(row, parent, row["source"])) if parent else None
        return self._named(row, parent, told) if parent and told else parent

    def _named(self, row: Row, given: str, told: bytes) -> str:
        if self._first(_place(row, given)) == told:
            return given
        return f"{given[: LONGEST_ID - SHOWN - 1]}~{told.hex()[:SHOWN]}"

    def _first(self, place: bytes) -> bytes | None:
        found = self.index.execute("SELECT told FROM first WHERE place = ?", (place,)).fetchone()
        return found[0] if found else None


def title_of(row: Row) -> str:
    """Return the title of a comment's discussion; without one the file that it comes from stands for it."""
    return str(row["article_title"] or row["source"] or "Archive")


def _entries(rows: Iterable[Row]) -> Iterator[tuple[bytes, bytes]]:
    for row in rows:
        told = _told(row)
        yield _place(row, row["id"]), told
        yield _place(row, row["id"], row["source"]), told


def _place(row: Row, given: str, source: str | None = None) -> bytes:
    return _digest((title_of(row), given, source))


def _told(row: Row) -> bytes:
    """What makes two comments of one id the same one."""
    return _digest((row["text"], row["author"], row["published"]))


def _digest(values: Sequence[str | None]) -> bytes:
    return blake2b(repr(values).encode("utf-8", "surrogatepass"), digest_size=DIGEST_BYTES).digest()
