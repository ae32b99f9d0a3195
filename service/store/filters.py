"""What a queue shows, and in which order; the desk keeps all of it in the URL."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    RowMapping,
    and_,
    false,
    func,
    literal_column,
    or_,
    select,
    text,
    true,
)

from model.scores import ATTRIBUTES
from service.policy import BELOW
from service.store.records import State
from service.store.tables import comment
from service.store.viewers import Viewer

LONGEST_SEARCH = 200  # characters
MOST_WORDS = 10
SORTS = ("urgency", "newest", "oldest", *ATTRIBUTES)


class Queue(StrEnum):
    """The lists that a moderator works in; `all` has what no threshold stopped as well."""

    WAITING = "waiting"
    DEFERRED = "deferred"
    APPROVED = "approved"
    REJECTED = "rejected"
    ALL = "all"


@dataclass(frozen=True, slots=True)
class Range:
    """Scores of one attribute from `low` to `high`, both included."""

    attribute: str
    low: float = 0.0
    high: float = 1.0

    def condition(self) -> ColumnElement[bool]:
        return comment.c[self.attribute].between(self.low, self.high)


@dataclass(frozen=True, slots=True)
class Filter:
    """One view of the comments; everything but the queue and the order narrows it."""

    queue: Queue = Queue.WAITING
    sort: str = "urgency"
    site: str = ""
    section: str = ""
    article: int | None = None
    by: int | None = None  # a comment: only those of its author
    search: str = ""
    ranges: tuple[Range, ...] = ()

    def narrowing(self, dialect: str, viewer: Viewer) -> list[ColumnElement[bool]]:
        """The conditions of everything but the queue, and of the sections that the viewer reaches."""
        wanted: list[ColumnElement[bool]] = [viewer.scope(), *(one.condition() for one in self.ranges)]
        if self.site:
            wanted.append(comment.c.site == self.site)
        if self.section:
            wanted.append(comment.c.section == self.section)
        if self.article is not None:
            wanted.append(comment.c.article_id == self.article)
        if self.by is not None:
            wanted.append(_by_author_of(self.by, viewer))
        if self.search:
            wanted.append(_search(self.search, dialect))
        return wanted

    @property
    def order(self) -> tuple[Column[Any], bool]:
        """The column to sort by, and whether the largest comes first."""
        if self.sort in ("newest", "oldest"):
            return comment.c.received_at, self.sort == "newest"
        if self.sort in ATTRIBUTES:
            return comment.c[self.sort], self.sort not in BELOW
        return comment.c.urgency, True


def in_queue(queue: Queue, viewer: Viewer) -> ColumnElement[bool]:
    """The condition of a queue, without the second opinions that a moderator also gets."""
    if queue is Queue.ALL:
        return comment.c.state != State.GONE
    here = comment.c.state == State(queue.value)
    return and_(here, told_to(viewer)) if queue in (Queue.APPROVED, Queue.REJECTED) else here


def second_for(viewer: Viewer) -> ColumnElement[bool]:
    """Comments that another moderator has decided and that this one should judge as well, without knowing."""
    if not viewer.decides:
        return false()
    return and_(comment.c.second_after.is_not(None), comment.c.second_after != viewer.name)


def parts_of(queue: Queue, viewer: Viewer) -> list[ColumnElement[bool]]:
    """Conditions that are together what a queue holds for a viewer, none twice, and each read from its own index.

    To a moderator, comments that they should judge as well wait among the rest, wherever what waits is shown.
    """
    first = in_queue(queue, viewer)
    if queue is not Queue.WAITING or not viewer.decides:
        return [first]
    return [first, and_(second_for(viewer), comment.c.state != State.WAITING)]


def told_to(viewer: Viewer) -> ColumnElement[bool]:
    """Comments whose first decision this viewer may know: not those that they should judge as well, without knowing."""
    if not viewer.decides:
        return true()
    return or_(comment.c.second_after.is_(None), comment.c.second_after == viewer.name)


def gives_second(row: RowMapping, viewer: Viewer) -> bool:
    """Whether this row is one that the viewer should judge as well, without knowing."""
    return viewer.decides and row["second_after"] not in (None, viewer.name)


def _by_author_of(comment_id: int, viewer: Viewer) -> ColumnElement[bool]:
    """The author is named by one of their comments: names are no keys, and the digest says nothing in a URL."""
    named = comment.alias("named")
    query = select(named.c.author_key).where(named.c.id == comment_id)
    if viewer.sections:
        query = query.where(named.c.section.in_(viewer.sections))
    return comment.c.author_key == query.scalar_subquery()


def _search(words: str, dialect: str) -> ColumnElement[bool]:
    """Every word must occur, the last one as a beginning; a search without a letter finds nothing."""
    found = re.findall(r"\w+", words[:LONGEST_SEARCH])[:MOST_WORDS]
    if not found:
        return false()
    if dialect == "sqlite":
        query = " ".join(f'"{word}"' for word in found) + "*"
        matches = text("select rowid from comment_search where comment_search match :words").bindparams(words=query)
        return comment.c.id.in_(matches.columns(literal_column("rowid")).subquery().select())
    query = " & ".join(f"'{word}'" for word in found) + ":*"
    document: ColumnElement[Any] = literal_column(
        "to_tsvector('simple', left(comment.text, 100000) || ' ' || coalesce(left(comment.author, 1000), ''))"
    )
    return document.op("@@")(func.to_tsquery("simple", query))
