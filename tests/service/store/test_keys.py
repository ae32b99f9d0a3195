"""API keys: shown once, found by their secret, useless once revoked."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from service.store import Store, StoreError
from service.store.tables import api_key


def test_a_key_is_found_by_its_secret_until_it_is_revoked(store: Store) -> None:
    key, secret = store.create_key("news site", 600)
    assert store.find_key(secret) == key
    assert store.find_key(secret + "x") is None
    store.revoke_key(key.id)
    assert store.find_key(secret) is None
    assert store.list_keys()[0].revoked_at is not None


def test_the_secret_itself_is_not_stored(store: Store) -> None:
    _, secret = store.create_key("news site", 600)
    with store.database.read() as connection:
        row = connection.execute(select(api_key)).mappings().one()
    assert secret not in str(dict(row))


@pytest.mark.parametrize(("name", "rate"), [("", 60), (" ", 60), ("x" * 101, 60), ("x", 0), ("x", 1_000_001)])
def test_a_key_out_of_bounds_is_refused(store: Store, name: str, rate: int) -> None:
    with pytest.raises(StoreError):
        store.create_key(name, rate)


def test_a_key_is_revoked_once(store: Store) -> None:
    key, _ = store.create_key("news site", 600)
    store.revoke_key(key.id)
    with pytest.raises(StoreError, match="no valid key"):
        store.revoke_key(key.id)
