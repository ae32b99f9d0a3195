"""Sending what waits for webhooks: signed, and again after a failure under the same event id."""

from __future__ import annotations

import hashlib
import hmac
import json
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from http.client import HTTPException
from typing import Any

from sqlalchemy import RowMapping, select, update

from service.store.database import Database
from service.store.tables import delivery, webhook

Send = Callable[[str, bytes, Mapping[str, str]], int]

TIMEOUT = 10  # seconds for a receiver to answer
FIRST_PAUSE = timedelta(seconds=10)
MOST_ATTEMPTS = 14  # pauses double: the last attempt is a day after the first
LEASE = timedelta(minutes=2)  # in which one process sends and no other tries
AT_ONCE = 50


def deliver_due(database: Database, send: Send | None = None) -> int:
    """Send what is due and return how many receivers accepted."""
    return sum(_deliver(database, row, send or post) for row in _due(database))


def _due(database: Database) -> list[RowMapping]:
    now = database.now()
    query = (
        select(delivery, webhook.c.url, webhook.c.secret)
        .join(webhook, webhook.c.id == delivery.c.webhook_id)
        .where(delivery.c.due_at <= now)
        .order_by(delivery.c.due_at, delivery.c.id)
        .limit(AT_ONCE)
    )
    with database.read() as connection:
        return list(connection.execute(query).mappings())


def _deliver(database: Database, row: RowMapping, send: Send) -> bool:
    if not _take(database, row):
        return False
    body = json.dumps(row["body"], sort_keys=True).encode()
    try:
        status = send(row["url"], body, signed_headers(row["secret"], row["event"], body, database.now()))
        problem = None if 200 <= status < 300 else f"status {status}"
    except (OSError, HTTPException, ValueError) as error:
        problem = _problem(error)
    _note(database, row, problem)
    return problem is None


def _problem(error: Exception) -> str:
    """In few words, for the page: the system's own for a connection that failed, else the kind of the error."""
    cause = getattr(error, "reason", error)
    return (getattr(cause, "strerror", None) or type(cause).__name__)[:100]


def _take(database: Database, row: RowMapping) -> bool:
    """Move the due time ahead, unless another process did so first."""
    mine = (delivery.c.id == row["id"]) & (delivery.c.due_at == row["due_at"])
    with database.write() as connection:
        taken = connection.execute(update(delivery).where(mine).values(due_at=database.now() + LEASE))
        return taken.rowcount == 1


def _note(database: Database, row: RowMapping, problem: str | None) -> None:
    attempts = row["attempts"] + 1
    values: dict[str, Any] = {"attempts": attempts, "error": problem, "due_at": None}
    if problem is None:
        values["delivered_at"] = database.now()
    elif attempts < MOST_ATTEMPTS:
        values["due_at"] = database.now() + FIRST_PAUSE * 2 ** (attempts - 1)
    with database.write() as connection:
        connection.execute(update(delivery).where(delivery.c.id == row["id"]).values(**values))


def signed_headers(secret: str, event: str, body: bytes, at: datetime) -> dict[str, str]:
    """The headers by which a receiver knows that the message is ours, fresh, and whether it had it before."""
    moment = str(int(at.timestamp()))
    signature = hmac.new(secret.encode(), moment.encode() + b"." + body, hashlib.sha256).hexdigest()
    return {
        "Content-Type": "application/json",
        "User-Agent": "belowline-webhook",
        "Belowline-Event": event,
        "Belowline-Signature": f"t={moment},v1={signature}",
    }


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    """A redirect is a wrong address: following it would send a signed message somewhere that nobody entered."""

    def redirect_request(self, *arguments: Any, **named: Any) -> None:
        return None


def post(url: str, body: bytes, headers: Mapping[str, str]) -> int:
    """Send one message and return the status."""
    request = urllib.request.Request(url, data=body, headers=dict(headers), method="POST")
    try:
        with urllib.request.build_opener(_NoRedirects).open(request, timeout=TIMEOUT) as response:
            return int(response.status)
    except urllib.error.HTTPError as error:
        error.close()
        return error.code
