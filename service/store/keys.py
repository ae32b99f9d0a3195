"""API keys: shown once, kept as a digest. A key is 256 random bits, so a plain SHA-256 is enough at rest."""

from __future__ import annotations

import secrets

from sqlalchemy import RowMapping, insert, select, update

from service.store.database import Database
from service.store.errors import StoreError
from service.store.records import Key, digest
from service.store.tables import api_key

PREFIX = "bl_"  # so that secret scanners and people recognise one
MAX_RATE = 1_000_000  # requests per minute


def create_key(database: Database, name: str, rate_per_minute: int) -> tuple[Key, str]:
    """Return a new key and its secret, which nobody can read again."""
    if not name.strip() or len(name) > 100:
        raise StoreError("The name of a key needs 1 to 100 characters.")
    if not 1 <= rate_per_minute <= MAX_RATE:
        raise StoreError(f"The rate of a key is between 1 and {MAX_RATE} requests per minute.")
    secret = PREFIX + secrets.token_urlsafe(32)
    values = {
        "name": name.strip(),
        "secret_hash": digest(secret),
        "rate_per_minute": rate_per_minute,
        "created_at": database.now(),
    }
    with database.write() as connection:
        row = connection.execute(insert(api_key).values(**values).returning(api_key)).mappings().one()
    return _key(row), secret


def list_keys(database: Database) -> list[Key]:
    """Every key, revoked ones too, oldest first."""
    with database.read() as connection:
        return [_key(row) for row in connection.execute(select(api_key).order_by(api_key.c.id)).mappings()]


def revoke_key(database: Database, key_id: int) -> None:
    """A revoked key opens nothing any more; `StoreError` when there is no such key."""
    query = (
        update(api_key).where(api_key.c.id == key_id, api_key.c.revoked_at.is_(None)).values(revoked_at=database.now())
    )
    with database.write() as connection:
        if connection.execute(query).rowcount == 0:
            raise StoreError(f"There is no valid key {key_id}.")


def find_key(database: Database, secret: str) -> Key | None:
    """The key of a secret, or None when it is unknown or revoked."""
    query = select(api_key).where(api_key.c.secret_hash == digest(secret), api_key.c.revoked_at.is_(None))
    with database.read() as connection:
        row = connection.execute(query).mappings().first()
    return None if row is None else _key(row)


def _key(row: RowMapping) -> Key:
    return Key(row["id"], row["name"], row["rate_per_minute"], row["created_at"], row["revoked_at"])
