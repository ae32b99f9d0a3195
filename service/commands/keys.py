"""`belowline keys`: API keys for the HTTP service."""

from __future__ import annotations

from datetime import datetime

import click
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from service.commands.opening import opened_store

DEFAULT_RATE = 6_000  # requests per minute; two cores score about six times as many single comments


@click.group()
def keys() -> None:
    """API keys: make, list and revoke them. A key is shown once and kept as a digest only."""


@keys.command()
@click.argument("name")
@click.option("--rate", default=DEFAULT_RATE, show_default=True, help="Requests per minute that the key may send.")
def create(name: str, rate: int) -> None:
    """Make a key and print it; NAME says in logs and metrics who calls."""
    with opened_store() as store:
        _, secret = store.create_key(name, rate)
    click.echo(secret)


@keys.command("list")
def list_() -> None:
    """List the keys without their secrets."""
    with opened_store() as store:
        found = store.list_keys()
    table = Table("id", "name", "requests per minute", "made", "revoked", box=None)
    for key in found:
        made, revoked = _minute(key.created_at), _minute(key.revoked_at)
        table.add_row(str(key.id), escape(key.name), str(key.rate_per_minute), made, revoked)
    if found:
        Console().print(table)
    else:
        click.echo("There are no keys; `belowline keys create NAME` makes one.", err=True)


@keys.command()
@click.argument("key_id", type=click.IntRange(1, 2**31 - 1), metavar="ID")
def revoke(key_id: int) -> None:
    """Revoke the key with this ID; running services notice within two seconds."""
    with opened_store() as store:
        store.revoke_key(key_id)


def _minute(at: datetime | None) -> str:
    return "" if at is None else f"{at:%Y-%m-%d %H:%M}"
