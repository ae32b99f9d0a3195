"""The connection to SQLite or PostgreSQL: read and write transactions, and the migrations at opening."""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic, sleep
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from alembic.util.exc import CommandError
from sqlalchemy import Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.engine import URL
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError

from service.store.errors import StoreError

AGAIN_SECONDS = 0.01  # between two tries to switch a new file of SQLite to WAL
BUSY_SECONDS = 30  # how long a writer waits for another on SQLite; a bulk decision on 10,000 comments takes 2
_MIGRATION_LOCK = 7_265_001  # any number, the same for every process: one migrates, the others wait

Clock = Callable[[], datetime]


def utc_now() -> datetime:
    """The moment, in UTC."""
    return datetime.now(UTC)


class Database:
    """An engine with its clock; `read` and `write` are the only ways in."""

    def __init__(self, engine: Engine, now: Clock) -> None:
        self.engine = engine
        self.now = now

    @property
    def is_sqlite(self) -> bool:
        return self.engine.dialect.name == "sqlite"

    def purge(self) -> None:
        """Leave no deleted word in SQLite's files: search index and write-ahead log keep them for a while."""
        if self.is_sqlite:
            with self.write() as writing:
                writing.execute(text("insert into comment_search(comment_search) values ('optimize')"))
            with closing(self.engine.raw_connection()) as connection:
                connection.cursor().execute("pragma wal_checkpoint(truncate)")

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """One transaction that writes nothing; on SQLite it sees one snapshot throughout."""
        with self.engine.begin() as connection:
            yield connection

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """One transaction, durable when the block has ended; on SQLite writers queue instead of failing."""
        with self.engine.connect().execution_options(belowline_write=True) as connection, connection.begin():
            yield connection


def open_database(url: str, now: Clock) -> Database:
    """Connect, bring the tables up to date, and return the database; `StoreError` says what is wrong."""
    parsed = _parsed(url)
    try:
        engine = _engine(parsed)
        _migrate(engine)
    except (NoSuchModuleError, ImportError):
        raise StoreError("The driver of PostgreSQL is missing; install belowline with the extra `postgres`.") from None
    except CommandError:
        raise StoreError("The store was written by a newer version of belowline; install that version.") from None
    except (DBAPIError, OSError) as error:
        raise StoreError(f"The store at {parsed.render_as_string()} does not open: {_cause(error)}.") from None
    return Database(engine, now)


def _parsed(url: str) -> URL:
    try:
        parsed = make_url(url)
    except ArgumentError:
        raise StoreError("The store's URL cannot be read; write sqlite:///FILE or postgresql://HOST/NAME.") from None
    backend = parsed.get_backend_name()
    if backend in ("postgres", "postgresql"):
        return parsed.set(drivername="postgresql+psycopg")
    if backend != "sqlite":
        raise StoreError(f"The store cannot use {backend!r}; give a sqlite or a postgresql URL.")
    if parsed.database in (None, "", ":memory:"):
        raise StoreError("The store needs a file; write sqlite:///FILE.")
    return parsed


def _cause(error: Exception) -> str:
    """The driver's own first line, without SQLAlchemy's SQL and link."""
    original = getattr(error, "orig", None) or error
    return str(original).strip().splitlines()[0].rstrip(".") if str(original).strip() else type(original).__name__


def _engine(url: URL) -> Engine:
    if url.get_backend_name() == "sqlite":
        engine = create_engine(url, connect_args={"timeout": BUSY_SECONDS})
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        return engine
    # A dead connection, as after a restart of the server, is replaced before it is used.
    return create_engine(url, pool_pre_ping=True, pool_size=10, max_overflow=20)


def _prepare_sqlite(connection: Any, record: object) -> None:
    """WAL lets readers read while one writes; FULL makes a commit survive a power cut (sqlite.org/pragma.html).

    What is deleted is overwritten, since it may have been erased on somebody's request.
    """
    connection.isolation_level = None  # we begin transactions ourselves, see `_begin_sqlite`
    _write_ahead(connection)
    for pragma in ("synchronous = full", "foreign_keys = on", "secure_delete = on", "cache_size = -32000"):
        connection.execute(f"pragma {pragma}")


def _write_ahead(connection: Any) -> None:
    """Whoever has a new file alone switches it to WAL; of two that try at once SQLite refuses one without waiting."""
    until = monotonic() + BUSY_SECONDS
    while True:
        try:
            connection.execute("pragma journal_mode = wal")
            return
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or monotonic() > until:
                raise
        sleep(AGAIN_SECONDS)


def _begin_sqlite(connection: Connection) -> None:
    """Take the write lock at the beginning: a read that later writes would fail instead of waiting."""
    writing = connection.get_execution_options().get("belowline_write", False)
    connection.exec_driver_sql("begin immediate" if writing else "begin")


def _migrate(engine: Engine) -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
    logging.getLogger("alembic").setLevel(logging.WARNING)
    with engine.connect().execution_options(belowline_write=True) as connection, connection.begin():
        if engine.dialect.name != "sqlite":
            connection.execute(text("select pg_advisory_xact_lock(:lock)"), {"lock": _MIGRATION_LOCK})
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def head_revision() -> str | None:
    """The newest migration of this version of the product."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    return ScriptDirectory.from_config(config).get_current_head()
