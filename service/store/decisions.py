"""Deciding and undoing: every decision names the version of the comment that the moderator saw.

A decision on a version that is gone is a conflict and writes nothing; the same decision, for the same reason and with
the same explanation, sent twice is done once.
One transaction holds the decision, the comment's new state, the audit entry and the messages to webhooks.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import Connection, RowMapping, bindparam, insert, select, update

from model.scores import ATTRIBUTES
from service.store import audit, webhooks
from service.store.database import Database
from service.store.errors import Refused, UnknownComment
from service.store.filters import gives_second
from service.store.reasons import REASONS
from service.store.records import Resolution, State
from service.store.standing import STATE_AFTER, Clash, clash_of, latest, stands
from service.store.tables import comment, decision
from service.store.viewers import Viewer

MOST_AT_ONCE = 10_000  # comments in one bulk decision
LONGEST_EXPLANATION = 2000  # characters
CHUNK = 500
KEPT = ("revision", "reasons", "recommendation", "model_version", "site", "section")


@dataclass(frozen=True, slots=True)
class Target:
    """A comment as the moderator saw it."""

    comment_id: int
    version: int


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a moderator decides, with the reason that a rejection needs."""

    resolution: Resolution
    reason: str | None = None
    explanation: str | None = None

    @property
    def words(self) -> str | None:
        """The explanation as it is kept."""
        return (self.explanation or "").strip() or None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one act did: the comments it decided or undid, and those it left alone; `decisions` can be undone."""

    done: tuple[int, ...]
    clashes: tuple[Clash, ...]
    decisions: tuple[int, ...] = ()


def decide(
    database: Database,
    viewer: Viewer,
    judgement: Judgement,
    targets: Sequence[Target],
    *,
    second_share: float = 0.0,
) -> Outcome:
    """Decide every target that still is as the moderator saw it; the others come back as clashes.

    `second_share` of the comments that wait also go to another moderator, who is not told.
    """
    _check(viewer, judgement, targets)
    with database.write() as connection:
        seen = {target.comment_id: target.version for target in targets}
        return _Act(connection, database.now(), viewer, judgement, seen, second_share).run()


def _check(viewer: Viewer, judgement: Judgement, targets: Sequence[Target]) -> None:
    if not viewer.decides:
        raise Refused("This account may read, not decide.")
    if not targets:
        raise Refused("Select at least one comment.")
    if len(targets) > MOST_AT_ONCE:
        raise Refused(f"At most {MOST_AT_ONCE} comments can be decided at once.")
    if judgement.resolution is Resolution.REJECT and judgement.reason not in REASONS:
        raise Refused("A rejection needs a reason from the list.")
    if len(judgement.explanation or "") > LONGEST_EXPLANATION:
        raise Refused(f"An explanation has at most {LONGEST_EXPLANATION} characters.")


def locked_rows(connection: Connection, ids: Sequence[int], viewer: Viewer) -> dict[int, RowMapping]:
    """The rows to change, locked in the order of their ids so that two bulk acts never wait for each other."""
    rows: dict[int, RowMapping] = {}
    ordered = sorted(ids)
    for start in range(0, len(ordered), CHUNK):
        part = comment.c.id.in_(ordered[start : start + CHUNK])
        query = select(comment).where(part, viewer.scope()).order_by(comment.c.id).with_for_update()
        rows |= {row["id"]: row for row in connection.execute(query).mappings()}
    if missing := set(ids) - rows.keys():
        raise UnknownComment(f"There is no comment {min(missing)} on this desk.")
    return rows


class _Act:
    """One judgement on its way into the tables."""

    def __init__(
        self,
        connection: Connection,
        at: datetime,
        viewer: Viewer,
        judgement: Judgement,
        seen: Mapping[int, int],
        second_share: float,
    ) -> None:
        self.connection, self.at, self.viewer, self.judgement = connection, at, viewer, judgement
        self.seen, self.second_share = seen, second_share  # comment -> the version that the moderator saw
        self.batch = uuid4().hex if len(seen) > 1 else None

    def run(self) -> Outcome:
        rows = locked_rows(self.connection, list(self.seen), self.viewer)
        current = [number for number, row in rows.items() if self._may_decide(row, self.seen[number])]
        stale = [rows[number] for number in rows if number not in set(current)]
        repeated = {row["id"]: made for row in stale if (made := self._made_before(row)) is not None}
        clashes = [clash_of(self.connection, row) for row in stale if row["id"] not in repeated]
        written = self._write([rows[number] for number in current])
        return Outcome((*current, *repeated), tuple(clashes), (*written, *repeated.values()))

    def _may_decide(self, row: RowMapping, version: int) -> bool:
        """Whether the comment is as it was seen, or so for all that a silent second opinion may know."""
        return row["state"] != State.GONE and (row["version"] == version or self._is_blind(row, version))

    def _is_blind(self, row: RowMapping, version: int) -> bool:
        """Whether all that came in between is the first decision on the same text, which this moderator did not see."""
        if not gives_second(row, self.viewer):
            return False
        query = select(decision).where(decision.c.comment_id == row["id"], decision.c.version == version)
        made = self.connection.execute(query).mappings().all()
        first = [one for one in made if one["moderator"] == row["second_after"] and one["undone_at"] is None]
        return len(made) == len(first) == 1 and first[0]["revision"] == row["revision"]

    def _made_before(self, row: RowMapping) -> int | None:
        """This very decision, if it is there already and stands: the first answer was lost, not the decision."""
        sent = {**self._judged(), "version": self.seen[row["id"]]}
        for second in (False, True):
            last = latest(self.connection, row["id"], second=second)
            same = last is not None and all(last[name] == value for name, value in sent.items())
            if last is not None and same and stands(self.connection, row, last):
                return int(last["id"])
        return None

    def _judged(self) -> dict[str, Any]:
        """What the moderator said, in the words of the table."""
        return {
            "resolution": self.judgement.resolution.value,
            "reason": self.judgement.reason,
            "explanation": self.judgement.words,
            "moderator": self.viewer.name,
        }

    def _write(self, rows: Sequence[RowMapping]) -> list[int]:
        """Return the ids of the decisions."""
        if not rows:
            return []
        decisions: list[dict[str, Any]] = []
        for start in range(0, len(rows), CHUNK):
            values = [self._decision(row) for row in rows[start : start + CHUNK]]
            written = self.connection.execute(insert(decision).returning(decision), values).mappings()
            decisions += [dict(row) for row in written]
        self.connection.execute(_MOVE, [self._move(row) for row in rows])
        audit.record_all(
            self.connection,
            self.at,
            actor=self.viewer.name,
            action=self.judgement.resolution.value,
            entries=[(f"comment {one['comment_id']}", _audited(one)) for one in decisions],
        )
        webhooks.announce(self.connection, self.at, decisions, "decided")
        return [one["id"] for one in decisions]

    def _decision(self, row: RowMapping) -> dict[str, Any]:
        return {
            **self._judged(),
            "comment_id": row["id"],
            "decided_at": self.at,
            "state_before": row["state"],
            "batch": self.batch,
            "second": gives_second(row, self.viewer),
            "scores": {attribute: row[attribute] for attribute in ATTRIBUTES},
            **{name: row[name] for name in KEPT},
            "version": self.seen[row["id"]],
        }

    def _move(self, row: RowMapping) -> dict[str, Any]:
        """The comment's new state; a second opinion leaves it where the first decision put it."""
        second = gives_second(row, self.viewer)
        after = row["state"] if second else STATE_AFTER[self.judgement.resolution]
        return {
            "row_id": row["id"],
            "new_state": after,
            "new_decided_at": row["decided_at"] if second else self.at,
            "new_second": self.viewer.name if not second and self._goes_twice(row) else None,
        }

    def _goes_twice(self, row: RowMapping) -> bool:
        """Chosen by a digest, so that nobody can tell which and a repeated run chooses the same."""
        if row["state"] not in (State.WAITING, State.DEFERRED) or self.judgement.resolution is Resolution.DEFER:
            return False
        if self.batch is not None:
            return False  # a bulk decision is no reading of each comment
        first_bytes = hashlib.sha256(f"{row['id']}/{row['revision']}".encode()).digest()[:4]
        return int.from_bytes(first_bytes) / 2**32 < self.second_share


_MOVE = (
    update(comment)
    .where(comment.c.id == bindparam("row_id"))
    .values(
        state=bindparam("new_state"),
        decided_at=bindparam("new_decided_at"),
        second_after=bindparam("new_second"),
        version=comment.c.version + 1,
        claimed_by=None,
        claimed_at=None,
    )
)


def _audited(row: Mapping[str, Any]) -> dict[str, Any]:
    """What the log keeps of a decision: everything but words that may be personal."""
    names = ("reason", "revision", "version", "state_before", "batch", "second", "model_version", "recommendation")
    return {"decision": row["id"], **{name: row[name] for name in names}, "rules": row["reasons"]}
