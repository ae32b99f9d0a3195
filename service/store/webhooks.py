"""Webhooks: messages about decisions wait in the same database as the decisions, so that none is lost or invented.

Each message carries an event id that stays the same when it is sent again, and a signature: the hexadecimal
HMAC-SHA256 of `<unix time>.<body>` under the webhook's secret (the scheme that Stripe and Standard Webhooks share).
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import Connection, insert, select, update

from model.scores import ATTRIBUTES
from service.store import audit
from service.store.database import Database
from service.store.errors import Refused
from service.store.tables import article, comment, delivery, webhook

CHUNK = 500
LONGEST_URL = 2000
_NOT_IN_ADDRESS = re.compile(r"[^!-~]")  # what `urllib` refuses to send, at every attempt


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
    host = _host(url)
    secret = "whsec_" + secrets.token_urlsafe(32)
    at = database.now()
    with database.write() as connection:
        there = select(webhook.c.id).where(
            webhook.c.url == url, webhook.c.site == site, webhook.c.disabled_at.is_(None)
        )
        if connection.execute(there).first() is not None:
            raise Refused("There is a webhook for this address already; remove it to get a new secret.")
        values = {"url": url, "site": site, "secret": secret, "created_at": at}
        row = connection.execute(insert(webhook).values(**values).returning(webhook)).one()
        detail = {"host": host, "site": site}
        audit.record(connection, at, actor=moderator, action="add webhook", subject=f"webhook {row.id}", detail=detail)
    return Webhook(row.id, row.url, row.site, row.created_at, row.disabled_at), secret


def _host(url: str) -> str:
    """The host of a web address; `Refused` when it is none, or has a sign or a port that cannot be."""
    if _NOT_IN_ADDRESS.search(url):
        raise Refused("An address has no spaces and no letters but a to z; write them as %20, and a host as xn--…")
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        raise Refused("This address cannot be read; a port is a number up to 65535.") from None
    if parts.scheme not in ("http", "https") or not host or port == 0 or len(url) > LONGEST_URL:
        raise Refused("A webhook needs an address that begins with http:// or https://.")
    return host


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
    _queue(connection, at, [_decided(one, event) for one in decisions if not one["second"]])


def announce_judged(connection: Connection, at: datetime, policy_id: int, moved: Sequence[Mapping[str, Any]]) -> None:
    """The same for comments that a new policy sent to review or took out of it, which no moderator decided."""
    _queue(connection, at, [_judged(one, policy_id, at) for one in moved])


def _queue(connection: Connection, at: datetime, messages: Sequence[tuple[int, dict[str, Any]]]) -> None:
    """Put one message per webhook of its site into the queue, with the platform's names of the comment added."""
    hooks = connection.execute(select(webhook).where(webhook.c.disabled_at.is_(None))).all()
    if not hooks or not messages:
        return
    names = _platform_names(connection, [comment_id for comment_id, _ in messages])
    rows = [
        {"webhook_id": hook.id, "event": body["event"], "body": body | names[comment_id], "due_at": at}
        for comment_id, body in messages
        for hook in hooks
        if hook.site in ("", body["site"])
    ]
    for start in range(0, len(rows), CHUNK):
        connection.execute(insert(delivery), rows[start : start + CHUNK])


def _platform_names(connection: Connection, ids: Sequence[int]) -> dict[int, dict[str, str | None]]:
    """Comment -> its id on the platform and its article's URL."""
    names: dict[int, dict[str, str | None]] = {}
    query = select(comment.c.id, comment.c.external_id, article.c.url).join(
        article, article.c.id == comment.c.article_id
    )
    for start in range(0, len(ids), CHUNK):
        rows = connection.execute(query.where(comment.c.id.in_(ids[start : start + CHUNK])))
        names |= {row.id: {"comment_id": row.external_id, "article_url": row.url} for row in rows}
    return names


def _decided(one: Mapping[str, Any], event: str) -> tuple[int, dict[str, Any]]:
    """What the platform needs to act; no text, the platform has it."""
    return one["comment_id"], {
        "event": f"{event}-{one['id']}",
        "type": f"comment.{event}",
        "site": one["site"],
        "resolution": one["resolution"],
        "reason": one["reason"],
        "state_before": one["state_before"],
        "moderator": one["moderator"],
        "decided_at": one["decided_at"].isoformat(),
        "model_version": one["model_version"],
        "scores": one["scores"],
        "rules": one["reasons"],
    }


def _judged(one: Mapping[str, Any], policy_id: int, at: datetime) -> tuple[int, dict[str, Any]]:
    """A recommendation that changed: a platform that holds back what waits may publish it now, or hold it back."""
    return one["id"], {
        "event": f"judged-{policy_id}-{one['id']}",
        "type": "comment.judged",
        "site": one["site"],
        "recommendation": one["new_recommendation"],
        "state_before": one["state"],
        "policy": policy_id,
        "judged_at": at.isoformat(),
        "model_version": one["model_version"],
        "scores": {attribute: one[attribute] for attribute in ATTRIBUTES},
        "rules": one["new_reasons"],
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
