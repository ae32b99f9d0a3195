"""What policies would have done: counted over the stored comments and what moderators decided on them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Row, case, func, or_, select

from service.policy import BELOW
from service.store.database import Database
from service.store.policies import governed
from service.store.records import State
from service.store.tables import comment
from service.store.viewers import Viewer

# How old a published comment may be for a new policy to send it to review: a week, in which most discussions end.
REACH = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Simulation:
    """Numbers of comments; moderators' decisions count as the truth, deferred and undecided ones as unknown."""

    comments: int
    reviewed: int  # would go to review
    approved: int  # of those that moderators approved, would go to review
    rejected: int  # of those that moderators rejected, would go to review
    all_approved: int
    all_rejected: int
    entering: int  # published within `REACH`, would be sent to review when what is stored is judged anew
    leaving: int  # waiting, would not have been sent to review

    @property
    def precision(self) -> float | None:
        """Of the decided comments that would go to review, the share that moderators rejected."""
        decided = self.approved + self.rejected
        return self.rejected / decided if decided else None

    @property
    def recall(self) -> float | None:
        """Of the comments that moderators rejected, the share that would go to review."""
        return self.rejected / self.all_rejected if self.all_rejected else None

    @property
    def missed(self) -> int:
        return self.all_rejected - self.rejected

    @property
    def share(self) -> float | None:
        return self.reviewed / self.comments if self.comments else None


def simulate(
    database: Database, tried: Sequence[Mapping[str, float]], viewer: Viewer, *, site: str = "", section: str = ""
) -> list[Simulation]:
    """Apply each of several policies to the stored comments that a policy of this scope governs, in one reading.

    What a word list sent to review stays there.
    """
    fresh = comment.c.received_at >= database.now() - REACH
    hits = [case((crossed(thresholds), 1), else_=0) for thresholds in tried]
    columns = [part for hit in hits for part in (func.sum(hit), func.sum(case((fresh, hit), else_=0)))]
    query = select(comment.c.state, func.count(), *columns).where(comment.c.state != State.GONE, viewer.scope())
    with database.read() as connection:
        found = connection.execute(query.where(governed(connection, site, section)).group_by(comment.c.state)).all()
    rows = {State(row[0]): row for row in found}
    return [_simulation(rows, 2 + 2 * number) for number in range(len(tried))]


def _simulation(rows: Mapping[State, Row[tuple[object, ...]]], place: int) -> Simulation:
    """One policy's numbers from the rows per state: the hits stand at `place`, those on fresh comments behind."""

    def number(state: State, column: int) -> int:
        return int(rows[state][column]) if state in rows else 0  # type: ignore[call-overload]

    return Simulation(
        comments=sum(number(state, 1) for state in rows),
        reviewed=sum(number(state, place) for state in rows),
        approved=number(State.APPROVED, place),
        rejected=number(State.REJECTED, place),
        all_approved=number(State.APPROVED, 1),
        all_rejected=number(State.REJECTED, 1),
        entering=number(State.PUBLISHED, place + 1),
        leaving=number(State.WAITING, 1) - number(State.WAITING, place),
    )


def crossed(thresholds: Mapping[str, float]) -> ColumnElement[bool]:
    """The condition of `service.policy.recommend`, in SQL; a missing score crosses nothing."""
    crossings = [
        comment.c[name] <= limit if name in BELOW else comment.c[name] >= limit for name, limit in thresholds.items()
    ]
    return or_(comment.c.listed, *crossings)


def still_fresh(now: datetime) -> ColumnElement[bool]:
    """The condition of the comments that judging anew reaches: all that wait, and what was published lately."""
    published = (comment.c.state == State.PUBLISHED) & (comment.c.received_at >= now - REACH)
    return or_(comment.c.state == State.WAITING, published)
