"""Reads the published files through the `datasets` library: every cell a string, nothing guessed, nothing cached."""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any


class SourceError(ValueError):
    """A source's file is missing or is not the published one; the message is one sentence."""


def csv_rows(
    path: Path, *, separator: str = ",", quoting: int = csv.QUOTE_MINIMAL, names: Sequence[str] | None = None
) -> Iterator[dict[str, str]]:
    """Yield the rows of a delimited table as strings; `names` are for a file without a header line."""
    from datasets import Features, Value, load_dataset  # heavy, and of the extra `train` only

    columns = list(names) if names else _header(path, separator, quoting)
    features = Features({column: Value("string") for column in columns})
    options: dict[str, Any] = {"sep": separator, "quoting": quoting, "keep_default_na": False, "features": features}
    if names:
        options |= {"names": columns, "header": None}
    yield from load_dataset("csv", data_files=str(path), split="train", streaming=True, **options)


def own_rows(path: Path) -> Iterator[dict[str, str]]:
    """Yield the rows of a CSV table that a user named; `SourceError` where it is missing, not UTF-8 or not CSV."""
    if not path.is_file():
        raise SourceError(f"{path}: no such file.")
    if not path.stat().st_size:
        return
    try:
        yield from csv_rows(path)
    except ValueError as error:  # of the reader, which has several
        raise SourceError(f"{path} cannot be read: {' '.join(str(error).split()).rstrip('.')}.") from None


def json_rows(path: Path) -> Iterator[dict[str, Any]]:
    """Yield the objects of a JSON Lines file."""
    from datasets import load_dataset

    yield from load_dataset("json", data_files=str(path), split="train", streaming=True)


def check(path: Path, sha256: str) -> None:
    """Raise `SourceError` unless the file is there and is byte for byte the one that the labels were mapped for."""
    if not path.is_file():
        raise SourceError(f"{path.name} is missing; the data folder must hold {path.parent.name}/{path.name}.")
    with path.open("rb") as file:
        found = hashlib.file_digest(file, "sha256").hexdigest()
    if found != sha256:
        raise SourceError(f"{path.parent.name}/{path.name} is not the published file: sha256 {found}, not {sha256}.")


def _header(path: Path, separator: str, quoting: int) -> list[str]:
    with path.open(encoding="utf-8", newline="") as file:
        columns = next(csv.reader(file, delimiter=separator, quoting=quoting))  # type: ignore[arg-type]
    return [column or f"Unnamed: {position}" for position, column in enumerate(columns)]
