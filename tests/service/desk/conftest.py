"""A desk to test with: the real application over a fake scorer, with accounts, and a server for browsers."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from fastapi import FastAPI
from fastapi.testclient import TestClient

from data.records import Article, Comment, Discussion
from model.scores import ATTRIBUTES, CommentScores, Scorer, Span
from service.app import create_app
from service.policy import Policy, recommend
from service.settings import Settings
from service.store import Scored, Store, accounts, open_store
from service.store.tables import session
from service.store.viewers import Role

PASSWORD = "a long enough phrase"
BASE = "http://127.0.0.1:8000"
# name, role, sections
PEOPLE = (
    ("ada", Role.ADMIN, ()),
    ("bob", Role.MODERATOR, ()),
    ("cleo", Role.MODERATOR, ("politics",)),
    ("vic", Role.VIEWER, ()),
)


@pytest.fixture(scope="session")
def password_hashes() -> dict[str, str]:
    """One argon2 digest for every account of every test: making one takes longer than most tests."""
    from argon2 import PasswordHasher

    return {"hash": PasswordHasher().hash(PASSWORD)}


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store(f"sqlite:///{tmp_path}/desk.sqlite3") as opened:
        yield opened


@pytest.fixture
def people(store: Store, password_hashes: dict[str, str]) -> None:
    """An admin, a moderator, a moderator of politics only, and a viewer."""
    from sqlalchemy import insert

    from service.store.tables import account

    rows = [
        {
            "name": name,
            "password_hash": password_hashes["hash"],
            "role": role.value,
            "sections": list(sections),
            "created_at": store.database.now(),
        }
        for name, role, sections in PEOPLE
    ]
    with store.database.write() as connection:
        connection.execute(insert(account), rows)


Fill = Callable[..., None]


@pytest.fixture
def fill(store: Store) -> Fill:
    """Save comments that wait, the first the most urgent, under an article of a section."""

    def filling(*comments: Comment, section: str = "sport", title: str = "The cup", url: str | None = None) -> None:
        address = url or f"https://daily.example/{section}/{abs(hash(title))}"
        article = Article(title=title, paragraphs=("It was a close game.",), url=address)
        results = [_scored(comment, number) for number, comment in enumerate(comments)]
        store.save_discussion("daily", Discussion(article, comments), results, section=section)

    return filling


def _scored(comment: Comment, number: int) -> Scored:
    toxicity = max(0.95 - number * 0.01, 0.55)
    values: dict[str, float | None] = dict.fromkeys(ATTRIBUTES, 0.05)
    values |= {"toxicity": toxicity, "relevance": 0.9, "sarcasm": (number % 10) / 10}
    spans = (Span(0, min(3, len(comment.text)), "toxicity", toxicity),) if comment.text else ()
    scores = CommentScores(values, "en", None, spans)
    return Scored(comment, scores, recommend(scores, Policy({"toxicity": 0.5})), "fake-1")


@pytest.fixture
def make_app(store: Store, scorer: Scorer) -> Callable[..., FastAPI]:
    """The application with any settings; `second_opinion_share` is 0 unless given."""

    def making(**settings: Any) -> FastAPI:
        return create_app(Settings(**{"second_opinion_share": 0.0, **settings}), scorer, store)

    return making


@pytest.fixture
def demo(make_app: Callable[..., FastAPI]) -> Iterator[TestClient]:
    """The desk without login, as `serve --demo` opens it."""
    with TestClient(make_app(demo=True), base_url=BASE, follow_redirects=False) as client:
        yield client


LogIn = Callable[[str], TestClient]


@pytest.fixture
def log_in(make_app: Callable[..., FastAPI], store: Store, people: None) -> Iterator[LogIn]:
    """A client of the desk with a session of its own; the empty name is nobody."""
    app = make_app()
    with TestClient(app, base_url=BASE, follow_redirects=False):

        def logging_in(name: str) -> TestClient:
            client = TestClient(app, base_url=BASE, follow_redirects=False)
            if name:
                client.cookies.set("belowline_session", start_session(store, name))
            return client

        yield logging_in


def start_session(store: Store, name: str) -> str:
    """A session without the password, whose digest takes its time on purpose; the login has tests of its own."""
    from sqlalchemy import insert

    from service.store.records import digest

    number = next(one.id for one in accounts.list_accounts(store.database) if one.name == name)
    now, token = store.database.now(), f"token-of-{name}"
    values = {"token_hash": digest(token), "account_id": number, "started_at": now, "seen_at": now}
    with store.database.write() as connection:
        connection.execute(session.delete().where(session.c.token_hash == values["token_hash"]))
        connection.execute(insert(session).values(**values))
    return token


@pytest.fixture
def open_session(store: Store) -> Callable[[str], str]:
    """The token of a new session of an account, for a browser's cookie."""
    return lambda name: start_session(store, name)


@contextmanager
def running(app: FastAPI) -> Iterator[str]:
    """The application behind a real socket of this process, for browsers."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        server = uvicorn.Server(uvicorn.Config(app, log_config=None, access_log=False))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        while not server.started and thread.is_alive():
            time.sleep(0.01)
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        server.should_exit = True
        thread.join()


@pytest.fixture
def serving(make_app: Callable[..., FastAPI]) -> Iterator[Callable[..., str]]:
    """Start the application with any settings and return its address."""
    with ExitStack() as stack:
        yield lambda **settings: stack.enter_context(running(make_app(**settings)))


@pytest.fixture
def serving_store(scorer: Scorer) -> Iterator[Callable[[Store], str]]:
    """Start the application over a store that the test opened, and return its address.

    The store is closed here, after the server: what still runs in the server would open connections to a closed one.
    """
    settings = Settings.model_validate({"demo": True, "second_opinion_share": 0.0})
    with ExitStack() as stack:

        def serve(opened: Store) -> str:
            stack.enter_context(opened)
            return stack.enter_context(running(create_app(settings, scorer, opened)))

        yield serve


CHROMIUM = ("/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome")


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    """The system's Chromium; the test is skipped where there is none."""
    playwright = pytest.importorskip("playwright.sync_api", reason="needs playwright")
    path = next((path for path in CHROMIUM if Path(path).exists()), None)
    if path is None:
        pytest.skip("needs Chromium")
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-gpu"])
        yield browser
        browser.close()


@pytest.fixture
def browse(chromium: Any) -> Iterator[Callable[..., Any]]:
    """A page in a context of its own; what goes wrong in the page fails the test."""
    opened = []
    problems: list[str] = []

    def opening(address: str, *, token: str | None = None, **options: Any) -> Any:
        context = chromium.new_context(base_url=address, **{"viewport": {"width": 1400, "height": 900}, **options})
        opened.append(context)
        if token is not None:
            context.add_cookies([{"name": "belowline_session", "value": token, "url": address}])
        page = context.new_page()
        page.set_default_timeout(30_000)  # a machine of two cores may have other things to do
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.on("console", lambda said: problems.append(said.text) if _is_problem(said) else None)
        return page

    yield opening
    for context in opened:
        context.close()
    assert problems == []


def _is_problem(said: Any) -> bool:
    """An error in the console, such as a breach of the content security policy; a refused or lost answer is none."""
    expected = ("Failed to load resource", "Failed to fetch")
    return bool(said.type == "error" and not any(words in said.text for words in expected))
