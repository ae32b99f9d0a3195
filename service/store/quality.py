"""What is read to judge the judging: double decisions, decisions against the model, scores then and now."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Column, ColumnElement, Row, Select, select

from model.scores import ATTRIBUTES
from service.store.database import Database
from service.store.records import Resolution
from service.store.tables import comment, decision
from service.store.viewers import Viewer

MOST = 10_000  # of the newest decisions; a newsroom's half year
MOST_SCORES = 2_000  # per period: the error of a mean is then .007 at most, and the page stays fast
FINAL = (Resolution.APPROVE.value, Resolution.REJECT.value)


@dataclass(frozen=True, slots=True)
class Pair:
    """One comment that two moderators decided without knowing of each other."""

    first: str
    second: str
    first_resolution: str
    second_resolution: str
    attribute: str  # of the strongest reason, or ""
    decided_at: datetime


@dataclass(frozen=True, slots=True)
class Outcome:
    """One decision on a comment that the machine sent to review."""

    decided_at: datetime
    attribute: str
    rejected: bool
    model_version: str


def double_decisions(database: Database, viewer: Viewer) -> list[Pair]:
    """Every comment with two standing final decisions on the same text, the newest first."""
    one, two = decision.alias("one"), decision.alias("two")
    query = (
        select(
            one.c.moderator.label("first"),
            two.c.moderator.label("second"),
            one.c.resolution.label("first_resolution"),
            two.c.resolution.label("second_resolution"),
            _leading(two.c.reasons),
            two.c.decided_at,
        )
        .join(two, (one.c.comment_id == two.c.comment_id) & (one.c.revision == two.c.revision))
        .where(two.c.second, ~one.c.second, one.c.undone_at.is_(None), two.c.undone_at.is_(None))
        .where(one.c.resolution.in_(FINAL), two.c.resolution.in_(FINAL), one.c.moderator != two.c.moderator)
        .where(two.c.batch.is_(None))  # a bulk decision is no reading of each comment
        .order_by(two.c.id.desc())
        .limit(MOST)
    )
    rows = _reached(database, query, two.c.section, viewer)
    return [
        Pair(row.first, row.second, row.first_resolution, row.second_resolution, row.leading or "", row.decided_at)
        for row in rows
    ]


def reviewed_outcomes(database: Database, viewer: Viewer) -> list[Outcome]:
    """Standing final decisions on what the machine sent to review, the newest first."""
    query = (
        select(decision.c.decided_at, _leading(decision.c.reasons), decision.c.resolution, decision.c.model_version)
        .where(decision.c.undone_at.is_(None), ~decision.c.second, decision.c.resolution.in_(FINAL))
        .where(decision.c.recommendation == "review")
        .order_by(decision.c.id.desc())
        .limit(MOST)
    )
    rows = _reached(database, query, decision.c.section, viewer)
    return [
        Outcome(row.decided_at, row.leading or "", row.resolution == Resolution.REJECT, row.model_version)
        for row in rows
    ]


def scores_between(database: Database, start: datetime, end: datetime, viewer: Viewer) -> Sequence[Sequence[Any]]:
    """The scores of the newest comments of a period, one row per comment, in the order of `ATTRIBUTES`."""
    query = select(*(comment.c[name] for name in ATTRIBUTES))
    query = query.where(comment.c.received_at >= start, comment.c.received_at < end, viewer.scope())
    with database.read() as connection:
        return connection.execute(query.order_by(comment.c.received_at.desc()).limit(MOST_SCORES)).all()


def _reached(database: Database, query: Select[Any], section: Column[Any], viewer: Viewer) -> Sequence[Row[Any]]:
    """The rows of the sections that a viewer reaches."""
    with database.read() as connection:
        return connection.execute(query.where(section.in_(viewer.sections)) if viewer.sections else query).all()


def _leading(reasons: Column[Any]) -> ColumnElement[str]:
    """The attribute of the strongest reason, or null; read in the database, which has it parsed faster."""
    found: ColumnElement[str] = reasons[(0, "attribute")].as_string().label("leading")
    return found


WINDOW = timedelta(days=28)  # what drift compares: four weeks have the same weekdays
