"""`belowline backup` and `belowline restore`: the whole store in one file, whichever database keeps it."""

from __future__ import annotations

from pathlib import Path

import click

from service.commands.opening import opened_store
from service.store.backup import read_backup, write_backup


@click.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def backup(file: Path) -> None:
    """Write everything in the store to FILE (gzipped JSON Lines), while the service may run.

    The file holds comments, password digests and webhook secrets: keep it as safe as the database.
    """
    with opened_store() as store:
        try:
            rows = write_backup(store.database, file)
        except OSError as error:
            raise click.ClickException(f"Cannot write {file}: {error.strerror}.") from None
    click.echo(f"{rows} rows in {file}.")


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def restore(file: Path) -> None:
    """Fill an empty store from FILE; a backup of SQLite may go into PostgreSQL and back."""
    with opened_store() as store:
        rows = read_backup(store.database, file)
    click.echo(f"{rows} rows restored.")
