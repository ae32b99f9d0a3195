"""Articles on their way into the tables."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, RowMapping, insert, select, update

from data.records import Discussion, Kind
from service.store.database import Database
from service.store.errors import StoreError
from service.store.records import article_key
from service.store.tables import article


def save_article(connection: Connection, database: Database, site: str, section: str, discussion: Discussion) -> int:
    """Insert or refresh the article and lock its row, so that one discussion sent twice at once is saved once."""
    source = discussion.article
    values = {
        "kind": discussion.kind.value,
        "section": section,
        "url": source.url,
        "title": source.title,
        "byline": source.byline,
        "published": source.published,
        "language": source.language,
        "paragraphs": list(source.paragraphs),
    }
    found = _lock_article(connection, site, article_key(source))
    if found is None:
        _insert_article(connection, {"site": site, "key": article_key(source), "received_at": database.now(), **values})
        found = _lock_article(connection, site, article_key(source))
    if found is None:
        raise StoreError("The article disappeared while it was being saved.")
    given = {name: value for name, value in values.items() if value not in (None, "", []) and name not in _fixed(found)}
    if any(found[name] != value for name, value in given.items()):
        connection.execute(update(article).where(article.c.id == found["id"]).values(**given))
    return int(found["id"])


def _fixed(found: RowMapping) -> set[str]:
    """The columns that stay as they are: what is known to be no article, which is said of all that say nothing, and
    what was erased of an opening post.
    """
    known = set() if found["kind"] in (None, Kind.ARTICLE.value) else {"kind"}
    return known if found["erased_at"] is None else known | {"byline", "paragraphs"}


def _lock_article(connection: Connection, site: str, key: str) -> RowMapping | None:
    query = select(article).where(article.c.site == site, article.c.key == key).with_for_update()
    return connection.execute(query).mappings().first()


def _insert_article(connection: Connection, values: Mapping[str, Any]) -> None:
    if connection.dialect.name == "postgresql":
        from sqlalchemy.dialects.postgresql import insert as insert_or_leave  # two sessions may insert at once

        connection.execute(insert_or_leave(article).values(**values).on_conflict_do_nothing())
    else:
        connection.execute(insert(article).values(**values))
