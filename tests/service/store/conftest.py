"""Stores to test with: the same tests run on SQLite and on PostgreSQL, with a clock that the test turns."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import text

from data.records import Article, Comment, Discussion
from model.scores import ATTRIBUTES, CommentScores
from service.policy import Policy, Reason, recommend
from service.store import Saved, Scored, Store, open_store
from service.store.filters import Filter
from service.store.queue import QueuedComment, list_comments
from service.store.tables import metadata
from service.store.viewers import Role, Viewer

POSTGRES = "postgresql://postgres@127.0.0.1:5432/test"


class Clock:
    """A clock that stands still until it is turned."""

    def __init__(self) -> None:
        self.moment = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.moment

    def turn(self, **by: float) -> None:
        self.moment += timedelta(**by)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(scope="session")
def postgres_schema() -> Iterator[str]:
    """A schema of its own on the local server, as a URL; the test is skipped where there is none."""
    psycopg = pytest.importorskip("psycopg", reason="needs the extra `postgres`")
    try:
        connection = psycopg.connect(POSTGRES, autocommit=True, connect_timeout=3)
    except psycopg.OperationalError:
        pytest.skip("needs a PostgreSQL server at 127.0.0.1:5432")
    schema = f"desk_{uuid4().hex[:12]}"
    with connection:
        connection.execute(f"create schema {schema}")
        yield f"{POSTGRES}?options=-csearch_path%3D{schema}%20-csynchronous_commit%3Doff"
        connection.execute(f"drop schema {schema} cascade")


@pytest.fixture
def postgres_url(postgres_schema: str) -> Iterator[str]:
    """The schema, emptied after the test: deleting is faster than migrating anew, and the log resists without this."""
    yield postgres_schema
    with open_store(postgres_schema) as used, used.database.write() as connection:
        connection.execute(text("set local session_replication_role = replica"))
        for table in metadata.sorted_tables:
            connection.execute(table.delete())


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def store(request: pytest.FixtureRequest, tmp_path: Path, clock: Clock) -> Iterator[Store]:
    """An empty store, once on each database."""
    sqlite = request.param == "sqlite"
    url = f"sqlite:///{tmp_path}/store.sqlite3" if sqlite else request.getfixturevalue("postgres_url")
    with open_store(url, now=clock) as opened:
        yield opened


Save = Callable[..., Saved]


@pytest.fixture
def save(store: Store) -> Save:
    """Save comments under one article; the text "bad ..." has toxicity .9, "ok ..." has .1, or as given."""

    def saving(
        *comments: Comment,
        site: str = "daily",
        section: str = "sport",
        url: str = "https://daily.example/sport/cup",
        scores: dict[str, float] | None = None,
        reasons: Sequence[Reason] = (),
    ) -> Saved:
        article = Article(title="The cup", paragraphs=("It was a close game.",), url=url)
        results = [scored(comment, scores, reasons) for comment in comments]
        return store.save_discussion(site, Discussion(article, comments), results, section=section)

    return saving


def scored(comment: Comment, scores: dict[str, float] | None = None, reasons: Sequence[Reason] = ()) -> Scored:
    given = {"toxicity": 0.9 if comment.text.startswith("bad") else 0.1, **(scores or {})}
    made = CommentScores({name: given.get(name, 0.0 if name != "relevance" else 1.0) for name in ATTRIBUTES}, "en")
    return Scored(comment, made, recommend(made, Policy(), reasons), "fake-1")


@pytest.fixture
def ada() -> Viewer:
    return Viewer("ada", Role.MODERATOR)


@pytest.fixture
def bob() -> Viewer:
    return Viewer("bob", Role.MODERATOR)


@pytest.fixture
def waiting(store: Store) -> Callable[[Viewer], list[QueuedComment]]:
    """What needs review, as a viewer sees it."""
    return lambda viewer: list(list_comments(store.database, Filter(), viewer, limit=1000).comments)
