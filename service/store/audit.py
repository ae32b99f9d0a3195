"""The audit log: append-only by trigger, and a chain of digests, so that a gap or a change shows.

No entry holds comment text or an author's name: they outlive the erasure of both.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Integer,
    RowMapping,
    Select,
    and_,
    case,
    cast,
    exists,
    func,
    insert,
    or_,
    select,
    text,
)

from service.store.database import Database
from service.store.tables import audit, comment
from service.store.viewers import Viewer

_LOCK = 7_265_002  # on PostgreSQL entries are appended one at a time, or the chain would fork
PAGE = 1000


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the log."""

    id: int
    at: datetime
    actor: str
    action: str
    subject: str
    detail: Mapping[str, Any]
    previous: str
    digest: str


def record(
    connection: Connection, at: datetime, *, actor: str, action: str, subject: str, detail: Mapping[str, Any]
) -> None:
    """Append one entry inside the transaction of what it tells about: both happen or neither does."""
    record_all(connection, at, actor=actor, action=action, entries=[(subject, detail)])


def record_all(
    connection: Connection, at: datetime, *, actor: str, action: str, entries: Sequence[tuple[str, Mapping[str, Any]]]
) -> None:
    """Append one entry per (subject, detail), as a bulk decision does."""
    if not entries:
        return
    if connection.dialect.name == "postgresql":
        connection.execute(text("select pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
    last = connection.execute(select(audit.c.id, audit.c.digest).order_by(audit.c.id.desc()).limit(1)).first()
    number, previous = (last.id, last.digest) if last else (0, "")
    rows = []
    for subject, detail in entries:
        number += 1
        row = {"id": number, "at": at, "actor": actor, "action": action, "subject": subject, "detail": dict(detail)}
        row |= {"previous": previous, "digest": _digest(row, previous)}
        previous = str(row["digest"])
        rows.append(row)
    connection.execute(insert(audit), rows)


def entries(
    database: Database,
    viewer: Viewer | None = None,
    *,
    before: int | None = None,
    action: str | None = None,
    limit: int = 100,
) -> list[Entry]:
    """The newest entries first, from before an id on, of one action and as a viewer may know them where given."""
    query = select(audit).order_by(audit.c.id.desc()).limit(limit)
    if before is not None:
        query = query.where(audit.c.id < before)
    if action:
        query = query.where(audit.c.action == action)
    with database.read() as connection:
        return _read(connection, query, viewer)


def every_entry(database: Database, viewer: Viewer | None = None) -> Iterator[Entry]:
    """The whole log, or what a viewer may know of it, oldest first, a page at a time."""
    after = 0
    while True:
        query = select(audit).where(audit.c.id > after).order_by(audit.c.id).limit(PAGE)
        with database.read() as connection:
            page = _read(connection, query, viewer)
        yield from page
        if len(page) < PAGE:
            return
        after = page[-1].id


def first_break(database: Database) -> int | None:
    """The id at which the chain of digests does not hold, or None when the log is whole."""
    previous = ""
    for number, entry in enumerate(every_entry(database), start=1):
        row = {name: getattr(entry, name) for name in ("id", "at", "actor", "action", "subject", "detail")}
        if entry.id != number or entry.previous != previous or entry.digest != _digest(row, previous):
            return entry.id
        previous = entry.digest
    return None


def _digest(row: Mapping[str, Any], previous: str) -> str:
    content = [row["id"], row["at"].isoformat(), row["actor"], row["action"], row["subject"], row["detail"], previous]
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def _read(connection: Connection, query: Select[Any], viewer: Viewer | None) -> list[Entry]:
    """The entries of a query, with nothing about comments outside the viewer's sections."""
    if viewer is None or not viewer.sections:
        return [_entry(row) for row in connection.execute(query).mappings()]
    found = [_entry(row) for row in connection.execute(query.where(_reached(viewer))).mappings()]
    return [_narrowed(connection, entry, viewer) if entry.action == "judge anew" else entry for entry in found]


def _reached(viewer: Viewer) -> ColumnElement[bool]:
    """Entries about comments that the viewer reaches, and about none; an erasure counts those of all sections."""
    number = case((audit.c.subject.like("comment %"), cast(func.substr(audit.c.subject, 9), Integer)))
    about_none = and_(number.is_(None), audit.c.subject != "comments")
    return or_(about_none, exists().where(comment.c.id == number, viewer.scope()))


def _narrowed(connection: Connection, entry: Entry, viewer: Viewer) -> Entry:
    """A new judgement with those of its comments that the viewer reaches."""
    named = [number for numbers in entry.detail.values() for number in numbers]
    query = select(comment.c.id).where(comment.c.id.in_(named), viewer.scope())
    reached = set(connection.execute(query).scalars())
    kept = {name: [number for number in numbers if number in reached] for name, numbers in entry.detail.items()}
    return replace(entry, detail=kept)


def _entry(row: RowMapping) -> Entry:
    return Entry(*(row[name] for name in Entry.__slots__))
