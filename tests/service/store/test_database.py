"""Opening a store: migrations, and one sentence for what is wrong."""

from __future__ import annotations

import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import text

from service.store import Store, StoreError, open_store
from service.store.database import _prepare_sqlite
from service.store.tables import metadata


def test_the_migrations_make_the_tables_of_the_code(store: Store) -> None:
    def ours(thing: Any, name: str | None, kind: str, reflected: bool, other: Any) -> bool:
        return "search" not in (name or "")

    with store.database.read() as connection:
        context = MigrationContext.configure(connection, opts={"include_object": ours})
        assert compare_metadata(context, metadata) == []


def test_a_store_is_opened_again_as_it_was(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/store.sqlite3"
    with open_store(url) as first:
        first.create_key("one", 60)
    with open_store(url) as again:
        assert [key.name for key in again.list_keys()] == ["one"]


def test_several_processes_may_open_a_new_store_at_once(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/store.sqlite3"
    with ThreadPoolExecutor(4) as pool:
        stores = list(pool.map(lambda _: open_store(url), range(4)))
    assert all(store.healthy() for store in stores)
    for store in stores:
        store.close()


def test_sqlite_is_asked_again_when_it_refuses_to_write_ahead_without_waiting(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of two connections that switch a new file at once one is refused, whatever its time to wait: here it has none."""
    file = tmp_path / "new.sqlite3"
    with closing(sqlite3.connect(file, isolation_level=None)) as other, closing(_impatient(file)) as refused:
        other.executescript("create table any(thing); begin; select * from any")
        monkeypatch.setattr("service.store.database.sleep", lambda _: other.execute("commit"))
        _prepare_sqlite(refused, None)
        assert refused.execute("pragma journal_mode").fetchone() == ("wal",)


def test_sqlite_that_never_lets_a_file_be_switched_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "new.sqlite3"
    monkeypatch.setattr("service.store.database.BUSY_SECONDS", 0)
    with closing(sqlite3.connect(file, isolation_level=None)) as other, closing(_impatient(file)) as refused:
        other.executescript("create table any(thing); begin exclusive")
        with pytest.raises(sqlite3.OperationalError, match="database is locked"):
            _prepare_sqlite(refused, None)


def _impatient(file: Path) -> sqlite3.Connection:
    return sqlite3.connect(file, isolation_level=None, timeout=0)


def test_sqlite_writes_ahead_and_syncs_every_commit(tmp_path: Path) -> None:
    with open_store(f"sqlite:///{tmp_path}/store.sqlite3") as store, store.database.read() as connection:
        assert connection.execute(text("pragma journal_mode")).scalar_one() == "wal"
        assert connection.execute(text("pragma synchronous")).scalar_one() == 2


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("", "cannot be read"),
        ("not a url", "cannot be read"),
        ("mysql://host/name", "'mysql'"),
        ("sqlite://", "needs a file"),
        ("sqlite:///:memory:", "needs a file"),
        ("sqlite:////no/such/folder/at/all.db", "does not open"),
        ("postgresql://nobody@127.0.0.1:1/none", "does not open"),
    ],
)
def test_a_wrong_url_gets_one_sentence(url: str, sentence: str) -> None:
    with pytest.raises(StoreError, match=sentence) as caught:
        open_store(url)
    assert "\n" not in str(caught.value)


def test_a_password_in_the_url_is_not_in_the_sentence() -> None:
    with pytest.raises(StoreError) as caught:
        open_store("postgresql://someone:hunter2@127.0.0.1:1/none")
    assert "hunter2" not in str(caught.value)


def test_a_file_that_is_no_database_gets_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "x.db").write_bytes(b"this is no database" * 100)
    with pytest.raises(StoreError, match="not a database"):
        open_store(f"sqlite:///{tmp_path}/x.db")


def test_a_store_of_a_newer_version_is_refused(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/store.sqlite3"
    with open_store(url) as store, store.database.write() as connection:
        connection.execute(text("update alembic_version set version_num = '9999'"))
    with pytest.raises(StoreError, match="newer version"):
        open_store(url)
