"""Webhooks: every decision is announced, signed, once accepted never again, and repeated until then."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Callable, Iterator, Mapping
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import Any

import pytest
from sqlalchemy import update

from data.records import Comment
from service.store import Refused, Resolution, Saved, Store
from service.store.decisions import Judgement, Target, decide
from service.store.delivering import MOST_ATTEMPTS, deliver_due
from service.store.queue import QueuedComment
from service.store.tables import delivery
from service.store.undoing import undo_last
from service.store.viewers import Viewer
from service.store.webhooks import add_webhook, disable_webhook, list_webhooks, recent_deliveries

Save = Callable[..., Saved]
Waiting = Callable[[Viewer], list[QueuedComment]]


class Receiver:
    """Stands in for the network: remembers what was sent and answers as it is told."""

    def __init__(self) -> None:
        self.status: int | Exception = 200
        self.seen: list[tuple[str, dict[str, Any], Mapping[str, str], bytes]] = []

    def __call__(self, url: str, body: bytes, headers: Mapping[str, str]) -> int:
        self.seen.append((url, json.loads(body), headers, body))
        if isinstance(self.status, Exception):
            raise self.status
        return self.status


@pytest.fixture
def receiver() -> Receiver:
    return Receiver()


@pytest.fixture
def secret(store: Store, save: Save, waiting: Waiting, ada: Viewer) -> str:
    """A webhook, and one decision to announce."""
    _, made = add_webhook(store.database, "https://cms.example/hook", "", moderator="ada")
    save(Comment("c-7", "bad one"))
    one = waiting(ada)[0]
    decide(store.database, ada, Judgement(Resolution.REJECT, "hate", "private words"), [Target(one.id, one.version)])
    return made


def test_a_decision_is_announced_once_with_what_the_platform_needs(
    store: Store, secret: str, receiver: Receiver
) -> None:
    assert deliver_due(store.database, receiver) == 1
    assert deliver_due(store.database, receiver) == 0
    ((url, body, _, _),) = receiver.seen
    assert url == "https://cms.example/hook"
    assert (body["comment_id"], body["resolution"], body["reason"]) == ("c-7", "reject", "hate")
    assert body["article_url"] == "https://daily.example/sport/cup"
    assert "private words" not in json.dumps(body)


def test_the_signature_is_that_of_time_and_body(store: Store, secret: str, receiver: Receiver) -> None:
    deliver_due(store.database, receiver)
    _, body, headers, raw = receiver.seen[0]
    moment, signature = (part.split("=")[1] for part in headers["Belowline-Signature"].split(","))
    assert signature == hmac.new(secret.encode(), f"{moment}.".encode() + raw, hashlib.sha256).hexdigest()
    assert headers["Belowline-Event"] == body["event"]


@pytest.mark.usefixtures("secret")
@pytest.mark.parametrize("failure", [500, 302, OSError("no route"), ValueError("odd"), OverflowError("port")])
def test_a_failure_is_repeated_later_under_the_same_event(
    store: Store, receiver: Receiver, clock: Any, failure: int | Exception
) -> None:
    receiver.status = failure
    assert deliver_due(store.database, receiver) == 0
    assert deliver_due(store.database, receiver) == 0
    assert len(receiver.seen) == 1
    clock.turn(seconds=11)
    receiver.status = 204
    assert deliver_due(store.database, receiver) == 1
    assert receiver.seen[0][1]["event"] == receiver.seen[1][1]["event"]


@pytest.mark.usefixtures("secret")
def test_a_failure_is_named_by_its_error_where_its_reason_is_only_text(store: Store, receiver: Receiver) -> None:
    receiver.status = UnicodeEncodeError("ascii", "ä", 0, 1, "ordinal not in range")
    deliver_due(store.database, receiver)
    assert [one.error for one in recent_deliveries(store.database)] == ["UnicodeEncodeError"]


@pytest.mark.usefixtures("secret")
def test_a_dead_receiver_is_given_up_after_a_day(store: Store, receiver: Receiver, clock: Any) -> None:
    receiver.status = 500
    for _ in range(MOST_ATTEMPTS + 3):
        deliver_due(store.database, receiver)
        clock.turn(days=1)
    assert len(receiver.seen) == MOST_ATTEMPTS
    (message,) = recent_deliveries(store.database)
    assert (message.due_at, message.delivered_at, message.error) == (None, None, "status 500")


@pytest.mark.usefixtures("secret")
def test_an_undo_is_announced_as_well(store: Store, ada: Viewer, receiver: Receiver) -> None:
    undo_last(store.database, ada)
    assert deliver_due(store.database, receiver) == 2
    assert [body["type"] for _, body, _, _ in receiver.seen] == ["comment.decided", "comment.undone"]


@pytest.mark.usefixtures("secret")
def test_a_removed_webhook_gets_nothing_more(store: Store, receiver: Receiver) -> None:
    disable_webhook(store.database, list_webhooks(store.database)[0].id, moderator="ada")
    assert deliver_due(store.database, receiver) == 0
    assert receiver.seen == []


@pytest.mark.usefixtures("secret")
def test_a_webhook_that_is_removed_during_an_attempt_gets_nothing_more(
    store: Store, receiver: Receiver, clock: Any
) -> None:
    def failing(url: str, body: bytes, headers: Mapping[str, str]) -> int:
        disable_webhook(store.database, list_webhooks(store.database)[0].id, moderator="ada")
        return 500

    deliver_due(store.database, failing)
    assert [one.due_at for one in recent_deliveries(store.database)] == [None]
    clock.turn(days=1)
    assert deliver_due(store.database, receiver) == 0


@pytest.mark.usefixtures("secret")
def test_what_still_waits_for_a_removed_webhook_is_not_sent(store: Store, receiver: Receiver, clock: Any) -> None:
    disable_webhook(store.database, list_webhooks(store.database)[0].id, moderator="ada")
    with store.database.write() as connection:  # as a process of the version before may have left it
        connection.execute(update(delivery).values(due_at=clock()))
    assert deliver_due(store.database, receiver) == 0


@pytest.mark.usefixtures("secret")
def test_a_message_never_overtakes_an_earlier_one_about_the_same_comment(
    store: Store, save: Save, waiting: Waiting, ada: Viewer, receiver: Receiver, clock: Any
) -> None:
    receiver.status = 500
    deliver_due(store.database, receiver)
    undo_last(store.database, ada)
    save(Comment("c-8", "bad two"))
    two = next(one for one in waiting(ada) if one.external_id == "c-8")
    decide(store.database, ada, Judgement(Resolution.APPROVE), [Target(two.id, two.version)])
    receiver.status = 200
    assert deliver_due(store.database, receiver) == 1
    clock.turn(seconds=11)
    assert deliver_due(store.database, receiver) == 2
    told = [(body["comment_id"], body["type"]) for _, body, _, _ in receiver.seen[1:]]
    assert told == [("c-8", "comment.decided"), ("c-7", "comment.decided"), ("c-7", "comment.undone")]


@pytest.mark.usefixtures("secret")
def test_a_message_that_was_given_up_holds_nothing_back(
    store: Store, ada: Viewer, receiver: Receiver, clock: Any
) -> None:
    receiver.status = 500
    for _ in range(MOST_ATTEMPTS):
        deliver_due(store.database, receiver)
        clock.turn(days=1)
    undo_last(store.database, ada)
    receiver.status = 200
    assert deliver_due(store.database, receiver) == 1
    assert receiver.seen[-1][1]["type"] == "comment.undone"


@pytest.mark.parametrize(
    "url",
    [
        "",
        "ftp://x.example",
        "javascript:alert(1)",
        "http://",
        "https://x/" + "y" * 2000,
        "http://127.0.0.1:99999999999999999999/",
        "http://x.example:65536/",
        "http://x.example:0/",
        "http://x.example:http/",
        "http://[::1",
        "http://exa\u2100mple/",
        "http://x.example/ä",
        "http://x example/",
        "http://x.example/a b",
        "http://x.example/\r\nX: y",
    ],
)
def test_only_web_addresses_are_taken(store: Store, url: str) -> None:
    with pytest.raises(Refused):
        add_webhook(store.database, url, "", moderator="ada")


class _Accepting(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        self.server.bodies.append(self.rfile.read(int(self.headers["Content-Length"])))  # type: ignore[attr-defined]
        if self.path == "/moved":
            self.send_response(302)
            self.send_header("Location", "/hook")
        else:
            self.send_response(200)
        self.end_headers()

    def log_message(self, *arguments: Any) -> None:
        """Say nothing."""


@pytest.fixture
def server() -> Iterator[HTTPServer]:
    made = HTTPServer(("127.0.0.1", 0), _Accepting)
    made.bodies = []  # type: ignore[attr-defined]
    thread = Thread(target=made.serve_forever, args=(0.01,))
    thread.start()
    yield made
    made.shutdown()
    thread.join()
    made.server_close()


@pytest.mark.parametrize(("path", "accepted"), [("/hook", 1), ("/moved", 0)])
def test_a_real_receiver_gets_the_message_and_redirects_are_not_followed(
    store: Store, save: Save, waiting: Waiting, ada: Viewer, server: HTTPServer, path: str, accepted: int
) -> None:
    add_webhook(store.database, f"http://127.0.0.1:{server.server_port}{path}", "", moderator="ada")
    save(Comment("1", "bad one"))
    one = waiting(ada)[0]
    decide(store.database, ada, Judgement(Resolution.APPROVE), [Target(one.id, one.version)])
    assert deliver_due(store.database) == accepted
    assert len(server.bodies) == 1  # type: ignore[attr-defined]
