"""Judging anew, under a saved policy, what nobody has decided yet: stored scores are read, nothing is scored again.

What waits and crosses no threshold any more leaves the queue as published; what was published within the last week
and crosses one now enters it. What a moderator approved, rejected or deferred stays as it is, and so does what a
word list found. The work goes on in batches of one transaction each, so that moderators decide in between, and
`policy_version.judged_to` moves with every batch: a process that dies leaves the rest to the next one.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, bindparam, select, update

from model.scores import ATTRIBUTES, CommentScores
from service.policy import Policy, Reason, Recommendation, recommend
from service.store import audit, webhooks
from service.store.database import Database
from service.store.discussions import reason_json
from service.store.policies import governed
from service.store.records import State
from service.store.simulation import still_fresh
from service.store.tables import comment, policy_version

BATCH = 500  # comments per transaction: about a fifth of a second
COLUMNS = ("id", "article_id", "external_id", "site", "state", "reasons", "urgency", "model_version", *ATTRIBUTES)


def rejudge_next(database: Database) -> bool:
    """Judge one batch under the oldest policy that is not done; False when there is nothing to do."""
    with database.write() as connection:
        query = select(policy_version).where(policy_version.c.judged_to.is_not(None)).order_by(policy_version.c.id)
        job = connection.execute(query.limit(1).with_for_update(skip_locked=True)).mappings().first()
        if job is None:
            return False
        rows = _batch(connection, job, database.now())
        _judge(connection, database.now(), job, rows)
        done = update(policy_version).where(policy_version.c.id == job["id"])
        connection.execute(done.values(judged_to=rows[-1]["id"] if len(rows) == BATCH else None))
    return True


def _batch(connection: Connection, job: RowMapping, now: datetime) -> Sequence[RowMapping]:
    """The next comments that the policy governs and nobody has decided, locked in the order of their ids."""
    query = select(*(comment.c[name] for name in COLUMNS)).where(
        comment.c.id > job["judged_to"], still_fresh(now), governed(connection, job["site"], job["section"])
    )
    return connection.execute(query.order_by(comment.c.id).limit(BATCH).with_for_update()).mappings().all()


def _judge(connection: Connection, at: datetime, job: RowMapping, rows: Sequence[RowMapping]) -> None:
    policy = Policy(job["thresholds"])
    judged = [_judged(row, policy) for row in rows]
    changed = [(row, new) for row, new in zip(rows, judged, strict=True) if _differs(row, new)]
    moved = [(row, new) for row, new in changed if new["new_state"] != row["state"]]
    if changed:
        connection.execute(_JUDGED, [new for _, new in changed])
    if not moved:
        return
    connection.execute(_MOVED, [{"row_id": new["row_id"]} for _, new in moved])
    ids = {state: [row["id"] for row, new in moved if new["new_state"] == state] for state in State}
    detail = {"entered": ids[State.WAITING], "left": ids[State.PUBLISHED]}
    audit.record(
        connection, at, actor=job["moderator"], action="judge anew", subject=f"policy {job['id']}", detail=detail
    )
    webhooks.announce_judged(connection, at, job["id"], [dict(row) | new for row, new in moved])


def _judged(row: RowMapping, policy: Policy) -> dict[str, Any]:
    """What the policy makes of a comment's stored scores and of what the word lists found in it."""
    found = [Reason(**reason) for reason in row["reasons"] if reason.get("detail") is not None]
    verdict = recommend(CommentScores({name: row[name] for name in ATTRIBUTES}), policy, found)
    review = verdict.recommendation is Recommendation.REVIEW
    return {
        "row_id": row["id"],
        "new_state": State.WAITING if review else State.PUBLISHED,
        "new_reasons": [reason_json(reason) for reason in verdict.reasons],
        "new_recommendation": verdict.recommendation.value,
        "new_urgency": verdict.urgency,
    }


def _differs(row: RowMapping, new: dict[str, Any]) -> bool:
    return bool(row["state"] != new["new_state"] or row["reasons"] != new["new_reasons"])


_ROW = update(comment).where(comment.c.id == bindparam("row_id"))
_JUDGED = _ROW.values(
    state=bindparam("new_state"),
    reasons=bindparam("new_reasons"),
    recommendation=bindparam("new_recommendation"),
    urgency=bindparam("new_urgency"),
)
# Only what moves gets a new version: a moderator who reads a comment that stays may decide it as they see it.
_MOVED = _ROW.values(version=comment.c.version + 1, claimed_by=None, claimed_at=None)
