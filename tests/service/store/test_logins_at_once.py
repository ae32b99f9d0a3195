"""Logins while others log in or change the account: what holds is what stands when the session would start."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from service.store import Refused, Store, accounts
from service.store.accounts import add_account, change_account, list_accounts, log_in, set_password
from service.store.audit import entries
from service.store.viewers import Role

PASSWORD = "a long enough phrase"
Between = Callable[[], object]


@pytest.fixture(autouse=True)
def _an_account(store: Store) -> None:
    add_account(store.database, "ada", PASSWORD, Role.ADMIN, by="test")
    add_account(store.database, "bob", PASSWORD, Role.MODERATOR, by="test")


def while_checked(monkeypatch: pytest.MonkeyPatch, happens: Between) -> None:
    """Let something happen once, after the account was read and before the password is known to be right."""
    matches, left = accounts._matches, [happens]

    def slowly(hashed: str, password: str) -> bool:
        if password == PASSWORD and left:
            left.pop()()
        return matches(hashed, password)

    monkeypatch.setattr(accounts, "_matches", slowly)


def guess(store: Store, password: str = "wrong") -> None:
    with pytest.raises(Refused, match="do not belong together"):
        log_in(store.database, "bob", password)


def test_wrong_passwords_tried_at_once_are_all_counted(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    together = Barrier(5)
    monkeypatch.setattr(accounts, "_matches", lambda hashed, password: together.wait(60) < 0)
    with ThreadPoolExecutor(5) as pool:
        list(pool.map(lambda _: guess(store), range(5)))
    counted = [entry.detail["failures"] for entry in entries(store.database, action="failed log in")]
    assert counted == [5, 4, 3, 2, 1]
    assert [one.locked_until is not None for one in list_accounts(store.database)] == [False, True]


def test_a_lock_that_falls_while_the_right_password_is_checked_holds(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    def five() -> None:
        for _ in range(5):
            guess(store)

    while_checked(monkeypatch, five)
    guess(store, PASSWORD)


def test_a_password_that_is_replaced_while_it_is_checked_starts_no_session(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    while_checked(monkeypatch, lambda: set_password(store.database, "bob", "another long phrase", by="ada"))
    guess(store, PASSWORD)
    assert log_in(store.database, "bob", "another long phrase")


def test_an_account_that_is_disabled_while_its_password_is_checked_starts_no_session(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    account = (store.database, "bob")
    while_checked(monkeypatch, lambda: change_account(*account, by="ada", role=Role.MODERATOR, disabled=True))
    guess(store, PASSWORD)
