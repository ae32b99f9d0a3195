"""The store: everything the desk and the HTTP service keep, behind one object.

`take_in` in `service.store.intake` is the way from a discussion and a scorer into the store.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from types import TracebackType
from typing import Any, Self

from sqlalchemy import insert, select
from sqlalchemy.exc import DBAPIError

from data.records import Article, Discussion
from service.store import discussions, keys
from service.store.database import Database, open_database, utc_now
from service.store.records import Key, Saved, Scored
from service.store.tables import account, feedback


class Store:
    """One database; every method is safe to call from any thread."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Give every connection back."""
        self.database.engine.dispose()

    def healthy(self) -> bool:
        """Whether the database answers."""
        try:
            with self.database.read() as connection:
                connection.execute(select(1))
        except DBAPIError:
            return False
        return True

    def save_discussion(
        self, site: str, discussion: Discussion, results: Sequence[Scored], *, section: str | None = None
    ) -> Saved:
        """Store a discussion; sent again it changes nothing, an edited text is queued afresh with its history.

        `results` may cover only what `known_texts` does not know. `section` is taken from the URL when not given.
        """
        return discussions.save_discussion(self.database, site, discussion, results, section=section)

    def known_texts(self, site: str, article_key: str) -> dict[str, str]:
        """Return comment id -> stored text of one article; `service.store.article_key` makes the key."""
        return discussions.known_texts(self.database, site, article_key)

    def find_article(self, url: str) -> Article | None:
        """Return the article stored under a URL."""
        return discussions.find_article(self.database, url)

    def add_feedback(self, source: str, text: str, attribute: str, value: float, context: Mapping[str, Any]) -> None:
        """Keep a suggested score for a later training run."""
        values = {"source": source, "text": text, "attribute": attribute, "value": value, "context": dict(context)}
        with self.database.write() as connection:
            connection.execute(insert(feedback).values(**values, received_at=self.database.now()))

    def create_key(self, name: str, rate_per_minute: int) -> tuple[Key, str]:
        """Return a new API key and its secret, which nobody can read again."""
        return keys.create_key(self.database, name, rate_per_minute)

    def list_keys(self) -> list[Key]:
        """Every API key, revoked ones too."""
        return keys.list_keys(self.database)

    def revoke_key(self, key_id: int) -> None:
        """A revoked key opens nothing any more."""
        keys.revoke_key(self.database, key_id)

    def find_key(self, secret: str) -> Key | None:
        """The key of a secret, or None when it is unknown or revoked."""
        return keys.find_key(self.database, secret)

    def has_accounts(self) -> bool:
        """Whether anybody can log in."""
        query = select(account.c.id).where(account.c.disabled_at.is_(None)).limit(1)
        with self.database.read() as connection:
            return connection.execute(query).first() is not None


def open_store(url: str, *, now: Callable[[], datetime] = utc_now) -> Store:
    """Open the store of a URL, creating and migrating it as needed; `StoreError` says in a sentence what is wrong."""
    return Store(open_database(url, now))
