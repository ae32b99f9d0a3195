"""What a policy would have done: counted over the stored comments and what moderators decided on them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import ColumnElement, case, func, or_, select

from service.policy import BELOW
from service.store.database import Database
from service.store.records import State
from service.store.tables import comment
from service.store.viewers import Viewer


@dataclass(frozen=True, slots=True)
class Simulation:
    """Numbers of comments; moderators' decisions count as the truth, deferred and undecided ones as unknown."""

    comments: int
    reviewed: int  # would go to review
    approved: int  # of those that moderators approved, would go to review
    rejected: int  # of those that moderators rejected, would go to review
    all_approved: int
    all_rejected: int

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
    database: Database, thresholds: Mapping[str, float], viewer: Viewer, *, site: str = "", section: str = ""
) -> Simulation:
    """Apply thresholds to every stored comment of a scope; what a word list sent to review stays there."""
    conditions: list[ColumnElement[bool]] = [comment.c.state != State.GONE, viewer.scope()]
    if site:
        conditions.append(comment.c.site == site)
    if section:
        conditions.append(comment.c.section == section)
    hit = func.sum(case((_crossed(thresholds), 1), else_=0))
    query = select(comment.c.state, func.count(), hit).where(*conditions).group_by(comment.c.state)
    with database.read() as connection:
        rows = {row[0]: (int(row[1]), int(row[2])) for row in connection.execute(query)}
    approved, rejected = rows.get(State.APPROVED, (0, 0)), rows.get(State.REJECTED, (0, 0))
    return Simulation(
        comments=sum(total for total, _ in rows.values()),
        reviewed=sum(hits for _, hits in rows.values()),
        approved=approved[1],
        rejected=rejected[1],
        all_approved=approved[0],
        all_rejected=rejected[0],
    )


def _crossed(thresholds: Mapping[str, float]) -> ColumnElement[bool]:
    """The condition of `service.policy.recommend`, in SQL; a missing score crosses nothing."""
    crossings = [
        comment.c[name] <= limit if name in BELOW else comment.c[name] >= limit for name, limit in thresholds.items()
    ]
    return or_(comment.c.listed, *crossings)
