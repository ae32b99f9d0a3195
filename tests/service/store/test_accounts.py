"""Accounts: passwords, sessions, lock-out, and the last admin."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from service.store import Refused, Store, open_store
from service.store.accounts import (
    add_account,
    change_account,
    list_accounts,
    log_in,
    log_out,
    set_password,
    viewer_of,
)
from service.store.tables import account, session
from service.store.viewers import Role

PASSWORD = "a long enough phrase"


@pytest.fixture
def store(tmp_path: Path, clock: Any) -> Iterator[Store]:
    """Only on SQLite: what is tested here is argon2 and rules, and argon2 takes its time."""
    with open_store(f"sqlite:///{tmp_path}/store.sqlite3", now=clock) as opened:
        add_account(opened.database, "ada", PASSWORD, Role.ADMIN, by="test")
        yield opened


def test_a_session_belongs_to_whoever_logged_in_until_log_out(store: Store) -> None:
    token = log_in(store.database, "ada", PASSWORD)
    viewer = viewer_of(store.database, token)
    assert viewer is not None
    assert (viewer.name, viewer.role) == ("ada", Role.ADMIN)
    log_out(store.database, token, viewer)
    assert viewer_of(store.database, token) is None


def test_neither_password_nor_session_is_stored_as_it_is(store: Store) -> None:
    token = log_in(store.database, "ada", PASSWORD)
    with store.database.read() as connection:
        hashed = connection.execute(select(account.c.password_hash)).scalar_one()
        kept = connection.execute(select(session.c.token_hash)).scalar_one()
    assert hashed.startswith("$argon2id$")
    assert token not in kept


@pytest.mark.parametrize(("name", "password"), [("ada", "wrong"), ("nobody", PASSWORD), ("", ""), ("ada", "\ud800")])
def test_a_wrong_name_and_a_wrong_password_get_the_same_answer(store: Store, name: str, password: str) -> None:
    with pytest.raises(Refused, match="do not belong together"):
        log_in(store.database, name, password)


def test_an_account_is_locked_after_failures_and_opens_again(store: Store, clock: Any) -> None:
    for _ in range(5):
        with pytest.raises(Refused):
            log_in(store.database, "ada", "wrong")
    with pytest.raises(Refused):
        log_in(store.database, "ada", PASSWORD)
    clock.turn(seconds=31)
    assert log_in(store.database, "ada", PASSWORD)


def test_a_session_ends_when_idle_and_after_a_long_day(store: Store, clock: Any) -> None:
    token = log_in(store.database, "ada", PASSWORD)
    clock.turn(hours=7)
    assert viewer_of(store.database, token) is not None
    clock.turn(hours=7)
    assert viewer_of(store.database, token) is not None
    clock.turn(hours=3)
    assert viewer_of(store.database, token) is None
    idle = log_in(store.database, "ada", PASSWORD)
    clock.turn(hours=7)
    assert viewer_of(store.database, idle, asked=False) is not None  # a page that asks by itself is nobody's work
    clock.turn(hours=2)
    assert viewer_of(store.database, idle) is None


def test_a_changed_role_and_a_new_password_end_the_sessions(store: Store) -> None:
    add_account(store.database, "bob", PASSWORD, Role.MODERATOR, ("Sport", " "), by="ada")
    token = log_in(store.database, "bob", PASSWORD)
    assert viewer_of(store.database, token).sections == ("sport",)  # type: ignore[union-attr]  # just logged in
    change_account(store.database, "bob", by="ada", role=Role.VIEWER)
    assert viewer_of(store.database, token) is None
    again = log_in(store.database, "bob", PASSWORD)
    set_password(store.database, "bob", "another long phrase", by="ada")
    assert viewer_of(store.database, again) is None


def test_a_disabled_account_cannot_log_in(store: Store) -> None:
    add_account(store.database, "bob", PASSWORD, Role.MODERATOR, by="ada")
    change_account(store.database, "bob", by="ada", role=Role.MODERATOR, disabled=True)
    with pytest.raises(Refused):
        log_in(store.database, "bob", PASSWORD)


def test_the_last_admin_stays_an_admin(store: Store) -> None:
    with pytest.raises(Refused, match="last admin"):
        change_account(store.database, "ada", by="ada", role=Role.VIEWER)
    with pytest.raises(Refused, match="last admin"):
        change_account(store.database, "ada", by="ada", role=Role.ADMIN, disabled=True)


@pytest.mark.parametrize(
    ("name", "password", "sentence"),
    [
        ("ada", PASSWORD, "already"),
        ("a b", PASSWORD, "letters"),
        ("bob", "short", "12 to 200"),
        ("bob", "x" * 201, "12 to 200"),
    ],
)
def test_a_wrong_account_is_refused_in_a_sentence(store: Store, name: str, password: str, sentence: str) -> None:
    with pytest.raises(Refused, match=sentence):
        add_account(store.database, name, password, Role.VIEWER, by="test")
    assert len(list_accounts(store.database)) == 1


def test_the_store_knows_whether_anybody_can_log_in(store: Store, tmp_path: Path) -> None:
    assert store.has_accounts()
    with open_store(f"sqlite:///{tmp_path}/other.sqlite3") as other:
        assert not other.has_accounts()
