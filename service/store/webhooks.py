"""Webhooks: messages about decisions wait in the same database as the decisions, so that none is lost or invented.

Each message carries an event id that stays the same when it is sent again, and a signature: the hexadecimal
HMAC-SHA256 of `<unix time>.<body>` under the webhook's secret (the scheme that Stripe and Standard Webhooks share).
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import Connection, insert, select, update

from service.store import audit
from service.store.database import Database
from service.store.errors import Refused
from service.store.tables import article, comment, delivery, webhook

CHUNK = 500
LONGEST_URL = 2000


@dataclass(frozen=True, slots=True)
class Webhook:
    """Where messages go; an empty site is every site. The secret is shown once, when it is made."""

    id: int
    url: str
    site: str
    created_at: datetime
    disabled_at: datetime | None


def add_webhook(database: Database, url: str, site: str, *, moderator: str) -> tuple[Webhook, str]:
    """Return a new webhook and its signing secret."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname or len(url) > LONGEST_URL:
        raise Refused("A webhook needs an address that begins with http:// or https://.")
    secret = "whsec_" + secrets.token_urlsafe(32)
    at = database.now()
    with database.write() as connection:
        values = {"url": url, "site": site, "secret": secret, "created_at": at}
        row = connection.execute(insert(webhook).values(**values).returning(webhook)).one()
        detail = {"host": parts.hostname, "site": site}
        audit.record(connection, at, actor=moderator, action="add webhook", subject=f"webhook {row.id}", detail=detail)
    return Webhook(row.id, row.url, row.site, row.created_at, row.disabled_at), secret


def disable_webhook(database: Database, webhook_id: int, *, moderator: str) -> None:
    """Send nothing more there; what waits is dropped."""
    at = database.now()
    with database.write() as connection:
        standing = update(webhook).where(webhook.c.id == webhook_id, webhook.c.disabled_at.is_(None))
        if connection.execute(standing.values(disabled_at=at)).rowcount == 0:
            raise Refused("This webhook is not there any more.")
        connection.execute(update(delivery).where(delivery.c.webhook_id == webhook_id).values(due_at=None))
        audit.record(
            connection, at, actor=moderator, action="remove webhook", subject=f"webhook {webhook_id}", detail={}
        )


def list_webhooks(database: Database) -> list[Webhook]:
    """Every webhook that is in use."""
    query = select(webhook).where(webhook.c.disabled_at.is_(None)).order_by(webhook.c.id)
    with database.read() as connection:
        return [
            Webhook(row.id, row.url, row.site, row.created_at, row.disabled_at) for row in connection.execute(query)
        ]


def announce(connection: Connection, at: datetime, decisions: Sequence[Mapping[str, Any]], event: str) -> None:
    """Put one message per decision and webhook into the queue, in the transaction of the decision itself."""
    hooks = connection.execute(select(webhook).where(webhook.c.disabled_at.is_(None))).all()
    told = [one for one in decisions if not one["second"]]
    if not hooks or not told:
        return
    names = _platform_names(connection, [one["comment_id"] for one in told])
    rows = [
        {
            "webhook_id": hook.id,
            "event": f"{event}-{one['id']}",
            "body": _body(one, names[one["comment_id"]], event),
            "due_at": at,
        }
        for one in told
        for hook in hooks
        if hook.site in ("", one["site"])
    ]
    for start in range(0, len(rows), CHUNK):
        connection.execute(insert(delivery), rows[start : start + CHUNK])


def _platform_names(connection: Connection, ids: Sequence[int]) -> dict[int, tuple[str, str | None]]:
    """Comment -> its id on the platform and its article's URL."""
    names: dict[int, tuple[str, str | None]] = {}
    query = select(comment.c.id, comment.c.external_id, article.c.url).join(
        article, article.c.id == comment.c.article_id
    )
    for start in range(0, len(ids), CHUNK):
        rows = connection.execute(query.where(comment.c.id.in_(ids[start : start + CHUNK])))
        names |= {row.id: (row.external_id, row.url) for row in rows}
    return names


def _body(one: Mapping[str, Any], names: tuple[str, str | None], event: str) -> dict[str, Any]:
    """What the platform needs to act; no text, the platform has it."""
    return {
        "event": f"{event}-{one['id']}",
        "type": f"comment.{event}",
        "site": one["site"],
        "article_url": names[1],
        "comment_id": names[0],
        "resolution": one["resolution"],
        "reason": one["reason"],
        "state_before": one["state_before"],
        "moderator": one["moderator"],
        "decided_at": one["decided_at"].isoformat(),
        "model_version": one["model_version"],
        "scores": one["scores"],
        "rules": one["reasons"],
    }


@dataclass(frozen=True, slots=True)
class Delivery:
    """How far one message is."""

    event: str
    url: str
    attempts: int
    due_at: datetime | None
    delivered_at: datetime | None
    error: str | None


def recent_deliveries(database: Database, limit: int = 30) -> list[Delivery]:
    """The newest messages, whatever became of them."""
    query = select(delivery, webhook.c.url).join(webhook, webhook.c.id == delivery.c.webhook_id)
    with database.read() as connection:
        rows = connection.execute(query.order_by(delivery.c.id.desc()).limit(limit)).mappings()
        return [Delivery(**{name: row[name] for name in Delivery.__slots__}) for row in rows]
