"""Accounts of the desk: argon2 passwords, sessions, and a pause after failed logins.

Passwords are hashed with argon2id in the library's default strength (RFC 9106, low-memory profile). A login with an
unknown name takes as long as one with a wrong password, and both get the same answer.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from threading import BoundedSemaphore
from typing import Any

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError
from sqlalchemy import Connection, RowMapping, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from service.store import audit
from service.store.database import Database
from service.store.errors import Refused, StoreError
from service.store.records import LONGEST_NAME, digest
from service.store.tables import account, session
from service.store.viewers import Role, Viewer

SHORTEST_PASSWORD = 12  # characters; NIST SP 800-63B-4 asks for 15 where it is the only factor, 8 at the least
LONGEST_PASSWORD = 200
FREE_FAILURES = 5  # after which each further failure locks the account for twice as long as the one before
FIRST_LOCK = timedelta(seconds=30)
LONGEST_LOCK = timedelta(hours=1)
IDLE = timedelta(hours=8)  # a shift; an idle session ends after it
LONGEST_SESSION = timedelta(hours=16)
SEEN_EVERY = timedelta(minutes=1)  # how exactly `seen_at` is kept
_AT_ONCE = BoundedSemaphore(2)
NAME = re.compile(r"[\w.@+-]{1,100}")
REFUSED = "This name and password do not belong together, or the account is locked for a while."


@dataclass(frozen=True, slots=True)
class Account:
    """One account without its password."""

    id: int
    name: str
    role: Role
    sections: tuple[str, ...]
    blur: bool
    created_at: datetime
    disabled_at: datetime | None
    locked_until: datetime | None

    def as_viewer(self) -> Viewer:
        return Viewer(self.name, self.role, self.sections, self.blur, self.id)


def add_account(
    database: Database,
    name: str,
    password: str,
    role: Role,
    sections: tuple[str, ...] = (),
    *,
    by: str,
    reach: tuple[str, ...] = (),
) -> Account:
    """Make an account; `Refused` when the name is taken, name or password are of the wrong form, or it would reach more
    than `reach`, the sections of whoever makes it (none: all).
    """
    if not NAME.fullmatch(name):
        raise Refused("The name of an account has 1 to 100 letters, digits or the signs . _ - + @.")
    given = _given(sections, reach)
    values = {
        "name": name,
        "password_hash": _hashed(password),
        "role": role.value,
        "sections": given,
        "created_at": database.now(),
    }
    try:
        with database.write() as connection:
            row = connection.execute(insert(account).values(**values).returning(account)).mappings().one()
            detail = {"role": role.value, "sections": values["sections"]}
            _log(connection, database, by, "add account", name, detail)
    except IntegrityError:
        raise Refused(f"There is an account {name!r} already.") from None
    return _account(row)


def list_accounts(database: Database) -> list[Account]:
    """Every account by name, disabled ones too."""
    with database.read() as connection:
        return [_account(row) for row in connection.execute(select(account).order_by(account.c.name)).mappings()]


def change_account(
    database: Database,
    name: str,
    *,
    by: str,
    role: Role,
    sections: tuple[str, ...] = (),
    disabled: bool = False,
    reach: tuple[str, ...] = (),
) -> None:
    """Set role, sections and whether the account may log in; its sessions end, so that the change holds at once.

    `Refused` where the account reaches more than `reach`, the sections of whoever changes it (none: all), or would.
    """
    given = _given(sections, reach)
    with database.write() as connection:
        row = _reached(connection, name, reach)
        _keep_an_admin(connection, row, role, disabled=disabled)
        at = database.now() if disabled else None
        values = {"role": role.value, "sections": given, "disabled_at": at}
        connection.execute(update(account).where(account.c.id == row["id"]).values(**values))
        connection.execute(delete(session).where(session.c.account_id == row["id"]))
        detail = {"role": role.value, "sections": values["sections"], "disabled": disabled}
        _log(connection, database, by, "change account", name, detail)


def set_password(database: Database, name: str, password: str, *, by: str, reach: tuple[str, ...] = ()) -> None:
    """Give an account a new password, unlock it and end its sessions; `reach` as for `change_account`."""
    hashed = _hashed(password)
    with database.write() as connection:
        row = _reached(connection, name, reach)
        values = {"password_hash": hashed, "failures": 0, "locked_until": None}
        connection.execute(update(account).where(account.c.id == row["id"]).values(**values))
        connection.execute(delete(session).where(session.c.account_id == row["id"]))
        _log(connection, database, by, "set password", name, {})


def set_blur(database: Database, viewer: Viewer, *, blur: bool) -> None:
    """Keep whether this moderator wants the worst words blurred until the pointer is on them."""
    with database.write() as connection:
        connection.execute(update(account).where(account.c.id == viewer.account_id).values(blur=blur))


def log_in(database: Database, name: str, password: str) -> str:
    """Return the token of a new session; `Refused` in one and the same sentence whatever was wrong."""
    with database.read() as connection:
        row = _row(connection, name)
    # The password is checked in any case: the time that it takes must not tell which names exist.
    hashed = _password_of_nobody() if row is None else row["password_hash"]
    right = _matches(hashed, password)
    with database.write() as connection:
        token = _admit(connection, database, name, hashed if right else None)
    if token is None:
        raise Refused(REFUSED)
    return token


def viewer_of(database: Database, token: str, *, asked: bool = True) -> Viewer | None:
    """Who a session belongs to, or None when it ended; being asked for by a person keeps it alive."""
    now = database.now()
    query = select(account, session.c.seen_at, session.c.started_at).join(session, session.c.account_id == account.c.id)
    found = session.c.token_hash == digest(token)
    with database.read() as connection:
        row = connection.execute(query.where(found, account.c.disabled_at.is_(None))).mappings().first()
    if row is None or now - row["seen_at"] > IDLE or now - row["started_at"] > LONGEST_SESSION:
        return None
    if asked and now - row["seen_at"] > SEEN_EVERY:
        with database.write() as connection:
            connection.execute(update(session).where(found).values(seen_at=now))
    return _account(row).as_viewer()


def log_out(database: Database, token: str, viewer: Viewer) -> None:
    """End one session."""
    with database.write() as connection:
        connection.execute(delete(session).where(session.c.token_hash == digest(token)))
        _log(connection, database, viewer.name, "log out", viewer.name, {})


def _admit(connection: Connection, database: Database, name: str, hashed: str | None) -> str | None:
    """Return the token of a new session, or None; `hashed` is what the password matched, None when nothing.

    The account is read anew, and held: others may have locked it, or changed it, while the password was checked.
    """
    row = connection.execute(select(account).where(account.c.name == name).with_for_update()).mappings().first()
    if row is None or (row["locked_until"] is not None and row["locked_until"] > database.now()):
        return None
    if row["disabled_at"] is not None or row["password_hash"] != hashed:
        _count_failure(connection, database, row)
        return None
    return _start(connection, database, row)


def _start(connection: Connection, database: Database, row: RowMapping) -> str:
    token, now = secrets.token_urlsafe(32), database.now()
    values = {"token_hash": digest(token), "account_id": row["id"], "started_at": now, "seen_at": now}
    connection.execute(delete(session).where(session.c.started_at < now - LONGEST_SESSION))
    connection.execute(insert(session).values(**values))
    connection.execute(update(account).where(account.c.id == row["id"]).values(failures=0, locked_until=None))
    _log(connection, database, row["name"], "log in", row["name"], {})
    return token


def _count_failure(connection: Connection, database: Database, row: RowMapping) -> None:
    """Lock the account for longer and longer."""
    failures = row["failures"] + 1
    lock = None if failures < FREE_FAILURES else database.now() + _lock(failures)
    values = {"failures": failures, "locked_until": lock}
    connection.execute(update(account).where(account.c.id == row["id"]).values(**values))
    _log(connection, database, row["name"], "failed log in", row["name"], {"failures": failures})


def _lock(failures: int) -> timedelta:
    doubled: int = 1 << min(failures - FREE_FAILURES, 20)
    return min(FIRST_LOCK * doubled, LONGEST_LOCK)


def _keep_an_admin(connection: Connection, row: RowMapping, role: Role, *, disabled: bool) -> None:
    """The last admin stays one, or nobody could make another."""
    if row["role"] != Role.ADMIN or (role is Role.ADMIN and not disabled):
        return
    others = select(account.c.id).where(account.c.role == Role.ADMIN.value, account.c.disabled_at.is_(None))
    if connection.execute(others.where(account.c.id != row["id"])).first() is None:
        raise Refused("This is the last admin; make another one first.")


def _hashed(password: str) -> str:
    if not SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD:
        raise Refused(f"A password has {SHORTEST_PASSWORD} to {LONGEST_PASSWORD} characters.")
    return PasswordHasher().hash(password.encode("utf-8", "surrogatepass"))


def _matches(hashed: str, password: str) -> bool:
    """Check a password, a few at a time: each takes 64 MiB and a core, which nobody should multiply from outside."""
    try:
        with _AT_ONCE:
            return PasswordHasher().verify(hashed, password[:LONGEST_PASSWORD].encode("utf-8", "surrogatepass"))
    except VerifyMismatchError:
        return False
    except InvalidHashError:
        raise StoreError("A password in the store is damaged; set it anew with `belowline users password`.") from None


@cache
def _password_of_nobody() -> str:
    return PasswordHasher().hash(secrets.token_urlsafe(16))


def _sections(sections: tuple[str, ...]) -> list[str]:
    cleaned = sorted({section.strip().lower() for section in sections if section.strip()})
    if any(len(section) > LONGEST_NAME for section in cleaned):
        raise Refused(f"The name of a section has at most {LONGEST_NAME} characters.")
    return cleaned


def _given(sections: tuple[str, ...], reach: tuple[str, ...]) -> list[str]:
    """Who reaches some sections only gives no account more than those: else a new account would reach the rest."""
    if _exceeds(reach, cleaned := _sections(sections)):
        raise Refused(f"You reach the sections {', '.join(reach)} only, so name at least one of them, and no other.")
    return cleaned


def _reached(connection: Connection, name: str, reach: tuple[str, ...]) -> RowMapping:
    row = _row(connection, name)
    if row is None:
        raise Refused(f"There is no account {name!r}.")
    if _exceeds(reach, row["sections"]):
        raise Refused(f"The account {name!r} reaches more sections than you do, so you cannot change it.")
    return row


def _exceeds(reach: tuple[str, ...], sections: Sequence[str]) -> bool:
    return bool(reach) and not (sections and set(sections) <= set(reach))


def _row(connection: Connection, name: str) -> RowMapping | None:
    return connection.execute(select(account).where(account.c.name == name)).mappings().first()


def _account(row: RowMapping) -> Account:
    return Account(
        row["id"],
        row["name"],
        Role(row["role"]),
        tuple(row["sections"]),
        row["blur"],
        row["created_at"],
        row["disabled_at"],
        row["locked_until"],
    )


def _log(
    connection: Connection, database: Database, by: str, action: str, name: str, detail: Mapping[str, Any]
) -> None:
    audit.record(connection, database.now(), actor=by, action=action, subject=f"account {name}", detail=detail)
