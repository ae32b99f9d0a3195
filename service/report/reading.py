"""Scored tables read back, a batch of rows at a time: JSON Lines, CSV, Parquet, or a folder of Parquet parts."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import IO, Any, cast

import pyarrow as pa
import pyarrow.parquet as pq

from data.tables.lines import lines_of
from data.tables.opening import InputError, open_input, reading_errors
from data.tables.rows import ending_of
from model.scores import ATTRIBUTES

BATCH = 4_096
NEEDED = ("text", "recommendation", *ATTRIBUTES)

Row = Mapping[str, Any]


def scored_batches(path: str) -> Iterator[list[Row]]:
    """Yield the rows of a scored table in order; scores are floats or None, reasons a list."""
    rows = _rows(path)
    while batch := list(islice(rows, BATCH)):
        yield batch


def _rows(path: str) -> Iterator[Row]:
    if Path(path).is_dir():
        files = sorted(Path(path).glob("*.parquet"))
        if not files:
            raise InputError("holds no Parquet files")
        for file in files:
            yield from _parquet_rows(str(file))
    elif ending_of(path) == "parquet":
        yield from _parquet_rows(path)
    else:
        yield from _text_rows(path)


def _parquet_rows(path: str) -> Iterator[Row]:
    with open_input(path) as opened:
        source = io.BytesIO(opened.stream.read()) if opened.packed else path
        try:
            file = pq.ParquetFile(source, pre_buffer=False)
        except (pa.ArrowException, OSError):
            raise InputError("is a damaged Parquet file") from None
        check_columns(file.schema_arrow.names)
        for batch in file.iter_batches(batch_size=BATCH):
            yield from (_settled(row) for row in batch.to_pylist())


def _text_rows(path: str) -> Iterator[Row]:
    with open_input(path) as opened, reading_errors():
        rows = _csv_rows(opened.stream) if ending_of(path) == "csv" else _json_rows(opened.stream)
        for number, row in enumerate(rows):
            if not number:
                check_columns(row)
            yield _settled(row)


def _csv_rows(stream: IO[bytes]) -> Iterator[Row]:
    yield from csv.DictReader(io.TextIOWrapper(stream, "utf-8", newline=""))


def _json_rows(stream: IO[bytes]) -> Iterator[Row]:
    for line in lines_of(stream):
        try:
            row = json.loads(line.raw)
        except ValueError:
            raise InputError(f"line {line.number} is not JSON") from None
        if not isinstance(row, dict):
            raise InputError(f"line {line.number} is not a scored comment")
        yield cast(Row, row)


def check_columns(names: Any) -> None:
    """Refuse a table that `belowline score` did not write."""
    if missing := [name for name in NEEDED if name not in names]:
        raise InputError(f'is not a scored table: it has no column "{missing[0]}"')


def _settled(row: Row) -> Row:
    """Give every value its type, whatever the file could say."""
    settled = {name: value if value != "" or name == "text" else None for name, value in row.items()}
    for name in ATTRIBUTES:
        score: Any = settled[name]
        settled[name] = None if score is None else float(score)
    reasons = settled.get("reasons")
    settled["reasons"] = json.loads(reasons) if isinstance(reasons, str) else reasons or []
    return settled
