"""Parquet files as a stream of records: only the columns that are wanted, and a batch at a time."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, cast

import pyarrow as pa
import pyarrow.parquet as pq

from data.tables.columns import Columns, choose, names_of
from data.tables.opening import InputError, Opened, reading_errors


def parquet_records(opened: Opened, columns: Columns) -> Iterator[tuple[dict[str, Any], Columns]]:
    """Yield every row with the columns that hold what; `InputError` for a damaged file or a column it lacks."""
    with _seekable(opened) as seekable:
        file = _opened_parquet(seekable)
        chosen = choose(columns, file.schema_arrow.names)
        wanted = [name for name in names_of(chosen) if name]
        for batch in _batches(file, wanted):
            for values in batch.to_pylist():
                yield values, chosen


def _batches(file: pq.ParquetFile, wanted: Sequence[str]) -> Iterator[pa.RecordBatch]:
    try:
        yield from file.iter_batches(batch_size=1024, columns=list(dict.fromkeys(wanted)))
    except (pa.ArrowException, OSError) as error:
        raise InputError(f"is a damaged Parquet file ({str(error).splitlines()[0]})") from None


@contextmanager
def _seekable(opened: Opened) -> Iterator[IO[bytes]]:
    """Parquet is read from its end: what is packed or comes through a pipe goes to a temporary file first."""
    if opened.path != "-" and "://" not in opened.path and not opened.packed:
        with Path(opened.path).open("rb") as file:
            yield file
        return
    with tempfile.TemporaryFile() as copy, reading_errors():
        shutil.copyfileobj(cast(IO[bytes], opened.stream), copy, 2**20)
        copy.seek(0)
        yield copy


def _opened_parquet(file: IO[bytes]) -> pq.ParquetFile:
    try:
        return pq.ParquetFile(file, pre_buffer=False, buffer_size=2**20)
    except (pa.ArrowException, OSError):
        raise InputError("is a damaged or unfinished Parquet file") from None
