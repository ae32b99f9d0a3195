"""Cutting a stream of items into parts at fixed places, and reading ahead of whoever works on them."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from queue import Full, Queue
from typing import TypeVar

from service.archive.reading import BadInput, Item, Note, RejectedRow, Row

PART_ITEMS = 4_096  # some five seconds of work on two cores: what an interruption costs at most
PART_CHARS = 4 * 2**20  # texts and articles of one part, so that a few huge ones cannot fill the memory
WAITING = 1  # parts read ahead

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Part:
    """A slice of the stream of items; `stored` when an earlier run scored it."""

    number: int
    items: Sequence[Item]
    stored: bool = False

    @property
    def rows(self) -> list[Row]:
        """The comments to score."""
        return [item for item in self.items if isinstance(item, Row)]

    @property
    def rejects(self) -> list[RejectedRow]:
        """Rows that could not be read."""
        return [item for item in self.items if isinstance(item, RejectedRow)]

    @property
    def bad_inputs(self) -> list[BadInput]:
        """Inputs that could not be read."""
        return [item for item in self.items if isinstance(item, BadInput)]

    @property
    def sentences(self) -> list[str]:
        """What the user should know."""
        return [item.sentence for item in self.items if isinstance(item, (BadInput, Note))]


def cut(items: Iterable[Item], size: int = PART_ITEMS) -> Iterator[Part]:
    """Cut the stream into parts, always at the same places."""
    number, held, chars = 0, list[Item](), 0
    for item in items:
        chars += _chars(item, held[-1] if held else None)
        held.append(item)
        if len(held) >= size or chars >= PART_CHARS:
            yield Part(number, held)
            number, held, chars = number + 1, [], 0
    if held:
        yield Part(number, held)


def _chars(item: Item, before: Item | None) -> int:
    """What an item adds to its part; an article that the row before has too is there already."""
    if isinstance(item, RejectedRow):
        return len(item.reject.raw)
    if not isinstance(item, Row):
        return 0
    shared = item.article is None or (isinstance(before, Row) and before.article is item.article)
    return len(item.comment.text) + (0 if shared or not item.article else sum(map(len, item.article.paragraphs)))


def ahead(things: Iterator[T], waiting: int = WAITING) -> Iterator[T]:
    """Take `things` in another thread, at most `waiting` ahead; what that thread raises is raised here."""
    queue: Queue[tuple[T | None, Exception | None]] = Queue(waiting)
    gone = threading.Event()
    threading.Thread(target=_fill, args=(things, queue, gone), daemon=True, name="reader").start()
    try:
        while True:
            thing, error = queue.get()
            if error is not None:
                raise error
            if thing is None:
                return
            yield thing
    finally:
        gone.set()


def _fill(things: Iterator[T], queue: Queue[tuple[T | None, Exception | None]], gone: threading.Event) -> None:
    def put(entry: tuple[T | None, Exception | None]) -> None:
        while not gone.is_set():
            try:
                queue.put(entry, timeout=0.5)
                return
            except Full:
                continue

    try:
        for thing in things:
            put((thing, None))
            if gone.is_set():
                return
        put((None, None))
    except Exception as error:
        put((None, error))
