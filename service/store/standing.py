"""Which decision stands on a comment, and what somebody finds who comes after it."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, RowMapping, select

from service.store.records import Resolution, State
from service.store.tables import decision

STATE_AFTER = {
    Resolution.APPROVE: State.APPROVED,
    Resolution.REJECT: State.REJECTED,
    Resolution.DEFER: State.DEFERRED,
}


@dataclass(frozen=True, slots=True)
class Clash:
    """A comment that changed in between: where it is now, and who decided it for which reason."""

    comment_id: int
    state: State
    moderator: str | None
    version: int
    reason: str | None = None
    erased: bool = False  # here, and not deleted on the platform


def latest(connection: Connection, comment_id: int, *, second: bool) -> RowMapping | None:
    """The newest decision on a comment that nobody took back: of the first ones, or of the second opinions."""
    query = select(decision).where(decision.c.comment_id == comment_id, decision.c.second == second)
    query = query.where(decision.c.undone_at.is_(None)).order_by(decision.c.id.desc()).limit(1)
    return connection.execute(query).mappings().first()


def stands(connection: Connection, row: RowMapping, one: RowMapping) -> bool:
    """Whether a comment is where this decision put it; a second opinion in between moves nothing."""
    last = latest(connection, row["id"], second=one["second"])
    same = last is not None and last["id"] == one["id"] and row["revision"] == one["revision"]
    moved = one["second"] or row["state"] == STATE_AFTER[Resolution(one["resolution"])]
    return bool(same and moved and row["state"] != State.GONE)


def clash_of(connection: Connection, row: RowMapping) -> Clash:
    """Who was faster on this comment, as far as a decision tells."""
    decided = row["state"] in STATE_AFTER.values()
    last = latest(connection, row["id"], second=False) if decided else None
    moderator, reason = (None, None) if last is None else (last["moderator"], last["reason"])
    return Clash(row["id"], State(row["state"]), moderator, row["version"], reason, row["erased_at"] is not None)
