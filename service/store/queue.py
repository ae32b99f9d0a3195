"""Reading the queues: pages in order, counts that are counted, claims."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, RowMapping, Select, and_, func, or_, select, union_all, update

from model.scores import ATTRIBUTES
from service.store.database import Database
from service.store.decisions import Clash, clash_of
from service.store.errors import UnknownComment
from service.store.filters import Filter, Queue, beyond, gives_second, in_queue, second_for
from service.store.records import State
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
    ids = _page_ids(database, wanted, viewer, after, limit + 1)
    with database.read() as connection:
        rows = {row.id: row for row in connection.execute(ids)}
        if not rows:
            return Page((), None)
        details = connection.execute(_detailed().where(comment.c.id.in_(rows))).mappings()
        found = {row["id"]: queued(row, viewer, now=database.now()) for row in details}
    shown = [number for number in rows if number in found][:limit]
    last = rows[shown[-1]] if len(rows) > limit else None
    return Page(tuple(found[number] for number in shown), None if last is None else _cursor(last))


def _page_ids(database: Database, wanted: Filter, viewer: Viewer, after: str | None, limit: int) -> Select[Any]:
    """The ids of one page: each branch reads `limit` rows from an index, so no queue is ever sorted as a whole."""
    column, descending = wanted.order
    place = _read_cursor(after, is_time=wanted.sort in ("newest", "oldest"))
    direction = [part.desc() if descending else part.asc() for part in (column, comment.c.id)]

    def branch(condition: Any) -> Select[Any]:
        chosen = select(comment.c.id, column.label("place")).where(condition, column.is_not(None))
        chosen = chosen.where(*wanted.narrowing(database.engine.dialect.name, viewer))
        if place is not None:
            chosen = chosen.where(beyond(column, descending, *place))
        return select(chosen.order_by(*direction).limit(limit).subquery())

    branches = [branch(in_queue(wanted.queue, viewer))]
    if wanted.queue is Queue.WAITING:
        branches.append(branch(and_(second_for(viewer), comment.c.state != State.WAITING)))
    both = union_all(*branches).subquery()
    order = [part.desc() if descending else part.asc() for part in (both.c.place, both.c.id)]
    return select(both).order_by(*order).limit(limit)


def _cursor(row: Row[Any]) -> str:
    value = row.place.isoformat() if isinstance(row.place, datetime) else repr(row.place)
    return f"{value}~{row.id}"


def _read_cursor(after: str | None, *, is_time: bool) -> tuple[Any, int] | None:
    """A cursor of the right kind, or None: a damaged one starts at the top instead of failing."""
    value, _, number = (after or "").partition("~")
    try:
        place = datetime.fromisoformat(value) if is_time else float(value)
        row = int(number[:12])
    except ValueError:
        return None
    valid = row < 2**31 and (place.tzinfo is not None if isinstance(place, datetime) else abs(place) <= 1)
    return (place, row) if valid else None


def list_end(
    database: Database, wanted: Filter, viewer: Viewer, attribute: str, *, highest: bool, limit: int
) -> list[QueuedComment]:
    """The comments of a queue with the highest or the lowest scores of an attribute."""
    column = comment.c[attribute]
    order = (column.desc(), comment.c.id.desc()) if highest else (column.asc(), comment.c.id.asc())
    query = _detailed().where(in_queue(wanted.queue, viewer), column.is_not(None))
    query = query.where(*wanted.narrowing(database.engine.dialect.name, viewer)).order_by(*order).limit(limit)
    with database.read() as connection:
        return [queued(row, viewer, now=database.now()) for row in connection.execute(query).mappings()]


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
    return queued(row, viewer, now=database.now())


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


def queued(row: RowMapping, viewer: Viewer, *, now: datetime) -> QueuedComment:
    """One row as the desk shows it; for a blind second opinion it looks as if it were waiting."""
    second = gives_second(row, viewer)
    made: dict[str, Any] = {
        "scores": {attribute: row[attribute] for attribute in ATTRIBUTES},
        "spans": tuple(row["spans"]),
        "reasons": tuple(row["reasons"]),
        "state": State.WAITING if second else State(row["state"]),
        "claimed_by": _claimant(row, now),
        "second": second,
    }
    columns: dict[str, Any] = {name: row[name] for name in QueuedComment.__slots__ if name not in made}
    return QueuedComment(**columns, **made)
