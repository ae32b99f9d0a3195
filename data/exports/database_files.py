"""Databases of small comment servers as a stream of records: opened read-only, from a copy, with nothing trusted."""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import IO

from data.exports.places import Record
from data.tables.opening import InputError, reading_errors

STEPS = 1_000_000_000  # of SQLite's machine: enough for fifty million comments; a view that never ends is stopped


def database_records(stream: IO[bytes], query: str) -> Iterator[Record]:
    """Yield a record per row of a query over the SQLite database that the stream holds."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "export.sqlite3"
        with path.open("wb") as copy, reading_errors():
            shutil.copyfileobj(stream, copy, 2**20)
        try:
            yield from _rows(path, query)
        except sqlite3.Error as error:
            raise InputError(f"is a database that cannot be read ({error})") from None


def _rows(path: Path, query: str) -> Iterator[Record]:
    with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro&immutable=1", uri=True)) as database:
        database.execute("pragma trusted_schema = off")
        database.set_progress_handler(lambda: 1, STEPS)
        database.text_factory = lambda raw: raw.decode("utf-8", "replace")
        cursor = database.execute(query)
        names = [column[0] for column in cursor.description]
        for row in cursor:
            yield dict(zip(names, row, strict=True))
