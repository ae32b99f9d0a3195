"""`belowline archive`: what is done with scored archives besides looking at them."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import click
from rich.console import Console
from rich.progress import track

from data.tables.opening import InputError
from service.archive.columns import COLUMNS
from service.archive.intake import Imported, import_rows
from service.report.reading import scored_batches
from service.report.settling import Row
from service.settings import SettingsError, read_settings
from service.store import StoreError, open_store


@dataclass(frozen=True, slots=True)
class _Shown:
    """The batches of a scored table, which can be gone through more than once, with a bar each time."""

    path: str
    console: Console
    quiet: bool

    def __iter__(self) -> Iterator[Sequence[Row]]:
        batches = scored_batches(self.path, COLUMNS)
        yield from track(batches, "importing", console=self.console, transient=True, disable=self.quiet)


@click.group()
def archive() -> None:
    """Work on the past: bring scored archives to the desk."""


@archive.command("import")
@click.argument("scored", metavar="SCORED")
@click.option("--site", required=True, metavar="NAME", help="The site under which the desk keeps the comments.")
@click.option("--section", default="", metavar="NAME", help="The section, if its policy differs.")
@click.option("--only-review", is_flag=True, help="Leave out what the newsroom's policy would publish.")
@click.option("--quiet", is_flag=True, help="No progress.")
def import_(scored: str, site: str, section: str, only_review: bool, quiet: bool) -> None:
    """Bring a scored archive into the desk's store and queue what the present policy sends to review.

    SCORED is what `belowline score` wrote. The store is that of BELOWLINE_DATABASE_URL. Imported again nothing changes.
    """
    console = Console(file=sys.stderr)
    shown = _Shown(scored, console, quiet or not console.is_terminal)
    try:
        batches = list(shown) if scored == "-" else shown  # standard input cannot be read twice
        with open_store(read_settings().database_url) as store:
            imported = import_rows(store, batches, site=site, section=section, only_review=only_review)
    except InputError as error:
        raise click.ClickException(f"{scored}: {error}.") from None
    except (StoreError, SettingsError) as error:
        raise click.ClickException(str(error)) from None
    if not quiet:
        click.echo(summary(imported, Path(scored).name), err=True)


def summary(imported: Imported, name: str) -> str:
    """One sentence of what changed."""
    parts = [f"{imported.new:,} new", f"{imported.edited:,} edited", f"{imported.unchanged:,} unchanged"]
    if imported.passed_over:
        parts.append(f"{imported.passed_over:,} left out")
    return f"{name}: {', '.join(parts)}; {imported.queued:,} queued for review."
