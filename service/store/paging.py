"""Queues a page at a time: by keyset, so that a page is exact whatever came and went above it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Column, ColumnElement, Row, Select, select, tuple_, union_all

from service.store.database import Database
from service.store.filters import Filter, parts_of
from service.store.tables import comment
from service.store.viewers import Viewer

Place = tuple[float | datetime | None, int]  # of a row in an order: what it is sorted by, None without one, and its id


def page_ids(database: Database, wanted: Filter, viewer: Viewer, after: str | None, limit: int) -> Select[Any]:
    """The query for the ids of one page, each with its `place` in the order; what has no score comes last."""
    column, descending = wanted.order
    return ids_in_order(database, wanted, viewer, wanted.order, _rest(column, descending, _read(after, column)), limit)


def ids_in_order(
    database: Database,
    wanted: Filter,
    viewer: Viewer,
    order: tuple[Column[Any], bool],
    stretches: Sequence[ColumnElement[bool]],
    limit: int,
) -> Select[Any]:
    """The first ids of some stretches of an order: each branch reads `limit` rows from an index, and sorts nothing."""
    column, descending = order
    narrowing = wanted.narrowing(database.engine.dialect.name, viewer)
    chosen = select(comment.c.id, column.label("place")).where(*narrowing).limit(limit)
    chosen = chosen.order_by(*_directed(column, comment.c.id, descending=descending))
    parts = [(part, stretch) for part in parts_of(wanted.queue, viewer) for stretch in stretches]
    both = union_all(*(select(chosen.where(*conditions).subquery()) for conditions in parts)).subquery()
    directed = _directed(both.c.place, both.c.id, descending=descending)
    return select(both).order_by(both.c.place.is_(None), *directed).limit(limit)


def _directed(*columns: ColumnElement[Any], descending: bool) -> list[ColumnElement[Any]]:
    return [column.desc() if descending else column.asc() for column in columns]


def _rest(column: Column[Any], descending: bool, last: Place | None) -> list[ColumnElement[bool]]:
    """What is left of an order behind one row: the rows with a score, then those without, for which ids decide."""
    without = [column.is_(None)] if column.nullable else []
    if last is None:
        return [column.is_not(None), *without]
    value, number = last
    if value is None:
        return [column.is_(None) & _behind(comment.c.id, number, descending)]
    return [_behind(tuple_(column, comment.c.id), tuple_(value, number), descending), *without]


def _behind(here: Any, there: Any, descending: bool) -> ColumnElement[bool]:
    found: ColumnElement[bool] = here < there if descending else here > there
    return found


def cursor(row: Row[Any]) -> str:
    """The place of a row of `page_ids`, as it stands in a URL."""
    value = row.place.isoformat() if isinstance(row.place, datetime) else "" if row.place is None else repr(row.place)
    return f"{value}~{row.id}"


def _read(after: str | None, column: Column[Any]) -> Place | None:
    """A cursor of the right kind, or None: a damaged one starts at the top instead of failing."""
    value, _, number = (after or "").partition("~")
    try:
        place = (None if value == "" and column.nullable else _value(value, column), int(number[:12]))
    except (ValueError, OverflowError):
        return None
    return place if place[1] < 2**31 else None


def _value(text: str, column: Column[Any]) -> float | datetime:
    """A score, or a moment in UTC; `ValueError` or `OverflowError` for anything else."""
    if column is comment.c.received_at:
        moment = datetime.fromisoformat(text)
        if moment.tzinfo is None:
            raise ValueError("A moment needs a time zone.")
        return moment.astimezone(UTC)
    score = float(text)
    if not abs(score) <= 1:  # nor is it, when it is not a number
        raise ValueError("A score lies between 0 and 1.")
    return score
