"""What the card of one comment shows around it: thread, decisions, notes, edits, and the author's record."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, case, func, insert, select

from service.store import audit
from service.store.database import Database
from service.store.discussions import article_record
from service.store.errors import Refused
from service.store.filters import gives_second, told_to
from service.store.queue import QueuedComment
from service.store.records import Decision, Note, Resolution, State
from service.store.tables import article, comment, decision, note, revision
from service.store.viewers import Viewer

MOST_ANCESTORS = 20
MOST_REPLIES = 30
MOST_DECISIONS = 20
LONGEST_NOTE = 2000  # characters


@dataclass(frozen=True, slots=True)
class ThreadComment:
    """A neighbour in the thread, as short as the card needs it."""

    id: int
    author: str | None
    published: str | None
    text: str
    spans: tuple[Mapping[str, Any], ...]
    state: State


@dataclass(frozen=True, slots=True)
class Edit:
    """An earlier text of a comment."""

    revision: int
    text: str
    replaced_at: datetime


@dataclass(frozen=True, slots=True)
class AuthorRecord:
    """What is known of an author on this site: how many comments in which state, and the latest decisions."""

    counts: dict[State, int]
    decisions: tuple[tuple[int, Decision], ...]


@dataclass(frozen=True, slots=True)
class Surroundings:
    """Everything around one comment."""

    paragraphs: tuple[str, ...]
    ancestors: tuple[ThreadComment, ...]  # the outermost first
    replies: tuple[ThreadComment, ...]
    decisions: tuple[Decision, ...]
    notes: tuple[Note, ...]
    edits: tuple[Edit, ...]
    author: AuthorRecord


def surroundings(database: Database, shown: QueuedComment, viewer: Viewer) -> Surroundings:
    """Read the card; somebody who gives a second opinion does not see the first."""
    with database.read() as connection:
        source = connection.execute(select(article).where(article.c.id == shown.article_id)).mappings().one()
        return Surroundings(
            article_record(source).paragraphs,
            _ancestors(connection, shown, viewer),
            _replies(connection, shown, viewer),
            () if shown.second else _decisions(connection, shown.id),
            _notes(connection, shown.id),
            _edits(connection, shown.id),
            _author(connection, shown, viewer),
        )


def parents(database: Database, page: tuple[QueuedComment, ...], viewer: Viewer) -> dict[int, ThreadComment]:
    """Comment -> the comment that it answers, for a whole page at once; not where the viewer does not reach that."""
    wanted = {(one.article_id, one.parent_id) for one in page if one.parent_id}
    if not wanted:
        return {}
    query = select(comment).where(
        comment.c.article_id.in_({number for number, _ in wanted}),
        comment.c.external_id.in_({name for _, name in wanted}),
        viewer.scope(),
    )
    with database.read() as connection:
        found = {(row["article_id"], row["external_id"]): row for row in connection.execute(query).mappings()}
    keys = {one.id: (one.article_id, one.parent_id or "") for one in page}
    return {number: _neighbour(found[key], viewer) for number, key in keys.items() if key in found}


@dataclass(frozen=True, slots=True)
class Record:
    """How many comments of an author a desk knows, and how many of them were rejected."""

    comments: int
    rejected: int


def records(database: Database, page: tuple[QueuedComment, ...], viewer: Viewer) -> dict[str, Record]:
    """Author key -> record within the viewer's sections, without first decisions that the viewer must not know."""
    keys = {one.author_key for one in page if one.author_key}
    counted = case((comment.c.state == State.REJECTED, 1), else_=0)
    query = select(comment.c.author_key, func.count(), func.sum(counted)).where(comment.c.author_key.in_(keys))
    query = query.where(viewer.scope(), told_to(viewer)).group_by(comment.c.author_key)
    with database.read() as connection:
        return {row[0]: Record(row[1], row[2]) for row in connection.execute(query)} if keys else {}


