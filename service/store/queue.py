"""Reading the queues: pages in order, counts that are counted, claims."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, RowMapping, Select, func, or_, select, update

from model.scores import ATTRIBUTES
from service.store.database import Database
from service.store.errors import UnknownComment
from service.store.filters import Filter, Queue, gives_second, second_for
from service.store.paging import cursor, ids_in_order, page_ids
from service.store.policies import InForce, in_force
from service.store.records import State
from service.store.standing import Clash, clash_of
from service.store.tables import article, comment
from service.store.viewers import Viewer

CLAIM = timedelta(minutes=10)  # after which a claimed comment is free again


@dataclass(frozen=True, slots=True)
class QueuedComment:
    """One comment as the desk shows it, with its place and what the machine made of it."""

    id: int
    external_id: str
    article_id: int
    article_title: str | None
    article_url: str | None
    site: str
    section: str
    parent_id: str | None
    author: str | None
    author_key: str | None
    published: str | None
    text: str
    language: str | None
    scores: Mapping[str, float | None]
    unscored: str | None
    spans: tuple[Mapping[str, Any], ...]
    reasons: tuple[Mapping[str, Any], ...]
    thresholds: Mapping[str, float] = field(compare=False)  # in force where it stands: of the desk, not of the comment
    recommendation: str
    urgency: float
    model_version: str
    received_at: datetime
    revision: int
    version: int
    state: State
    claimed_by: str | None
    second: bool  # the viewer gives a second opinion, without being told


@dataclass(frozen=True, slots=True)
class Page:
    """A part of a queue; `after` asks for the next part and is None at the end."""

    comments: tuple[QueuedComment, ...]
    after: str | None


def list_comments(
    database: Database, wanted: Filter, viewer: Viewer, *, after: str | None = None, limit: int = 25
) -> Page:
    """One page of a queue in its order, the second opinions among the rest."""
    with database.read() as connection:
        rows = connection.execute(page_ids(database, wanted, viewer, after, limit + 1)).all()
        shown = _shown(connection, [row.id for row in rows[:limit]], viewer, database.now())
    return Page(tuple(shown), cursor(rows[limit - 1]) if len(rows) > limit else None)


def _shown(connection: Connection, ids: Sequence[int], viewer: Viewer, now: datetime) -> list[QueuedComment]:
    """The comments of these ids, in their order."""
    details = connection.execute(_detailed().where(comment.c.id.in_(ids))).mappings() if ids else ()
    policies = in_force(connection)
    found = {row["id"]: queued(row, viewer, policies, now=now) for row in details}
    return [found[number] for number in ids if number in found]


def list_end(
    database: Database, wanted: Filter, viewer: Viewer, attribute: str, *, highest: bool, limit: int
) -> list[QueuedComment]:
    """The comments of a queue with the highest or the lowest scores of an attribute."""
    column = comment.c[attribute]
    query = ids_in_order(database, wanted, viewer, (column, highest), [column.is_not(None)], limit)
    with database.read() as connection:
        return _shown(connection, [row.id for row in connection.execute(query)], viewer, database.now())


def counts(database: Database, wanted: Filter, viewer: Viewer) -> dict[Queue, int]:
    """How many comments each queue has under the filter, counted now."""
    conditions = wanted.narrowing(database.engine.dialect.name, viewer)
    states = [State(queue.value) for queue in Queue if queue is not Queue.ALL]
    by_state = select(comment.c.state, func.count()).where(*conditions, comment.c.state.in_([*states, State.PUBLISHED]))
    blind = select(comment.c.state, func.count()).where(*conditions, second_for(viewer), comment.c.state.in_(states))
    with database.read() as connection:
        found, second = (
            Counter({State(row[0]): row[1] for row in connection.execute(query.group_by(comment.c.state))})
            for query in (by_state, blind)
        )
    told = found - second  # what goes to this viewer for a second opinion waits, as far as they know
    told[State.WAITING] += second.total()
    return {queue: found.total() if queue is Queue.ALL else told[State(queue.value)] for queue in Queue}


def find_comment(database: Database, comment_id: int, viewer: Viewer) -> QueuedComment:
    """One comment; `UnknownComment` when it is not there or outside the viewer's sections."""
    with database.read() as connection:
        row = connection.execute(_detailed().where(comment.c.id == comment_id, viewer.scope())).mappings().first()
        if row is None:
            raise UnknownComment(f"There is no comment {comment_id} on this desk.")
        return queued(row, viewer, in_force(connection), now=database.now())


