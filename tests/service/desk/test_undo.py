"""Undo over HTTP, and what a late decision is told: each form names what it takes back, each answer what stands."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape

import pytest
from fastapi.testclient import TestClient
from sqlalchemy.exc import OperationalError

from data.records import Article, Comment, Discussion, Status
from service.store import State, Store
from service.store.cards import surroundings
from service.store.filters import Filter
from service.store.privacy import erase_author
from service.store.queue import QueuedComment, find_comment, list_comments
from service.store.viewers import Viewer

Fill = Callable[..., None]
LogIn = Callable[[str], TestClient]
HTMX = {"HX-Request": "true"}
ALL = Viewer("x")


@pytest.fixture
def seen(fill: Fill, store: Store) -> list[QueuedComment]:
    fill(*(Comment(str(number), f"Comment {number}.", author="Eve") for number in range(3)))
    return list(list_comments(store.database, Filter(), ALL).comments)


def decide(client: TestClient, one: QueuedComment, resolution: str, **more: str) -> str:
    """Decide a comment as it was seen, with htmx, and return the answer."""
    data = {"version": str(one.version), "resolution": resolution, "reason": "insult", "back": "/", **more}
    return unescape(client.post(f"/comments/{one.id}/decision", data=data, headers=HTMX).text)


def named(text: str) -> dict[str, str]:
    """The decision that the form of an undo names."""
    found = re.findall(r'name="decision" value="(\d+)"', text)
    assert len(found) == 1
    return {"decision": found[0], "back": "/"}


def state(store: Store, one: QueuedComment) -> State:
    return find_comment(store.database, one.id, ALL).state


def test_undo_brings_the_card_back(demo: TestClient, seen: list[QueuedComment]) -> None:
    strip = named(decide(demo, seen[0], "approve"))
    assert demo.post(f"/comments/{seen[0].id}/undo", headers=HTMX).status_code == 422  # it names no decision
    for _ in range(2):  # the first answer may be lost
        answer = demo.post(f"/comments/{seen[0].id}/undo", data=strip, headers=HTMX)
        assert answer.status_code == 200
        assert f'id="c{seen[0].id}"' in answer.text
        assert "ment 0." in answer.text
    assert demo.post("/undo").status_code == 422  # nothing is left to undo


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_undo_never_takes_back_what_somebody_else_decided_since(
    log_in: LogIn, store: Store, seen: list[QueuedComment], headers: dict[str, str]
) -> None:
    strip = named(decide(log_in("ada"), seen[0], "approve"))
    late = decide(log_in("bob"), seen[0], "reject")
    assert "<bdi>ada</bdi></b> decided this comment meanwhile: it is now approved." in late
    decide(log_in("bob"), find_comment(store.database, seen[0].id, ALL), "reject")
    answer = log_in("ada").post(f"/comments/{seen[0].id}/undo", data=strip, headers=headers)
    assert answer.status_code == 409
    assert "<bdi>bob</bdi></b> decided this comment meanwhile: it is now rejected as insult" in answer.text
    assert state(store, seen[0]) is State.REJECTED


def test_a_selection_is_taken_back_with_the_button_beside_its_message(
    demo: TestClient, store: Store, seen: list[QueuedComment]
) -> None:
    picks = [f"{one.id}:{one.version}" for one in seen[:2]]
    done = demo.post("/decisions", data={"pick": picks, "resolution": "reject", "reason": "spam"})
    page = demo.get(done.headers["location"]).text
    assert "2 comments rejected." in page
    assert "Undo all of it" in page
    decide(demo, seen[2], "approve")  # the last decision is another one now
    undone = demo.post("/undo", data=named(page))
    assert undone.headers["location"] == "/?said=undo-2-0"
    assert [state(store, one) for one in seen] == [State.WAITING, State.WAITING, State.APPROVED]
    assert "Undo all of it" not in demo.get(done.headers["location"]).text


def test_a_range_is_taken_back_with_the_button_beside_its_message(
    demo: TestClient, store: Store, seen: list[QueuedComment]
) -> None:
    query = "a=toxicity&lo=0&hi=1"
    sealed = re.search(r'name="sealed" value="(\w+)"', demo.get(f"/range?{query}&resolution=defer").text)
    assert sealed is not None
    data = {"sealed": sealed[1], "back": f"/histogram?{query}", "resolution": "defer"}
    page = demo.get(demo.post("/range", data=data).headers["location"]).text
    assert "3 comments deferred." in page
    demo.post("/undo", data=named(page))
    assert {state(store, one) for one in seen} == {State.WAITING}


@pytest.mark.parametrize("said", ["reject-2-0", "reject-2-0-99", "reject-2-0-9999999999", "reject-2-0-x"])
def test_an_address_offers_no_undo_of_what_is_not_ones_own(log_in: LogIn, seen: list[QueuedComment], said: str) -> None:
    decide(log_in("ada"), seen[0], "reject")
    for address in (f"/?said={said}", "/?said=reject-2-0-1"):
        assert "Undo all of it" not in log_in("bob").get(address).text


def test_the_comments_page_offers_undo_to_those_who_may(log_in: LogIn, store: Store, seen: list[QueuedComment]) -> None:
    path = f"/comments/{seen[0].id}"
    decide(log_in("bob"), seen[0], "approve")
    for name, offered in (("bob", True), ("ada", True), ("vic", False)):
        assert ('data-key="u">Undo' in log_in(name).get(path).text) is offered, name
    decide(log_in("ada"), find_comment(store.database, seen[0].id, ALL), "reject")
    assert 'data-key="u">Undo' not in log_in("bob").get(path).text
    assert log_in("ada").post(f"{path}/undo", data=named(log_in("ada").get(path).text)).status_code == 303
    assert state(store, seen[0]) is State.APPROVED


def test_the_same_rejection_for_another_reason_is_told_what_stands(
    demo: TestClient, store: Store, seen: list[QueuedComment]
) -> None:
    decide(demo, seen[0], "reject", reason="threat")
    late = decide(demo, seen[0], "reject", reason="hate", explanation="All of\r\nthem")
    assert "<b>You</b> decided this comment already: it is now rejected as threat or call for violence." in late
    assert '<option value="hate" selected>' in late  # nothing has to be chosen or written again
    assert ">All of\nthem</textarea>" in late
    current = find_comment(store.database, seen[0].id, ALL)
    decide(demo, current, "reject", reason="hate", explanation="All of\r\nthem")
    newest = surroundings(store.database, current, ALL).decisions[0]
    assert (newest.reason, newest.explanation) == ("hate", "All of\nthem")
    assert 'value="reject" data-key="r">' in late


def test_a_comment_that_was_erased_meanwhile_is_told_as_erased(
    demo: TestClient, store: Store, seen: list[QueuedComment]
) -> None:
    erase_author(store.database, "daily", str(seen[0].author), by="ada")
    assert "This comment was erased; there is nothing to decide any more." in decide(demo, seen[0], "reject")
    assert "Erased meanwhile" in demo.get(f"/counts?seen={seen[0].id}:{seen[0].version}").text


def test_a_comment_that_was_deleted_meanwhile_asks_for_no_decision(
    demo: TestClient, store: Store, seen: list[QueuedComment]
) -> None:
    article = Article(title="The cup", url=find_comment(store.database, seen[0].id, ALL).article_url)
    deleted = Comment("0", "", status=Status.DELETED)
    store.save_discussion("daily", Discussion(article, (deleted,)), [], section="sport")
    late = decide(demo, seen[0], "reject")
    assert "This comment was deleted on the platform; there is nothing to decide any more." in late
    assert "decide again" not in late
    assert "<button" not in late


def test_after_a_failure_of_the_database_nothing_is_claimed(
    demo: TestClient, seen: list[QueuedComment], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*arguments: object, **named: object) -> None:
        raise OperationalError("commit", {}, OSError("the server closed the connection"))

    monkeypatch.setattr("service.desk.deciding.decide", fail)
    assert "It is not known whether this was kept" in decide(demo, seen[0], "approve")


@pytest.mark.usefixtures("seen")
@pytest.mark.parametrize(
    ("path", "start"),
    [("/", 'class="acts"'), ("/", 'id="selection"'), ("/histogram?a=toxicity&lo=0&hi=1", 'action="/range"')],
)
def test_the_first_button_of_a_form_that_decides_does_nothing(demo: TestClient, path: str, start: str) -> None:
    """Enter in a field presses the first button of its form, with and without scripts."""
    first = re.search("<button[^>]*>", demo.get(path).text.partition(start)[2])
    assert first is not None
    assert 'formmethod="dialog"' in first[0]
