"""Taking decisions back: the comment returns to where it was, and both the decision and its undoing stay on record."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, RowMapping, Select, select, update

from service.store import audit, webhooks
from service.store.cards import decision_record
from service.store.database import Database
from service.store.decisions import Outcome, locked_rows
from service.store.errors import Refused
from service.store.records import Decision
from service.store.standing import Clash, clash_of, latest, stands
from service.store.tables import comment, decision
from service.store.viewers import Viewer


def undo_last(database: Database, viewer: Viewer) -> Outcome:
    """Take back this moderator's newest decision, the whole batch if it was one."""
    return _undo_batch(database, viewer, _own(viewer).where(decision.c.undone_at.is_(None)))


def undo_batch(database: Database, viewer: Viewer, decision_id: int) -> Outcome:
    """Take back one decision of this moderator, the whole batch if it belongs to one."""
    return _undo_batch(database, viewer, _own(viewer).where(decision.c.id == decision_id))


def undo_comment(database: Database, viewer: Viewer, comment_id: int, decision_id: int) -> Outcome:
    """Take back one decision of this moderator on one comment; an admin may take back anybody's."""
    query = _within_reach(viewer).where(decision.c.id == decision_id, decision.c.comment_id == comment_id)
    with database.write() as connection:
        made = connection.execute(query).mappings().first()
        if made is None:
            raise Refused("There is no decision of yours on this comment to undo.")
        return _undo(connection, database, viewer, [made])


def undoable(database: Database, viewer: Viewer, comment_id: int, *, own: bool = False) -> Decision | None:
    """The newest decision on a comment that this viewer may take back, or made; None when another one stands in its
    place.
    """
    if not viewer.decides:
        return None
    reach = _own(viewer) if own else _within_reach(viewer)
    query = reach.where(decision.c.comment_id == comment_id, decision.c.undone_at.is_(None))
    with database.read() as connection:
        row = connection.execute(select(comment).where(comment.c.id == comment_id)).mappings().one()
        made = connection.execute(query.order_by(decision.c.id.desc()).limit(1)).mappings().first()
        return decision_record(made) if made is not None and stands(connection, row, made) else None


def is_undoable(database: Database, viewer: Viewer, decision_id: int) -> bool:
    """Whether a decision is this viewer's own and was not taken back yet."""
    if not viewer.decides:
        return False
    query = _own(viewer).where(decision.c.id == decision_id, decision.c.undone_at.is_(None))
    with database.read() as connection:
        return connection.execute(query).first() is not None


def _own(viewer: Viewer) -> Select[Any]:
    if not viewer.decides:
        raise Refused("This account may read, not decide.")
    return select(decision).where(decision.c.moderator == viewer.name)


def _within_reach(viewer: Viewer) -> Select[Any]:
    return select(decision) if viewer.rules else _own(viewer)


def _undo_batch(database: Database, viewer: Viewer, query: Select[Any]) -> Outcome:
    """Undo the newest decision of a query, with what else was decided in the same act."""
    with database.write() as connection:
        named = connection.execute(query.order_by(decision.c.id.desc()).limit(1)).mappings().first()
        if named is None:
            raise Refused("There is no decision of yours to undo.")
        return _undo(connection, database, viewer, _batch(connection, named, viewer))


def _batch(connection: Connection, named: RowMapping, viewer: Viewer) -> Sequence[RowMapping]:
    """What still stands of a batch, or all of it when the named decision was taken back already."""
    if named["batch"] is None:
        return [named]
    query = _own(viewer).where(decision.c.batch == named["batch"])
    query = query if named["undone_at"] is not None else query.where(decision.c.undone_at.is_(None))
    return connection.execute(query).mappings().all()


def _undo(connection: Connection, database: Database, viewer: Viewer, made: Sequence[RowMapping]) -> Outcome:
    """Undo what still stands as it was decided; a comment that somebody changed since is left alone."""
    rows = locked_rows(connection, [one["comment_id"] for one in made], viewer)
    clashes: list[Clash] = []
    undone: list[RowMapping] = []
    for one in made:
        row = rows[one["comment_id"]]
        if stands(connection, row, one):
            connection.execute(update(comment).where(comment.c.id == row["id"]).values(**_before(connection, one)))
            undone.append(one)
        elif not _was_undone(connection, one):
            clashes.append(clash_of(connection, row))
    _mark(connection, database.now(), viewer, undone)
    left = {clash.comment_id for clash in clashes}
    return Outcome(tuple(one["comment_id"] for one in made if one["comment_id"] not in left), tuple(clashes))


def _was_undone(connection: Connection, one: RowMapping) -> bool:
    """Whether a decision was taken back and nothing was decided since: the first answer was lost, not the undoing."""
    last = latest(connection, one["comment_id"], second=one["second"])
    return last is None or last["id"] < one["id"]


def _before(connection: Connection, one: RowMapping) -> dict[str, Any]:
    """The columns as they were: an undone second opinion waits for a second moderator again."""
    values: dict[str, Any] = {"version": comment.c.version + 1, "claimed_by": None, "claimed_at": None}
    if not one["second"]:
        return {**values, "state": one["state_before"], "decided_at": None, "second_after": None}
    first = latest(connection, one["comment_id"], second=False)
    return {**values, "second_after": None if first is None else first["moderator"]}


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
