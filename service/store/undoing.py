"""Taking decisions back: the comment returns to where it was, and both the decision and its undoing stay on record."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, RowMapping, Select, select, update

from service.store import audit, webhooks
from service.store.database import Database
from service.store.decisions import STATE_AFTER, Clash, Outcome, clash_of, locked_rows
from service.store.errors import Refused
from service.store.records import Resolution, State
from service.store.tables import comment, decision
from service.store.viewers import Viewer


def undo_last(database: Database, viewer: Viewer) -> Outcome:
    """Take back this moderator's newest decision, the whole batch if it was one."""
    query = _own(viewer).order_by(decision.c.id.desc()).limit(1)
    with database.write() as connection:
        last = connection.execute(query).mappings().first()
        if last is None:
            raise Refused("There is no decision of yours to undo.")
        return _undo(connection, database, viewer, _batch(connection, last, viewer))


def undo_comment(database: Database, viewer: Viewer, comment_id: int) -> Outcome:
    """Take back this moderator's newest decision on one comment; an admin may take back anybody's."""
    query = (_standing() if viewer.rules else _own(viewer)).where(decision.c.comment_id == comment_id)
    with database.write() as connection:
        last = connection.execute(query.order_by(decision.c.id.desc()).limit(1)).mappings().first()
        if last is None:
            raise Refused("There is no decision of yours on this comment to undo.")
        return _undo(connection, database, viewer, [last])


def _standing() -> Select[Any]:
    return select(decision).where(decision.c.undone_at.is_(None))


def _own(viewer: Viewer) -> Select[Any]:
    if not viewer.decides:
        raise Refused("This account may read, not decide.")
    return _standing().where(decision.c.moderator == viewer.name)


def _batch(connection: Connection, last: RowMapping, viewer: Viewer) -> Sequence[RowMapping]:
    if last["batch"] is None:
        return [last]
    return connection.execute(_own(viewer).where(decision.c.batch == last["batch"])).mappings().all()


def _undo(connection: Connection, database: Database, viewer: Viewer, made: Sequence[RowMapping]) -> Outcome:
    """Undo what still stands as it was decided; a comment that somebody changed since is left alone."""
    at = database.now()
    rows = locked_rows(connection, [one["comment_id"] for one in made], viewer)
    clashes: list[Clash] = []
    undone: list[RowMapping] = []
    for one in made:
        row = rows[one["comment_id"]]
        if not _stands(connection, row, one):
            clashes.append(clash_of(connection, row))
            continue
        connection.execute(update(comment).where(comment.c.id == row["id"]).values(**_before(connection, one)))
        undone.append(one)
    _mark(connection, at, viewer, undone)
    return Outcome(tuple(one["comment_id"] for one in undone), tuple(clashes))


def _stands(connection: Connection, row: RowMapping, one: RowMapping) -> bool:
    """Whether the comment is where this decision put it; a second opinion in between moves nothing."""
    query = _standing().where(decision.c.comment_id == row["id"], decision.c.second == one["second"])
    latest = connection.execute(query.order_by(decision.c.id.desc()).limit(1)).mappings().one()
    same = latest["id"] == one["id"] and row["revision"] == one["revision"] and row["state"] != State.GONE
    return bool(same and (one["second"] or row["state"] == STATE_AFTER[Resolution(one["resolution"])]))


def _before(connection: Connection, one: RowMapping) -> dict[str, Any]:
    """The columns as they were: an undone second opinion waits for a second moderator again."""
    values: dict[str, Any] = {"version": comment.c.version + 1, "claimed_by": None, "claimed_at": None}
    if not one["second"]:
        return {**values, "state": one["state_before"], "decided_at": None, "second_after": None}
    first = _standing().where(decision.c.comment_id == one["comment_id"], ~decision.c.second)
    found = connection.execute(first.order_by(decision.c.id.desc()).limit(1)).mappings().first()
    return {**values, "second_after": None if found is None else found["moderator"]}


def _mark(connection: Connection, at: Any, viewer: Viewer, undone: Sequence[RowMapping]) -> None:
    ids = [one["id"] for one in undone]
    for start in range(0, len(ids), 500):
        part = update(decision).where(decision.c.id.in_(ids[start : start + 500]))
        connection.execute(part.values(undone_at=at, undone_by=viewer.name))
    entries = [
        (f"comment {one['comment_id']}", {"decision": one["id"], "resolution": one["resolution"]}) for one in undone
    ]
    audit.record_all(connection, at, actor=viewer.name, action="undo", entries=entries)
    webhooks.announce(connection, at, [dict(one) for one in undone], "undone")
