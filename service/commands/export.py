"""`belowline export`: what leaves the desk, as JSON Lines or CSV."""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TextIO

import click

from service.commands.opening import opened_store, printing
from service.store.exports import labelled_decisions, log_rows, statements
from service.store.tabular import csv_row

OUT = click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    help="File; its ending .csv or .jsonl decides the format. Standard output gets JSON Lines.",
)


@click.group()
def export() -> None:
    """Write the audit log, statements of reasons, or decisions as labelled data."""


@export.command()
@OUT
def log(output: Path | None) -> None:
    """The audit log; decisions carry rule, scores, model version, moderator and times (DSA, article 17)."""
    with opened_store() as store:
        _write(log_rows(store.database), output)


@export.command("statements")
@OUT
def statements_(output: Path | None) -> None:
    """One statement of reasons per standing rejection, in the fields of the DSA Transparency Database."""
    with opened_store() as store:
        _write(statements(store.database), output)


@export.command()
@OUT
def decisions(output: Path | None) -> None:
    """Standing decisions with their texts, as labelled data for training."""
    with opened_store() as store:
        _write(labelled_decisions(store.database), output)


def _write(rows: Iterable[Mapping[str, Any]], output: Path | None) -> None:
    """Write to a file that appears when it is whole, or to standard output."""
    if output is None:
        with printing():
            _as_json_lines(rows, sys.stdout)
        return
    if output.suffix not in (".csv", ".jsonl"):
        raise click.ClickException(f"{output.name} ends neither in .csv nor in .jsonl.")
    with _whole(output) as out:
        (_as_csv if output.suffix == ".csv" else _as_json_lines)(rows, out)


@contextmanager
def _whole(output: Path) -> Iterator[TextIO]:
    unfinished = output.with_name(output.name + ".part")
    try:
        with unfinished.open("w", encoding="utf-8", errors="backslashreplace", newline="") as out:
            yield out
        unfinished.replace(output)
    except OSError as error:
        raise click.ClickException(f"Cannot write {output}: {error.strerror}.") from None
    finally:
        unfinished.unlink(missing_ok=True)


def _as_json_lines(rows: Iterable[Mapping[str, Any]], out: TextIO) -> None:
    for row in rows:
        out.write(json.dumps(row) + "\n")


def _as_csv(rows: Iterable[Mapping[str, Any]], out: TextIO) -> None:
    """The first row has the names; rows of one export have the same."""
    writer = csv.writer(out)
    names: list[str] = []
    for row in rows:
        if not names:
            names = list(row)
            writer.writerow(names)
        writer.writerow(csv_row([row.get(name) for name in names]))
