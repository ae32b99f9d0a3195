"""Backup and restore: every table as JSON Lines, so that a copy made on SQLite can be restored on PostgreSQL too."""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any, TextIO

from sqlalchemy import Connection, Table, func, insert, select, text
from sqlalchemy.exc import DataError, IntegrityError

from service.store.columns import Instant
from service.store.database import Database, head_revision
from service.store.errors import StoreError
from service.store.tables import metadata

CHUNK = 500
FORMAT = "belowline-backup"
# What reading a file raises that was damaged or edited, the compression's and the tables' own errors among it.
_DAMAGED = (OSError, EOFError, zlib.error, ValueError, KeyError, TypeError, AttributeError, IntegrityError, DataError)


def write_backup(database: Database, path: Path) -> int:
    """Write everything as of one moment and return the number of rows; the file appears when it is whole."""
    unfinished = path.with_name(path.name + ".part")
    try:
        rows = _write(database, unfinished)
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)
    return rows


def _write(database: Database, path: Path) -> int:
    rows = 0
    with database.read() as connection, gzip.open(path, "wt", encoding="utf-8") as out:
        if not database.is_sqlite:
            connection.execute(text("set transaction isolation level repeatable read"))
        _line(out, {"format": FORMAT, "revision": head_revision(), "made_at": database.now().isoformat()})
        for table in metadata.sorted_tables:
            for row in connection.execute(select(table)).mappings():
                _line(out, {"table": table.name, "row": {name: _plain(value) for name, value in row.items()}})
                rows += 1
    return rows


def read_backup(database: Database, path: Path) -> int:
    """Fill an empty store from a backup, all or nothing, and return the number of rows."""
    try:
        with gzip.open(path, "rt", encoding="utf-8") as lines, database.write() as connection:
            return _restore(connection, database, lines)
    except _DAMAGED as error:
        raise StoreError(f"{path} is not a whole backup: {type(error).__name__}.") from None


def _restore(connection: Connection, database: Database, lines: TextIO) -> int:
    head = json.loads(next(lines, "{}"))
    if head.get("format") != FORMAT:
        raise StoreError("This file is not a backup of belowline.")
    if head["revision"] != head_revision():
        raise StoreError("The backup was made by another version of belowline; restore it with that version.")
    if any(
        connection.execute(select(func.count()).select_from(table)).scalar_one() for table in metadata.sorted_tables
    ):
        raise StoreError("The store is not empty; a backup is restored into a new one.")
    rows = 0
    for table, part in _chunks(lines):
        connection.execute(insert(table), part)
        rows += len(part)
    if not database.is_sqlite:
        _set_sequences(connection)
    return rows


def _chunks(lines: TextIO) -> Iterator[tuple[Table, list[dict[str, Any]]]]:
    table, part = None, []
    for line in lines:
        content = json.loads(line)
        following = metadata.tables[content["table"]]
        if table is not None and (following is not table or len(part) == CHUNK):
            yield table, part
            part = []
        table = following
        part.append({name: _value(table, name, value) for name, value in content["row"].items()})
    if table is not None and part:
        yield table, part


def _value(table: Table, name: str, value: Any) -> Any:
    is_moment = isinstance(table.c[name].type, Instant)
    return datetime.fromisoformat(value) if is_moment and value is not None else value


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value


def _line(out: TextIO, content: dict[str, Any]) -> None:
    out.write(json.dumps(content) + "\n")


def _set_sequences(connection: Connection) -> None:
    """PostgreSQL numbers new rows from its sequences, which inserts with numbers do not move."""
    for table in metadata.sorted_tables:
        if "id" not in table.c or table.c.id.autoincrement is False:
            continue
        largest = f'(select coalesce(max(id), 0) + 1 from "{table.name}")'
        connection.execute(text(f"select setval(pg_get_serial_sequence('\"{table.name}\"', 'id'), {largest}, false)"))
