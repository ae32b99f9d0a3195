"""Privacy: erasing an author, giving one person their data, forgetting what is older than the retention period.

What is erased is the person: name, text, earlier texts, notes, explanations. Scores, decisions and the audit log stay,
without anything that names or quotes anybody.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, delete, func, select, update

from data.records import Kind
from service.store import audit
from service.store.database import Database
from service.store.errors import Refused
from service.store.records import State, author_key
from service.store.tables import article, comment, decision, feedback, note, revision

CHUNK = 500
_NEWS = Kind.ARTICLE.value
_POST = article.c.kind != _NEWS  # not where it is unknown, because stored before it was kept: most are newspapers'


def erase_author(database: Database, site: str, author: str, *, by: str) -> int:
    """Erase every comment and opening post of an author on a site and return how many; `Refused` when there is none."""
    mine = comment.c.author_key == author_key(site, author)
    count = _erase(database, mine, _opened_by(site, author), by=by, action="erase author")
    if count == 0:
        raise Refused(f"No comment of this author is stored for the site {site!r}.")
    return count


def forget_older(database: Database, days: int, *, by: str) -> int:
    """Erase what was received more than `days` days ago and return how many comments and opening posts that were."""
    if days < 1:
        raise Refused("A retention period is at least one day.")
    limit = database.now() - timedelta(days=days)
    with database.write() as connection:
        connection.execute(delete(feedback).where(feedback.c.received_at < limit))
        received = func.coalesce(revision.c.received_at, revision.c.replaced_at)
        connection.execute(delete(revision).where(received < limit))
    old = _POST & (article.c.received_at < limit)
    return _erase(database, comment.c.received_at < limit, old, by=by, action="forget old comments")


def _opened_by(site: str, author: str) -> ColumnElement[bool]:
    may_be_post = article.c.kind.is_distinct_from(_NEWS)
    return may_be_post & (article.c.site == site) & (article.c.byline == author)


def opening_posts(database: Database, site: str, author: str) -> list[dict[str, Any]]:
    """The first posts of the threads that an author began."""
    names = ("title", "url", "byline", "published", "paragraphs", "received_at")
    query = select(*(article.c[name] for name in names)).where(_opened_by(site, author)).order_by(article.c.id)
    with database.read() as connection:
        return [{name: _plain(value) for name, value in row.items()} for row in connection.execute(query).mappings()]


def author_data(database: Database, site: str, author: str) -> list[dict[str, Any]]:
    """Everything that is stored about one author, for article 15 of the GDPR; notes on the comments too."""
    query = (
        select(comment, article.c.title, article.c.url)
        .join(article, article.c.id == comment.c.article_id)
        .where(comment.c.author_key == author_key(site, author))
        .order_by(comment.c.id)
    )
    with database.read() as connection:
        return [_about(connection, dict(row)) for row in connection.execute(query).mappings().all()]


def _about(connection: Connection, row: dict[str, Any]) -> dict[str, Any]:
    def rows(table: Any, *names: str, where: ColumnElement[bool] | None = None) -> list[dict[str, Any]]:
        wanted = table.c.comment_id == row["id"] if where is None else where
        found = connection.execute(select(*(table.c[name] for name in names)).where(wanted))
        return [{name: _plain(value) for name, value in one.items()} for one in found.mappings()]

    hidden = {"id", "article_id", "author_key", "version", "claimed_by", "claimed_at", "second_after", "position"}
    about = _quotes([row["id"]])
    return {
        **{name: _plain(value) for name, value in row.items() if name not in hidden},
        "earlier_texts": rows(revision, "text", "scores", "model_version", "replaced_at"),
        "decisions": rows(decision, "resolution", "reason", "explanation", "decided_at", "undone_at", "model_version"),
        "notes": rows(note, "text", "written_at"),
        "feedback": rows(feedback, "source", "text", "attribute", "value", "received_at", where=about),
    }


def _quotes(ids: Sequence[int]) -> ColumnElement[bool]:
    """Feedback with the very text of one of these comments, as it is or as it was."""
    now = select(comment.c.text).where(comment.c.id.in_(ids), comment.c.text != "")
    before = select(revision.c.text).where(revision.c.comment_id.in_(ids), revision.c.text != "")
    return feedback.c.text.in_(now.union(before))


def _plain(value: Any) -> Any:
    return value.isoformat() if hasattr(value, "isoformat") else value


def _erase(
    database: Database, comments: ColumnElement[bool], posts: ColumnElement[bool], *, by: str, action: str
) -> int:
    """Erase in one transaction, so that a person is never half gone."""
    at = database.now()
    with database.write() as connection:
        query = select(comment.c.id).where(comments, comment.c.erased_at.is_(None))
        ids = list(connection.execute(query).scalars())
        for start in range(0, len(ids), CHUNK):
            _erase_some(connection, ids[start : start + CHUNK], at)
        opened = _erase_posts(connection, posts, at)
        if ids or opened:
            detail = {"comments": len(ids), "opening_posts": opened}
            audit.record(connection, at, actor=by, action=action, subject="comments", detail=detail)
    database.purge()
    return len(ids) + opened


def _erase_posts(connection: Connection, which: ColumnElement[bool], at: datetime) -> int:
    """Empty the opening posts that were not erased before and return how many."""
    emptied: dict[str, Any] = {"byline": None, "paragraphs": [], "erased_at": at}
    return connection.execute(update(article).where(which, article.c.erased_at.is_(None)).values(**emptied)).rowcount


def _erase_some(connection: Connection, ids: Sequence[int], at: Any) -> None:
    connection.execute(delete(feedback).where(_quotes(ids)))
    for table in (revision, note):
        connection.execute(delete(table).where(table.c.comment_id.in_(ids)))
    connection.execute(update(decision).where(decision.c.comment_id.in_(ids)).values(explanation=None))
    emptied: dict[str, Any] = {"text": "", "author": None, "author_key": None, "spans": [], "second_after": None}
    moved: dict[str, Any] = {
        "state": State.GONE,
        "state_before": comment.c.state,
        "erased_at": at,
        "version": comment.c.version + 1,
    }
    connection.execute(update(comment).where(comment.c.id.in_(ids)).values(**emptied, **moved))
