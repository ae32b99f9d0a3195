"""What surrounds every page: hosts, origins, headers, sessions, static files."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import event
from sqlalchemy.exc import DataError

from data.records import Comment
from service.desk.pages import STATIC, safe_return, two_digits
from service.store import Store

Fill = Callable[..., None]
LogIn = Callable[[str], TestClient]
HTMX_SHA256 = "a0abb04f2f45a1f89d1d4844023245537e5e6014c87b144553e0607b4cc32130"


@pytest.mark.parametrize(
    "path", ["/", "/login", "/comments/1", "/histogram", "/nothing/there", "/static/desk.css", "/log.csv"]
)
def test_every_answer_of_the_desk_carries_the_strict_policy(demo: TestClient, path: str) -> None:
    answer = demo.get(path, headers={"Accept": "text/html,*/*;q=0.8"})
    policy = answer.headers["content-security-policy"]
    assert policy.startswith("default-src 'self';")
    assert not re.search(r"unsafe|data:|\*|https?:|nonce|sha256", policy)
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_a_mistyped_address_shows_a_browser_a_page_and_a_program_json(demo: TestClient) -> None:
    page = demo.get("/nowhere", headers={"Accept": "text/html"})
    assert (page.status_code, page.headers["content-type"]) == (404, "text/html; charset=utf-8")
    assert 'href="/"' in page.text
    assert demo.get("/nowhere").json()["error"] == "NotFound"
    assert demo.get("/v1/nowhere", headers={"Accept": "text/html"}).json()["error"] == "NotFound"


@pytest.mark.parametrize("path", ["/comments/abc", "/comments/0", "/comments/99999999999"])
def test_an_address_that_no_comment_can_have_is_no_wrong_form(demo: TestClient, path: str) -> None:
    answer = demo.get(path)
    assert answer.status_code == 404
    assert "There is nothing at this address." in answer.text


def test_no_template_or_script_needs_an_exception_from_the_policy() -> None:
    for file in [*(STATIC.parent / "templates").glob("*.html"), STATIC / "desk.js"]:
        text = file.read_text()
        assert not re.search(r"\sstyle=|\son\w+=|<style|hx-on|js:|javascript:|\|\s*safe|innerHTML|eval\(", text), (
            file.name
        )
        assert all("src=" in tag for tag in re.findall(r"<script[^>]*>", text)), file.name


def test_the_vendored_htmx_is_the_published_one() -> None:
    content = (STATIC / "htmx-4.0.1.min.js").read_bytes()
    assert hashlib.sha256(content).hexdigest() == HTMX_SHA256


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 422),  # no browser: allowed to ask, and there is nothing to undo
        ({"Sec-Fetch-Site": "same-origin"}, 422),
        ({"Sec-Fetch-Site": "none"}, 422),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Origin": "http://127.0.0.1:8000"}, 422),
        ({"Origin": "http://127.0.0.1:9000"}, 403),
        ({"Origin": "https://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": "http://["}, 403),
    ],
)
def test_a_change_asked_for_by_another_site_is_refused(demo: TestClient, headers: dict[str, str], status: int) -> None:
    assert demo.post("/undo", headers=headers).status_code == status


def test_a_value_that_the_database_cannot_hold_is_the_forms_fault(demo: TestClient, store: Store) -> None:
    @event.listens_for(store.database.engine, "before_cursor_execute")
    def refuse(*_: object) -> None:  # as PostgreSQL does for a NUL
        raise DataError("insert", {}, ValueError())

    answer = demo.get("/policy?site=a%00b")
    assert answer.status_code == 422
    assert "a value that is not allowed" in answer.text


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("127.0.0.1:8000", 200),
        ("localhost", 200),
        ("[::1]:8000", 200),
        ("evil.example", 421),
        ("127.0.0.1.evil.example", 421),
        ("[", 421),
    ],
)
def test_an_open_desk_answers_under_the_machines_own_names_only(demo: TestClient, host: str, status: int) -> None:
    assert demo.get("/", headers={"Host": host}).status_code == status


def test_the_demo_opens_nothing_on_an_address_that_others_reach(make_app: Callable[..., FastAPI]) -> None:
    client = TestClient(make_app(demo=True, host="0.0.0.0"), base_url="http://desk.example", follow_redirects=False)
    assert client.get("/").headers["location"] == "/login?next=%2F"


def test_with_a_public_address_only_that_name_is_answered(make_app: Callable[..., FastAPI]) -> None:
    app = make_app(public_url="https://desk.example")
    assert TestClient(app, base_url="https://desk.example").get("/login").status_code == 200
    assert TestClient(app, base_url="https://other.example").get("/login").status_code == 421


@pytest.mark.usefixtures("people")
def test_logging_in_starts_a_session_in_a_careful_cookie(make_app: Callable[..., FastAPI], store: Store) -> None:
    client = TestClient(
        make_app(public_url="https://desk.example"), base_url="https://desk.example", follow_redirects=False
    )
    assert client.get("/histogram?a=insult").headers["location"] == "/login?next=%2Fhistogram%3Fa%3Dinsult"
    wrong = client.post("/login", data={"name": "ada", "password": "wrong", "next": "/"})
    assert wrong.status_code == 401
    assert "do not belong together" in wrong.text
    right = client.post(
        "/login", data={"name": "ada", "password": "a long enough phrase", "next": "/histogram?a=insult"}
    )
    assert right.headers["location"] == "/histogram?a=insult"
    cookie = right.headers["set-cookie"]
    assert all(word in cookie for word in ("HttpOnly", "Secure", "SameSite=lax"))
    assert client.get("/").status_code == 200
    assert client.post("/logout").headers["location"] == "/login"
    assert client.get("/").headers["location"].startswith("/login")


def test_a_fragments_page_is_sent_to_the_login_as_a_whole(log_in: LogIn) -> None:
    answer = log_in("").get("/counts", headers={"HX-Request": "true"})
    assert (answer.status_code, answer.headers["hx-redirect"]) == (401, "/login?next=%2F")
    page = {"HX-Request": "true", "HX-Current-URL": "http://127.0.0.1:8000/?q=a&sort=newest"}
    answer = log_in("").post("/comments/1/decision", headers=page)
    assert answer.headers["hx-redirect"] == "/login?next=%2F%3Fq%3Da%26sort%3Dnewest"


def test_without_accounts_the_login_says_how_to_make_one(make_app: Callable[..., FastAPI]) -> None:
    page = TestClient(make_app(), base_url="http://127.0.0.1:8000").get("/login").text
    assert "belowline users add NAME --role admin" in page


def test_static_files_are_named_by_content_and_nothing_else_is_served(demo: TestClient) -> None:
    page = demo.get("/").text
    for path in re.findall(r'(?:src|href)="(/static/[^"]+)"', page):
        answer = demo.get(path)
        assert answer.status_code == 200
        assert "immutable" in answer.headers["cache-control"]
    for path in ("/static/nothing.js", "/static/..%2fsettings.py", "/static/%2e%2e/templates/base.html"):
        assert demo.get(path).status_code == 404


def test_a_page_is_never_kept_by_a_cache(demo: TestClient, fill: Fill) -> None:
    fill(Comment("1", "private"))
    assert demo.get("/").headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    ("path", "safe"),
    [
        ("/x?y", "/x?y"),
        ("//x", "/"),
        ("//[x", "/"),
        ("http://[x", "/"),
        ("/\\x", "/"),
        ("/" + "x" * 3000, "/"),
        ("", "/"),
        ("/\r\nX: y", "/"),
    ],
)
def test_a_way_back_is_checked(path: str, safe: str) -> None:
    assert safe_return(path) == safe


@pytest.mark.parametrize(
    ("score", "shown"), [(None, "–"), (0.0, "0.00"), (0.994, "0.99"), (0.999, "0.99"), (1.0, "1.00")]
)
def test_a_score_is_shown_as_one_only_when_it_is(score: float | None, shown: str) -> None:
    assert two_digits(score) == shown


def test_the_desk_imports_no_training_library() -> None:
    import subprocess
    import sys

    code = (
        "import service.desk.routes, sys; print([m for m in ('torch', 'sklearn', 'transformers') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=Path.cwd())
    assert done.stdout.strip() == "[]"
