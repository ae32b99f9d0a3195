"""`belowline privacy`: erasing, giving out and forgetting personal data."""

from __future__ import annotations

import json

import click

from service.commands.opening import opened_store, operator, printing
from service.settings import SettingsError, read_settings
from service.store.privacy import author_data, erase_author, forget_older, opening_posts

SITE = click.option("--site", required=True, help="The site on which the author wrote.")


@click.group()
def privacy() -> None:
    """Erase an author, give one person their data, forget what is older than the retention period."""


@privacy.command()
@click.argument("author")
@SITE
@click.confirmation_option(prompt="Erase every comment of this author for good?")
def erase(author: str, site: str) -> None:
    """Erase names and texts of AUTHOR; scores and decisions stay without them."""
    with opened_store() as store:
        count = erase_author(store.database, site, author, by=operator())
    click.echo(f"Erased {count} {'comment' if count == 1 else 'comments'}.")


@privacy.command()
@click.argument("author")
@SITE
def export(author: str, site: str) -> None:
    """Print everything that is stored about AUTHOR as JSON."""
    with opened_store() as store:
        found = {
            "comments": author_data(store.database, site, author),
            "opening_posts": opening_posts(store.database, site, author),
        }
    with printing():
        click.echo(json.dumps({"site": site, "author": author, **found}, indent=2))


@privacy.command()
@click.option(
    "--days", type=click.IntRange(1, 36_500), help="Age in days; the setting BELOWLINE_RETENTION_DAYS otherwise."
)
def forget(days: int | None) -> None:
    """Erase names and texts of comments that were received longer ago than the retention period."""
    try:
        days = days or read_settings().retention_days
    except SettingsError as error:
        raise click.ClickException(str(error)) from None
    if not days:
        raise click.ClickException("Give --days, or set BELOWLINE_RETENTION_DAYS.")
    with opened_store() as store:
        count = forget_older(store.database, days, by=operator())
    click.echo(f"Forgot {count} {'comment' if count == 1 else 'comments'}.")
