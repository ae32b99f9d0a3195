"""Scored tables read back, a batch of rows at a time: JSON Lines, CSV, Parquet, or a folder of Parquet parts."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Collection, Iterator, Mapping
from itertools import chain, islice
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from data.tables.lines import lines_of
from data.tables.opening import InputError, open_input, reading_errors
from data.tables.rows import ending_of
from model.scores import ATTRIBUTES
from service.archive.parts import Output
from service.report.settling import Row, settled

BATCH = 4_096
NEEDED = ("text", "recommendation", *ATTRIBUTES)

Placed = tuple[str, Mapping[str, Any]]  # where a row stands, for the user, and the row as the file has it


def scored_batches(path: str, needed: Collection[str] = NEEDED) -> Iterator[list[Row]]:
    """Yield the rows of a scored table in order; scores are floats or None, reasons a list.

    Raises `InputError` for what is no scored table, and for a row without the `needed` columns or with other values.
    """
    rows = (settled(row, place, needed) for place, row in _rows(path, needed))
    while batch := list(islice(rows, BATCH)):
        yield batch


def _rows(path: str, needed: Collection[str]) -> Iterator[Placed]:
    if Path(path).is_dir():
        yield from chain.from_iterable(_parquet_rows(file, needed) for file in _files(path))
    elif ending_of(path) == "parquet":
        yield from _parquet_rows(path, needed)
    elif ending_of(path) == "csv":
        yield from _csv_rows(path, needed)
    else:
        yield from _json_rows(path, needed)


def _files(path: str) -> list[Path]:
    """Return the Parquet files of a folder; a finished run over no comment leaves none."""
    files = sorted(Path(path).glob("*.parquet"))
    if not files and not Output(Path(path).resolve()).manifest.is_file():
        raise InputError("holds no Parquet files")
    return files


def _parquet_rows(path: str | Path, needed: Collection[str]) -> Iterator[Placed]:
    part = f" of {path.name}" if isinstance(path, Path) else ""
    with open_input(str(path)) as opened:
        source = io.BytesIO(opened.stream.read()) if opened.packed else path
        try:
            file = pq.ParquetFile(source, pre_buffer=False)
        except (pa.ArrowException, OSError):
            raise InputError("is a damaged Parquet file") from None
        check_columns(file.schema_arrow.names, needed)
        batches = (batch.to_pylist() for batch in file.iter_batches(batch_size=BATCH))
        for number, row in enumerate(chain.from_iterable(batches), start=1):
            yield f"row {number}{part}", row


def _csv_rows(path: str, needed: Collection[str]) -> Iterator[Placed]:
    with open_input(path) as opened, reading_errors():
        reader = csv.DictReader(io.TextIOWrapper(opened.stream, "utf-8-sig", newline=""))
        try:
            check_columns(reader.fieldnames or (), needed)
            for row in reader:
                yield f"the row that ends in line {reader.line_num}", row
        except (csv.Error, UnicodeDecodeError) as error:
            raise InputError(f"cannot be read after line {reader.line_num} ({error})") from None


def _json_rows(path: str, needed: Collection[str]) -> Iterator[Placed]:
    with open_input(path, known=lambda head: not head) as opened, reading_errors():
        for line in lines_of(opened.stream):
            row = _object(line.raw, line.number)
            if line.number == 1:
                check_columns(row, needed)
            yield f"line {line.number}", row


def _object(raw: bytes, number: int) -> Mapping[str, Any]:
    try:
        row = json.loads(raw)
    except (ValueError, RecursionError):
        raise InputError(f"line {number} is not JSON") from None
    if not isinstance(row, dict):
        raise InputError(f"line {number} is not a scored comment")
    return row


def check_columns(names: Collection[str], needed: Collection[str] = NEEDED) -> None:
    """Refuse a table that `belowline score` did not write."""
    if missing := [name for name in needed if name not in names]:
        raise InputError(f'is not a scored table: it has no column "{missing[0]}"')