def add_note(database: Database, viewer: Viewer, comment_id: int, words: str) -> None:
    """Keep a remark for the other moderators; it never leaves the desk."""
    if not viewer.decides:
        raise Refused("This account may read, not write notes.")
    if not words.strip() or len(words) > LONGEST_NOTE:
        raise Refused(f"A note has 1 to {LONGEST_NOTE} characters.")
    at = database.now()
    with database.write() as connection:
        values = {"comment_id": comment_id, "moderator": viewer.name, "text": words.strip(), "written_at": at}
        connection.execute(insert(note).values(**values))
        audit.record(connection, at, actor=viewer.name, action="note", subject=f"comment {comment_id}", detail={})


def decision_record(row: RowMapping) -> Decision:
    """The stored row as a record."""
    made = {"resolution": Resolution(row["resolution"]), "reasons": tuple(row["reasons"])}
    return Decision(**{name: made.get(name, row[name]) for name in Decision.__slots__})


def _neighbour(row: RowMapping, viewer: Viewer) -> ThreadComment:
    state = State.WAITING if gives_second(row, viewer) else State(row["state"])
    return ThreadComment(row["id"], row["author"], row["published"], row["text"], tuple(row["spans"]), state)


def _ancestors(connection: Connection, shown: QueuedComment, viewer: Viewer) -> tuple[ThreadComment, ...]:
    """Up the thread; the end of the viewer's sections, and a circle, which broken exports contain, end it."""
    chain: list[ThreadComment] = []
    wanted, seen = shown.parent_id, {shown.external_id}
    while wanted and wanted not in seen and len(chain) < MOST_ANCESTORS:
        seen.add(wanted)
        query = select(comment).where(comment.c.article_id == shown.article_id, comment.c.external_id == wanted)
        row = connection.execute(query.where(viewer.scope())).mappings().first()
        if row is None:
            break
        chain.append(_neighbour(row, viewer))
        wanted = row["parent_id"]
    return tuple(reversed(chain))


def _replies(connection: Connection, shown: QueuedComment, viewer: Viewer) -> tuple[ThreadComment, ...]:
    query = select(comment).where(
        comment.c.article_id == shown.article_id, comment.c.parent_id == shown.external_id, comment.c.id != shown.id
    )
    rows = connection.execute(query.where(viewer.scope()).order_by(comment.c.position).limit(MOST_REPLIES)).mappings()
    return tuple(_neighbour(row, viewer) for row in rows)


def _decisions(connection: Connection, comment_id: int) -> tuple[Decision, ...]:
    query = select(decision).where(decision.c.comment_id == comment_id).order_by(decision.c.id.desc())
    return tuple(decision_record(row) for row in connection.execute(query.limit(MOST_DECISIONS)).mappings())


def _notes(connection: Connection, comment_id: int) -> tuple[Note, ...]:
    query = select(note).where(note.c.comment_id == comment_id).order_by(note.c.id)
    return tuple(Note(row.id, row.moderator, row.text, row.written_at) for row in connection.execute(query))


def _edits(connection: Connection, comment_id: int) -> tuple[Edit, ...]:
    query = select(revision).where(revision.c.comment_id == comment_id).order_by(revision.c.revision.desc())
    rows = connection.execute(query.limit(MOST_DECISIONS))
    return tuple(Edit(row.revision, row.text, row.replaced_at) for row in rows)


def _author(connection: Connection, shown: QueuedComment, viewer: Viewer) -> AuthorRecord:
    """The author's record within the viewer's sections, without this very comment."""
    if shown.author_key is None:
        return AuthorRecord({}, ())
    others = (comment.c.author_key == shown.author_key, comment.c.id != shown.id, viewer.scope(), told_to(viewer))
    states = connection.execute(select(comment.c.state, func.count()).where(*others).group_by(comment.c.state))
    query = select(decision).join(comment, comment.c.id == decision.c.comment_id).where(*others)
    query = query.where(decision.c.undone_at.is_(None), ~decision.c.second).order_by(decision.c.id.desc()).limit(5)
    rows = connection.execute(query).mappings()
    return AuthorRecord(
        {State(state): count for state, count in states},
        tuple((row["comment_id"], decision_record(row)) for row in rows),
    )
