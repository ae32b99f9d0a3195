"""Sending what waits for webhooks: signed, in the order of a comment's messages, and again after a failure.

Receivers are served at once and apart: one that fails or is slow keeps no other waiting.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from functools import partial
from itertools import islice
from typing import Any

from sqlalchemy import Connection, RowMapping, select, update

from service.store.database import Database
from service.store.posting import post
from service.store.tables import delivery, webhook

Send = Callable[[str, bytes, Mapping[str, str]], int]

FIRST_PAUSE = timedelta(seconds=10)
MOST_ATTEMPTS = 14  # pauses double: the last attempt is a day after the first
LEASE = timedelta(minutes=2)  # in which one process sends and no other tries
AT_ONCE = 50  # messages to one receiver in a round
RECEIVERS_AT_ONCE = 8
TURN = 10.0  # seconds after which a receiver gets no further message in a round
CHUNK = 200  # rows read at a time


def deliver_due(database: Database, send: Send = post) -> int:
    """Give every receiver a turn and return how many messages were accepted."""
    with ThreadPoolExecutor(RECEIVERS_AT_ONCE, "webhook") as pool:
        return sum(pool.map(partial(_serve, database, send), _receivers(database)))


def _receivers(database: Database) -> list[int]:
    """The webhooks for which something is due."""
    query = select(delivery.c.webhook_id).where(delivery.c.due_at <= database.now()).distinct()
    with database.read() as connection:
        return list(connection.execute(query).scalars())


def _serve(database: Database, send: Send, webhook_id: int) -> int:
    """Send what is due to one receiver until it fails, is slow, or another process serves it; how many it accepted."""
    over = time.monotonic() + TURN
    accepted = 0
    for row in _due(database, webhook_id):
        if not _deliver(database, row, send):
            break
        accepted += 1
        if time.monotonic() > over:
            break
    return accepted


def _due(database: Database, webhook_id: int) -> list[RowMapping]:
    query = (
        select(delivery, webhook.c.url, webhook.c.secret)
        .join(webhook, webhook.c.id == delivery.c.webhook_id)
        .where(webhook.c.id == webhook_id, webhook.c.disabled_at.is_(None), delivery.c.due_at.is_not(None))
        .order_by(delivery.c.id)
        .execution_options(yield_per=CHUNK)
    )
    with database.read() as connection, connection.execute(query) as pending:
        return list(islice(_in_turn(pending.mappings(), database.now()), AT_ONCE))


def _in_turn(pending: Iterable[RowMapping], now: datetime) -> Iterator[RowMapping]:
    """What is due, but for what would overtake an earlier message about the same comment."""
    held = set()
    for row in pending:
        about = tuple(row["body"][name] for name in ("site", "article_url", "comment_id"))
        if row["due_at"] > now:
            held.add(about)
        elif about not in held:
            yield row


def _deliver(database: Database, row: RowMapping, send: Send) -> bool:
    if not _take(database, row):
        return False
    body = json.dumps(row["body"], sort_keys=True).encode()
    try:
        status = send(row["url"], body, signed_headers(row["secret"], row["event"], body, database.now()))
        problem = None if 200 <= status < 300 else f"status {status}"
    except Exception as error:  # whatever it is, it is this receiver's failure and no other's
        problem = _problem(error)
    _note(database, row, problem)
    return problem is None


def _problem(error: Exception) -> str:
    """In few words, for the page: the system's own for a connection that failed, else the kind of the error."""
    reason = getattr(error, "reason", None)
    cause = reason if isinstance(reason, BaseException) else error
    return (getattr(cause, "strerror", None) or type(cause).__name__)[:100]


def _take(database: Database, row: RowMapping) -> bool:
    """Move the due time ahead, unless another process did so first."""
    mine = (delivery.c.id == row["id"]) & (delivery.c.due_at == row["due_at"])
    with database.write() as connection:
        taken = connection.execute(update(delivery).where(mine).values(due_at=database.now() + LEASE))
        return taken.rowcount == 1


def _note(database: Database, row: RowMapping, problem: str | None) -> None:
    """Keep how it went; a webhook that was removed meanwhile gets no further attempt."""
    attempts = row["attempts"] + 1
    values: dict[str, Any] = {"attempts": attempts, "error": problem, "due_at": None}
    with database.write() as connection:
        if problem is None:
            values["delivered_at"] = database.now()
        elif attempts < MOST_ATTEMPTS and _in_use(connection, row["webhook_id"]):
            values["due_at"] = database.now() + FIRST_PAUSE * 2 ** (attempts - 1)
        connection.execute(update(delivery).where(delivery.c.id == row["id"]).values(**values))


def _in_use(connection: Connection, webhook_id: int) -> bool:
    """Whether a webhook was not removed; waits for a removal that is under way."""
    query = select(webhook.c.disabled_at).where(webhook.c.id == webhook_id)
    return connection.execute(query.with_for_update(read=True)).scalar_one() is None


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
