"""Writing a scored table: JSON Lines, CSV or Parquet, packed by .gz or .zst, there in whole or not at all."""

from __future__ import annotations

import csv
import errno
import gzip
import io
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO, Any, Protocol, cast

import pyarrow as pa
import pyarrow.parquet as pq
import zstandard

from data.decoding import whole_characters
from data.tables.rows import ending_of
from service.archive.columns import COLUMNS, SCHEMA

FORMATS = ("jsonl", "csv", "parquet")


class OutputError(Exception):
    """The output cannot be written; the message is one sentence."""


class RowWriter(Protocol):
    """Takes rows as they come, in order."""

    def write(self, rows: Sequence[Mapping[str, Any]]) -> None:
        """Append rows."""
        ...

    def write_batch(self, batch: pa.RecordBatch) -> None:
        """Append rows that come from a part."""
        ...

    def close(self) -> None:
        """Write what is left; the stream below stays open."""
        ...


def output_format(name: str) -> str | None:
    """Return jsonl, csv or parquet, or None when the ending is none of these."""
    ending = ending_of(name)
    return ending if ending in FORMATS else None


@contextmanager
def replaced(target: Path) -> Iterator[IO[bytes]]:
    """Open a file that takes the place of `target` when everything was written, and leaves no trace otherwise."""
    temporary = target.with_name(f".{target.name}.writing")
    try:
        with temporary.open("wb") as file, packed(file, target.name) as stream:
            yield stream
        _settle(temporary, target)
    except OSError as error:
        temporary.unlink(missing_ok=True)
        raise explained(error, target) from None
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def _settle(temporary: Path, target: Path) -> None:
    """Rename only what has reached the disk, so that a power cut leaves the old file or the new one."""
    with temporary.open("rb") as file:
        os.fsync(file.fileno())
    temporary.replace(target)
    folder = os.open(target.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


@contextmanager
def refused_by_disk(target: Path) -> Iterator[None]:
    """Raise `OutputError` about `target` for what the file system refuses."""
    try:
        yield
    except OSError as error:
        raise explained(error, target) from None


def explained(error: OSError, target: Path) -> OutputError:
    """Say in one sentence what a failed write means."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return OutputError(
            f"The disk is full, so {target} cannot be written; "
            "make room, then run the same command with --resume, or anew over standard input."
        )
    return OutputError(f"{target} cannot be written: {error.strerror or error}.")


@contextmanager
def packed(file: IO[bytes], name: str) -> Iterator[IO[bytes]]:
    """Pack what is written as the name's ending says; the result does not depend on the clock."""
    with ExitStack() as stack:
        if name.endswith(".gz"):
            yield cast(IO[bytes], stack.enter_context(gzip.GzipFile("", "wb", 6, file, mtime=0)))
        elif name.endswith((".zst", ".zstd")):
            packer = zstandard.ZstdCompressor(level=6).stream_writer(file, closefd=False)
            yield cast(IO[bytes], stack.enter_context(packer))
        else:
            yield file


def row_writer(stream: IO[bytes], kind: str) -> RowWriter:
    """Return the writer for a format."""
    writers: dict[str, type[_JsonLines] | type[_Csv] | type[_Parquet]] = {
        "jsonl": _JsonLines,
        "csv": _Csv,
        "parquet": _Parquet,
    }
    return writers[kind](stream)


class _JsonLines:
    def __init__(self, stream: IO[bytes]) -> None:
        self.stream = stream

    def write(self, rows: Sequence[Mapping[str, Any]]) -> None:
        self.stream.write(b"".join(json_line(row) for row in rows))

    def write_batch(self, batch: pa.RecordBatch) -> None:
        self.write([{**row, "reasons": json.loads(row["reasons"])} for row in batch.to_pylist()])

    def close(self) -> None:
        self.stream.flush()


def json_line(values: Mapping[str, Any]) -> bytes:
    """One line of JSON Lines; half a surrogate pair, which UTF-8 cannot hold, is written as its escape."""
    try:
        return json.dumps(values, ensure_ascii=False).encode() + b"\n"
    except UnicodeEncodeError:
        return json.dumps(values).encode() + b"\n"


class _Csv:
    """RFC 4180 with a header; missing values are empty cells, reasons are JSON text."""

    def __init__(self, stream: IO[bytes]) -> None:
        self.text = io.TextIOWrapper(stream, "utf-8", errors="replace", newline="", write_through=True)
        self.writer = csv.writer(self.text, lineterminator="\r\n")
        self.writer.writerow(COLUMNS)

    def write(self, rows: Sequence[Mapping[str, Any]]) -> None:
        self.writer.writerows([row[name] for name in COLUMNS] for row in map(flat, rows))

    def write_batch(self, batch: pa.RecordBatch) -> None:
        self.write(batch.to_pylist())

    def close(self) -> None:
        self.text.flush()
        self.text.detach()


def flat(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return the row with its reasons as JSON text."""
    return {**row, "reasons": reasons_text(row["reasons"])}


class _Parquet:
    def __init__(self, stream: IO[bytes]) -> None:
        self.writer = pq.ParquetWriter(pa.PythonFile(stream, "w"), SCHEMA, compression="zstd")

    def write(self, rows: Sequence[Mapping[str, Any]]) -> None:
        if rows:
            self.writer.write_table(table_of(rows))

    def write_batch(self, batch: pa.RecordBatch) -> None:
        self.writer.write_batch(batch.replace_schema_metadata(None))

    def close(self) -> None:
        self.writer.close()


def table_of(rows: Sequence[Mapping[str, Any]]) -> pa.Table:
    """Return the rows as an Arrow table of the fixed schema, made column by column, which takes no second copy."""
    return pa.table([_column(rows, name) for name in COLUMNS], schema=SCHEMA)


def _column(rows: Sequence[Mapping[str, Any]], name: str) -> pa.Array:
    read = reasons_text if name == "reasons" else lambda value: value
    return pa.array([_storable(read(row[name])) for row in rows], SCHEMA.field(name).type)


def reasons_text(reasons: Any) -> str:
    """Return reasons as JSON text, whether they are text already or not."""
    return reasons if isinstance(reasons, str) else json.dumps(reasons, ensure_ascii=False)


def _storable(value: Any) -> Any:
    """Texts of a table are whole characters, whatever halves JSON held."""
    return whole_characters(value) if isinstance(value, str) else value
