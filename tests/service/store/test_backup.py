"""Backup and restore: everything comes back, whichever database it came from."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from data.records import Comment
from service.store import Resolution, Saved, Store, StoreError, open_store
from service.store.audit import first_break
from service.store.backup import read_backup, write_backup
from service.store.decisions import Judgement, Target, decide
from service.store.queue import QueuedComment
from service.store.tables import metadata
from service.store.viewers import Viewer

Save = Callable[..., Saved]
Waiting = Callable[[Viewer], list[QueuedComment]]


def content(store: Store) -> dict[str, list[Any]]:
    with store.database.read() as connection:
        return {
            table.name: sorted(map(repr, connection.execute(select(table)).all())) for table in metadata.sorted_tables
        }


@pytest.fixture
def backup(store: Store, save: Save, waiting: Waiting, ada: Viewer, tmp_path: Path) -> Path:
    save(Comment("1", "bad \0 one", author="\ud83d"), Comment("2", "ok"))
    one = waiting(ada)[0]
    decide(store.database, ada, Judgement(Resolution.APPROVE), [Target(one.id, one.version)])
    store.create_key("k", 10)
    file = tmp_path / "backup.jsonl.gz"
    assert write_backup(store.database, file) >= 6
    return file


def test_a_backup_of_either_database_fills_an_empty_one(store: Store, backup: Path, tmp_path: Path) -> None:
    with open_store(f"sqlite:///{tmp_path}/restored.sqlite3") as restored:
        read_backup(restored.database, backup)
        assert content(restored) == content(store)
        assert first_break(restored.database) is None


@pytest.mark.postgres
def test_a_backup_of_sqlite_goes_on_in_postgresql(postgres_url: str, tmp_path: Path) -> None:
    with open_store(f"sqlite:///{tmp_path}/small.sqlite3") as small:
        small.create_key("first", 10)
        write_backup(small.database, tmp_path / "b.gz")
    with open_store(postgres_url) as large:
        read_backup(large.database, tmp_path / "b.gz")
        large.create_key("second", 10)
        assert [key.name for key in large.list_keys()] == ["first", "second"]


def test_a_store_in_use_is_not_overwritten(store: Store, backup: Path) -> None:
    before = content(store)
    with pytest.raises(StoreError, match="not empty"):
        read_backup(store.database, backup)
    assert content(store) == before


def test_a_backup_that_cannot_be_kept_leaves_nothing_behind(store: Store, tmp_path: Path) -> None:
    (tmp_path / "backup.gz").mkdir()
    with pytest.raises(IsADirectoryError):
        write_backup(store.database, tmp_path / "backup.gz")
    assert list(tmp_path.glob("*.part")) == []


def turned(whole: bytes) -> bytes:
    """The first byte of the compressed data is another one, so that the compression itself is broken."""
    plain = gzip.compress(gzip.decompress(whole))
    return plain[:10] + b"\xff" + plain[11:]


def with_lines(change: Callable[[list[bytes]], list[bytes]]) -> Callable[[bytes], bytes]:
    return lambda whole: gzip.compress(b"\n".join(change(gzip.decompress(whole).splitlines())))


@pytest.mark.parametrize(
    "harm",
    [
        pytest.param(lambda whole: whole[: len(whole) // 2], id="cut"),
        pytest.param(lambda whole: b"hello", id="plain"),
        pytest.param(turned, id="turned"),
        pytest.param(with_lines(lambda lines: [b'{"format": "x"}']), id="other"),
        pytest.param(with_lines(lambda lines: [b"[]", *lines[1:]]), id="no head"),
        pytest.param(with_lines(lambda lines: [*lines, b"7"]), id="no row"),
        pytest.param(with_lines(lambda lines: [*lines, lines[-1]]), id="twice"),
        pytest.param(with_lines(lambda lines: [lines[0], b'{"table": "account", "row": {}}']), id="empty row"),
        pytest.param(
            with_lines(lambda lines: [lines[0], b'{"table": "account", "row": {"created_at": "once"}}']), id="no moment"
        ),
    ],
)
def test_a_damaged_backup_restores_nothing(backup: Path, tmp_path: Path, harm: Callable[[bytes], bytes]) -> None:
    backup.write_bytes(harm(backup.read_bytes()))
    with open_store(f"sqlite:///{tmp_path}/restored.sqlite3") as restored:
        with pytest.raises(StoreError, match="backup"):
            read_backup(restored.database, backup)
        assert restored.list_keys() == []
