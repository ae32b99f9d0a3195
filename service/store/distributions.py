"""Scores as distributions: what waits, counted by one attribute or by two, and the comments of a range."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Integer, case, cast, func, select

from service.store.database import Database
from service.store.decisions import MOST_AT_ONCE, Judgement, Outcome, Target
from service.store.filters import Filter, parts_of
from service.store.queue import CLAIM
from service.store.tables import comment, decision
from service.store.viewers import Viewer

COLUMNS = 40  # of the histogram: steps of .025
CELLS = 20  # of the scatter, each way: steps of .05


def histogram(database: Database, attribute: str, wanted: Filter, viewer: Viewer) -> list[int]:
    """How many comments of a queue lie in each of `COLUMNS` steps of a score."""
    bucket = _bucket(database, attribute, COLUMNS)
    query = select(bucket, func.count()).where(comment.c[attribute].is_not(None)).group_by(bucket)
    counts = [0] * COLUMNS
    for number, count in _read(database, query, wanted, viewer):
        counts[number] += count
    return counts


def grid(database: Database, across: str, up: str, wanted: Filter, viewer: Viewer) -> dict[tuple[int, int], int]:
    """How many comments of a queue lie in each cell of two scores; empty cells are left out."""
    first, second = _bucket(database, across, CELLS), _bucket(database, up, CELLS)
    query = select(first, second, func.count()).where(comment.c[across].is_not(None), comment.c[up].is_not(None))
    counts: Counter[tuple[int, int]] = Counter()
    for column, row, count in _read(database, query.group_by(first, second), wanted, viewer):
        counts[column, row] += count
    return counts


@dataclass(frozen=True, slots=True)
class RangePreview:
    """What a decision on a range would do: how many comments, which sections, and how many others look at."""

    seen: tuple[tuple[int, int], ...]  # comment and version, in the order of the ids
    sections: tuple[tuple[str, int], ...]
    articles: int
    claimed: int
    seal: str  # of exactly these comments in exactly these versions

    @property
    def targets(self) -> list[Target]:
        return [Target(*pair) for pair in self.seen]

    @property
    def too_many(self) -> bool:
        return len(self.seen) > MOST_AT_ONCE


def preview(database: Database, wanted: Filter, viewer: Viewer) -> RangePreview:
    """Read the comments of a range as they are now; more than can be decided at once are cut off behind the limit."""
    by_others = (comment.c.claimed_by != viewer.name) & (comment.c.claimed_at >= database.now() - CLAIM)
    columns = (comment.c.id, comment.c.version, comment.c.section, comment.c.article_id, case((by_others, 1), else_=0))
    query = select(*columns).order_by(comment.c.id).limit(MOST_AT_ONCE + 1)
    rows = sorted(map(tuple, _read(database, query, wanted, viewer)))[: MOST_AT_ONCE + 1]
    ids, versions, sections, articles, claimed = zip(*rows, strict=True) if rows else ((),) * 5
    seen = tuple(zip(ids, versions, strict=True))
    return RangePreview(seen, tuple(Counter(sections).most_common()), len(set(articles)), sum(claimed), _seal(seen))


def decided_before(database: Database, viewer: Viewer, judgement: Judgement, seal: str) -> Outcome | None:
    """The viewer's last act, where it is this judgement on exactly what was sealed: only its answer was lost."""
    said = (judgement.resolution, judgement.reason, judgement.words)
    standing = select(decision).where(decision.c.moderator == viewer.name, decision.c.undone_at.is_(None))
    with database.read() as connection:
        last = connection.execute(standing.order_by(decision.c.id.desc()).limit(1)).mappings().first()
        if last is None or (last["resolution"], last["reason"], last["explanation"]) != said:
            return None
        act = decision.c.id == last["id"] if last["batch"] is None else decision.c.batch == last["batch"]
        made = connection.execute(standing.where(act).order_by(decision.c.comment_id)).all()
    same = _seal(tuple((one.comment_id, one.version) for one in made)) == seal
    return Outcome(tuple(one.comment_id for one in made), (), tuple(one.id for one in made)) if same else None


def count_of(database: Database, wanted: Filter, viewer: Viewer) -> int:
    """How many comments a filter leaves."""
    return sum(row[0] for row in _read(database, select(func.count()), wanted, viewer))


def _seal(seen: Sequence[tuple[int, int]]) -> str:
    """A digest of comments and versions: what was previewed is what is decided, or nothing is."""
    return hashlib.sha256(repr(seen).encode()).hexdigest()


def _read(database: Database, query: Any, wanted: Filter, viewer: Viewer) -> list[Any]:
    """The rows of a query on the comments that a filter leaves, those of each part of the queue after the other."""
    narrowed = query.where(*wanted.narrowing(database.engine.dialect.name, viewer))
    with database.read() as connection:
        return [
            row for part in parts_of(wanted.queue, viewer) for row in connection.execute(narrowed.where(part)).all()
        ]


def _bucket(database: Database, attribute: str, steps: int) -> ColumnElement[int]:
    """The step of a score; the last step includes 1. SQLite's cast cuts, PostgreSQL's rounds."""
    scaled: ColumnElement[Any] = comment.c[attribute] * steps
    whole = cast(scaled if database.is_sqlite else func.floor(scaled), Integer)
    return case((whole >= steps, steps - 1), else_=whole)
