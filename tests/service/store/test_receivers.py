"""Receivers of webhooks that fail, hang, drip or are slow: none holds up another."""

from __future__ import annotations

import socket
from collections.abc import Callable, Mapping
from contextlib import suppress
from threading import Event, Thread

import pytest

from data.records import Comment
from service.store import Resolution, Saved, Store, delivering
from service.store.decisions import Judgement, Target, decide
from service.store.delivering import deliver_due
from service.store.posting import post
from service.store.queue import QueuedComment
from service.store.viewers import Viewer
from service.store.webhooks import add_webhook

Save = Callable[..., Saved]
Waiting = Callable[[Viewer], list[QueuedComment]]


@pytest.fixture
def two_receivers(store: Store, save: Save, waiting: Waiting, ada: Viewer) -> None:
    """Three messages for a receiver that will be dead, added first, and for one that is well."""
    for name in ("dead", "well"):
        add_webhook(store.database, f"https://{name}.example/", "", moderator="ada")
    save(*(Comment(str(number), "bad one") for number in range(3)))
    decide(store.database, ada, Judgement(Resolution.APPROVE), [Target(one.id, one.version) for one in waiting(ada)])


@pytest.mark.usefixtures("two_receivers")
def test_a_receiver_that_failed_gets_no_more_in_the_same_round(store: Store) -> None:
    asked = []

    def send(url: str, body: bytes, headers: Mapping[str, str]) -> int:
        asked.append(url)
        return 500 if "dead" in url else 200

    assert deliver_due(store.database, send) == 3
    assert sorted(asked) == ["https://dead.example/"] + ["https://well.example/"] * 3


@pytest.mark.usefixtures("two_receivers")
def test_a_receiver_that_hangs_holds_up_no_other(store: Store) -> None:
    served, others = Event(), []

    def send(url: str, body: bytes, headers: Mapping[str, str]) -> int:
        if "dead" in url:
            others.append(served.wait(5))
            raise TimeoutError
        served.set()
        return 200

    assert deliver_due(store.database, send) == 3
    assert others == [True]


@pytest.mark.usefixtures("two_receivers")
def test_a_slow_receiver_gives_its_turn_back(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(delivering, "TURN", -1.0)
    assert [deliver_due(store.database, lambda *message: 200) for _ in range(4)] == [2, 2, 2, 0]


@pytest.mark.usefixtures("two_receivers")
def test_many_messages_to_a_dead_receiver_crowd_out_nobody(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(delivering, "AT_ONCE", 1)
    assert deliver_due(store.database, lambda url, *message: 500 if "dead" in url else 200) == 1


def _drip(listener: socket.socket, whole: list[bool]) -> None:
    """Accept one connection and answer with a header line now and then, for longer than anybody should wait."""
    pause = Event()
    line, _ = listener.accept()
    with line, suppress(OSError):
        line.sendall(b"HTTP/1.1 200 OK\r\n")
        for _ in range(40):
            pause.wait(0.05)
            line.sendall(b"X-More: 1\r\n")
        line.sendall(b"Content-Length: 0\r\n\r\n")
        whole.append(True)


def test_a_receiver_that_drips_is_cut_off() -> None:
    whole: list[bool] = []
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = Thread(target=_drip, args=(listener, whole))
        thread.start()
        with pytest.raises(TimeoutError):
            post(f"http://127.0.0.1:{listener.getsockname()[1]}/", b"{}", {}, timeout=0.3)
        thread.join()
    assert not whole
