"""Scores as distributions: what waits, counted by one attribute or by two, and the comments of a range."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Integer, case, cast, func, select

from service.store.database import Database
from service.store.decisions import MOST_AT_ONCE, Target
from service.store.filters import Filter, in_queue
from service.store.queue import CLAIM
from service.store.tables import comment
from service.store.viewers import Viewer

COLUMNS = 40  # of the histogram: steps of .025
CELLS = 20  # of the scatter, each way: steps of .05


def histogram(database: Database, attribute: str, wanted: Filter, viewer: Viewer) -> list[int]:
    """How many comments of a queue lie in each of `COLUMNS` steps of a score."""
    bucket = _bucket(database, attribute, COLUMNS)
    query = _chosen(database, select(bucket, func.count()), wanted, viewer).where(comment.c[attribute].is_not(None))
    counts = [0] * COLUMNS
    with database.read() as connection:
        for number, count in connection.execute(query.group_by(bucket)):
            counts[number] = count
    return counts


def grid(database: Database, across: str, up: str, wanted: Filter, viewer: Viewer) -> dict[tuple[int, int], int]:
    """How many comments of a queue lie in each cell of two scores; empty cells are left out."""
    first, second = _bucket(database, across, CELLS), _bucket(database, up, CELLS)
    query = _chosen(database, select(first, second, func.count()), wanted, viewer)
    query = query.where(comment.c[across].is_not(None), comment.c[up].is_not(None))
    with database.read() as connection:
        return {(row[0], row[1]): row[2] for row in connection.execute(query.group_by(first, second))}


@dataclass(frozen=True, slots=True)
class RangePreview:
    """What a decision on a range would do: how many comments, which sections, and how many others look at."""

    targets: tuple[Target, ...]
    sections: tuple[tuple[str, int], ...]
    articles: int
    claimed: int
    seal: str  # of exactly these comments in exactly these versions

    @property
    def too_many(self) -> bool:
        return len(self.targets) > MOST_AT_ONCE


def preview(database: Database, wanted: Filter, viewer: Viewer) -> RangePreview:
    """Read the comments of a range as they are now; more than can be decided at once are cut off behind the limit."""
    columns = (comment.c.id, comment.c.version, comment.c.section, comment.c.article_id)
    others = case(
        ((comment.c.claimed_by != viewer.name) & (comment.c.claimed_at >= database.now() - CLAIM), 1), else_=0
    )
    query = _chosen(database, select(*columns, others.label("claimed")), wanted, viewer)
    with database.read() as connection:
        rows = connection.execute(query.order_by(comment.c.id).limit(MOST_AT_ONCE + 1)).all()
    sections: dict[str, int] = {}
    for row in rows:
        sections[row.section] = sections.get(row.section, 0) + 1
    targets = tuple(Target(row.id, row.version) for row in rows)
    by_size = sorted(sections.items(), key=lambda pair: -pair[1])
    return RangePreview(
        targets, tuple(by_size), len({row.article_id for row in rows}), sum(row.claimed for row in rows), seal(targets)
    )


def count_of(database: Database, wanted: Filter, viewer: Viewer) -> int:
    """How many comments a filter leaves."""
    with database.read() as connection:
        return int(connection.execute(_chosen(database, select(func.count()), wanted, viewer)).scalar_one())


def seal(targets: Sequence[Target]) -> str:
    """A digest of comments and versions: what was previewed is what is decided, or nothing is."""
    content = ",".join(f"{target.comment_id}:{target.version}" for target in targets)
    return hashlib.sha256(content.encode()).hexdigest()


def _chosen(database: Database, query: Any, wanted: Filter, viewer: Viewer) -> Any:
    narrowing = wanted.narrowing(database.engine.dialect.name)
    return query.where(in_queue(wanted.queue), viewer.scope(), *narrowing)


def _bucket(database: Database, attribute: str, steps: int) -> ColumnElement[int]:
    """The step of a score; the last step includes 1. SQLite's cast cuts, PostgreSQL's rounds."""
    scaled: ColumnElement[Any] = comment.c[attribute] * steps
    whole = cast(scaled if database.is_sqlite else func.floor(scaled), Integer)
    return case((whole >= steps, steps - 1), else_=whole)