def claim(database: Database, comment_id: int, viewer: Viewer) -> None:
    """Show others that this viewer is looking at a comment; a claim of somebody else stays until it runs out."""
    free = or_(comment.c.claimed_by.is_(None), comment.c.claimed_by == viewer.name, _ran_out(database.now()))
    query = update(comment).where(comment.c.id == comment_id, viewer.scope(), free)
    with database.write() as connection:
        connection.execute(query.values(claimed_by=viewer.name, claimed_at=database.now()))


@dataclass(frozen=True, slots=True)
class Glance:
    """What became of a comment since a page showed it: who looks at it, and how it changed, if it did."""

    comment_id: int
    claimed_by: str | None
    change: Clash | None


def glances(database: Database, seen: Mapping[int, int], viewer: Viewer) -> list[Glance]:
    """What became of comments that a page shows; a first decision stays untold to the second moderator."""
    query = select(comment).where(comment.c.id.in_(seen), viewer.scope()).order_by(comment.c.id)
    with database.read() as connection:
        rows = connection.execute(query).mappings().all()
        return [_glance(connection, row, seen[row["id"]], viewer, database.now()) for row in rows]


def _glance(connection: Connection, row: RowMapping, version: int, viewer: Viewer, now: datetime) -> Glance:
    blind = gives_second(row, viewer)
    change = None if blind or row["version"] == version else clash_of(connection, row)
    return Glance(row["id"], _claimant(row, now), change)


def _claimant(row: RowMapping, now: datetime) -> str | None:
    """Who looks at a comment, unless the claim ran out."""
    claimed: bool = row["claimed_by"] is not None and row["claimed_at"] >= now - CLAIM
    return row["claimed_by"] if claimed else None


def release(database: Database, viewer: Viewer, comment_id: int | None = None) -> None:
    """Give back one claim of this viewer, or all of them."""
    query = update(comment).where(comment.c.claimed_by == viewer.name)
    query = query if comment_id is None else query.where(comment.c.id == comment_id)
    with database.write() as connection:
        connection.execute(query.values(claimed_by=None, claimed_at=None))


def places(database: Database, viewer: Viewer) -> tuple[list[str], list[str]]:
    """The sites and the sections that have comments, for the filter."""
    with database.read() as connection:
        return _distinct(connection, "site", viewer), _distinct(connection, "section", viewer)


def _distinct(connection: Connection, name: str, viewer: Viewer) -> list[str]:
    """From the few articles, not from the many comments."""
    scope = article.c.section.in_(viewer.sections) if viewer.sections else article.c.id > 0
    rows = connection.execute(select(article.c[name]).where(scope, article.c[name] != "").distinct())
    return sorted(row[0] for row in rows)


def _ran_out(now: datetime) -> Any:
    return comment.c.claimed_at < now - CLAIM


def _detailed() -> Select[Any]:
    join = comment.join(article, article.c.id == comment.c.article_id)
    return select(comment, article.c.title.label("article_title"), article.c.url.label("article_url")).select_from(join)


def queued(row: RowMapping, viewer: Viewer, policies: InForce, *, now: datetime) -> QueuedComment:
    """One row as the desk shows it; for a blind second opinion it looks as if it were waiting."""
    second = gives_second(row, viewer)
    made: dict[str, Any] = {
        "scores": {attribute: row[attribute] for attribute in ATTRIBUTES},
        "spans": tuple(row["spans"]),
        "reasons": tuple(row["reasons"]),
        "thresholds": policies.at(row["site"], row["section"]).policy.thresholds,
        "state": State.WAITING if second else State(row["state"]),
        "claimed_by": _claimant(row, now),
        "second": second,
    }
    columns: dict[str, Any] = {name: row[name] for name in QueuedComment.__slots__ if name not in made}
    return QueuedComment(**columns, **made)
