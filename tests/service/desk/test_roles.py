"""Every route of the desk as every role and as nobody: what is not allowed answers without telling anything."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from fastapi.testclient import TestClient

from data.records import Comment
from service.desk.routes import router
from service.store import Store
from service.store.accounts import change_account, list_accounts
from service.store.filters import Filter, Queue
from service.store.queue import list_comments
from service.store.viewers import Role, Viewer

Fill = Callable[..., None]
LogIn = Callable[[str], TestClient]
SECRET = "walrus confession"
READ, DECIDE, RULE, ALL = "read", "decide", "rule", "all"

# method, path, who may: everybody with an account, those who decide, admins, or nobody needs to be known
TABLE = (
    ("GET", "/", READ),
    ("GET", "/comments/{comment_id}", READ),
    ("GET", "/counts", READ),
    ("GET", "/histogram", READ),
    ("GET", "/scatter", READ),
    ("GET", "/policy", READ),
    ("GET", "/words", READ),
    ("GET", "/quality", READ),
    ("GET", "/account", READ),
    ("POST", "/account/blur", READ),
    ("POST", "/account/password", READ),
    ("GET", "/range", DECIDE),
    ("POST", "/range", DECIDE),
    ("POST", "/comments/{comment_id}/decision", DECIDE),
    ("POST", "/comments/{comment_id}/undo", DECIDE),
    ("POST", "/comments/{comment_id}/claim", DECIDE),
    ("POST", "/comments/{comment_id}/release", DECIDE),
    ("POST", "/comments/{comment_id}/notes", DECIDE),
    ("POST", "/decisions", DECIDE),
    ("POST", "/undo", DECIDE),
    ("POST", "/policy", RULE),
    ("POST", "/words", RULE),
    ("POST", "/words/{rule_id}/removal", RULE),
    ("GET", "/log", RULE),
    ("GET", "/log.csv", RULE),
    ("GET", "/log.jsonl", RULE),
    ("GET", "/accounts", RULE),
    ("POST", "/accounts", RULE),
    ("POST", "/accounts/{name}", RULE),
    ("GET", "/webhooks", RULE),
    ("POST", "/webhooks", RULE),
    ("POST", "/webhooks/{webhook_id}/removal", RULE),
    ("POST", "/logout", READ),
    ("GET", "/login", ALL),
    ("POST", "/login", ALL),
    ("GET", "/static/{name}", ALL),
)
MAY = {
    READ: {"ada", "bob", "cleo", "vic"},
    DECIDE: {"ada", "bob", "cleo"},
    RULE: {"ada"},
    ALL: {"", "ada", "bob", "cleo", "vic"},
}
QUERY = {"/range": "?a=toxicity&lo=0&hi=1&resolution=approve"}
FORM = {"resolution": "approve", "version": "1", "text": "a note", "role": "viewer", "list": "banned", "kind": "word"}
FORM |= {
    "pattern": "zebra",
    "url": "https://x.example",
    "sealed": "x",
    "back": "/histogram?a=toxicity&lo=0&hi=1",
    "pick": "1:1",
}
FORM |= {"name": "new", "password": "a long enough phrase", "why": "a test", "t_toxicity": "0.4"}


def test_the_table_names_every_route_of_the_desk() -> None:
    routers = [router, *(part.original_router for part in router.routes if hasattr(part, "original_router"))]
    routes = [route for one in routers for route in one.routes if hasattr(route, "methods")]
    assert {(method, route.path) for route in routes for method in route.methods} == {
        (method, path) for method, path, _ in TABLE
    }


@pytest.fixture
def number(store: Store, fill: Fill) -> int:
    """A comment of the section sport, which cleo does not reach."""
    fill(Comment("1", f"A {SECRET}", author="Eve"), Comment("2", "Another"))
    return list_comments(store.database, Filter(), Viewer("x")).comments[0].id


def ask(client: TestClient, method: str, path: str, number: int) -> tuple[int, str, str]:
    filled = path.format(comment_id=number, rule_id=1, webhook_id=1, name="vic" if "accounts" in path else "desk.css")
    answer = client.request(method, filled + QUERY.get(path, ""), data=FORM if method == "POST" else None)
    return answer.status_code, answer.headers.get("location", ""), answer.text


@pytest.mark.parametrize("name", ["", "vic", "cleo", "bob", "ada"])
def test_each_role_reaches_its_routes_and_no_other(log_in: LogIn, number: int, name: str) -> None:
    for method, path, needed in TABLE:
        status, location, text = ask(log_in(name), method, path, number)
        where = f"{name or 'nobody'} {method} {path}: {status}"
        if name in MAY[needed]:
            assert status not in (401, 403) or path == "/login", where
            assert status < 500, where
            assert not location.startswith("/login") or path in ("/logout", "/login", "/account/password"), where
        elif name == "":
            assert (status, location.startswith("/login?next=")) == (303, True), where
            assert text == "", where
        else:
            assert status == 403, where
            assert SECRET not in text, where


def test_nothing_is_changed_by_those_who_may_not(log_in: LogIn, store: Store, number: int) -> None:
    before = list_comments(store.database, Filter(queue=Queue.ALL), Viewer("x")).comments
    for name in ("", "vic"):
        for method, path, needed in TABLE:
            if method == "POST" and name not in MAY[needed]:
                ask(log_in(name), method, path, number)
    assert list_comments(store.database, Filter(queue=Queue.ALL), Viewer("x")).comments == before
    assert log_in("ada").get("/words").text.count("zebra") == 0


def test_an_admin_of_a_section_reads_nothing_of_the_others_in_the_log(log_in: LogIn, store: Store, number: int) -> None:
    rejected = {**FORM, "resolution": "reject", "reason": "insult", "explanation": SECRET}
    assert log_in("ada").post(f"/comments/{number}/decision", data=rejected).status_code == 303
    change_account(store.database, "cleo", by="ada", role=Role.ADMIN, sections=("politics",))
    for path in ("/log", "/log.csv", "/log.jsonl"):
        whole, narrowed = log_in("ada").get(path).text, log_in("cleo").get(path).text
        assert f"comment {number}" in whole
        assert "change account" in narrowed
        assert f"comment {number}" not in narrowed
        assert SECRET not in narrowed


def test_an_admin_of_a_section_gives_no_account_more_than_that(log_in: LogIn, store: Store) -> None:
    change_account(store.database, "cleo", by="ada", role=Role.ADMIN, sections=("politics",))
    cleo = log_in("cleo")
    for sections in ("", "sport", "politics, sport"):
        wider = {"name": "new", "password": "a long enough phrase", "role": "admin", "sections": sections}
        assert cleo.post("/accounts", data=wider).status_code == 422
        assert cleo.post("/accounts/cleo", data=wider).status_code == 422
    assert cleo.post("/accounts/bob", data={"role": "viewer", "sections": "politics"}).status_code == 422
    assert {(one.name, one.role, one.sections) for one in list_accounts(store.database)} == {
        ("ada", Role.ADMIN, ()),
        ("bob", Role.MODERATOR, ()),
        ("cleo", Role.ADMIN, ("politics",)),
        ("vic", Role.VIEWER, ()),
    }
    equal = {"name": "new", "password": "a long enough phrase", "role": "admin", "sections": "politics"}
    assert cleo.post("/accounts", data=equal).status_code == 303
    assert cleo.post("/accounts/new", data={"role": "viewer", "sections": "politics"}).status_code == 303


def test_a_moderator_of_a_section_reads_nothing_of_the_others_anywhere(log_in: LogIn, number: int) -> None:
    cleo = log_in("cleo")
    pages = [
        "/?queue=all",
        "/?q=walrus&queue=all",
        "/histogram?a=toxicity&lo=0&hi=1",
        "/scatter",
        "/policy",
        "/words",
        "/quality",
    ]
    for path in [*pages, f"/comments/{number}", "/range?a=toxicity&lo=0&hi=1&resolution=approve"]:
        text = cleo.get(path).text
        assert SECRET not in text, path
        assert "sport" not in text, path
    for action in ("decision", "undo", "claim", "notes", "release"):
        answer = cleo.post(f"/comments/{number}/{action}", data=FORM)
        assert answer.status_code in (404, 422), action
