"""`belowline users`: the accounts of the desk. The first admin is made here."""

from __future__ import annotations

import sys

import click
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from service.commands.opening import opened_store, operator
from service.store import accounts
from service.store.accounts import Account
from service.store.errors import Refused
from service.store.viewers import Role

ROLE = click.Choice([role.value for role in Role])
FROM_STDIN = click.option("--password-stdin", is_flag=True, help="Read the password from standard input.")


@click.group()
def users() -> None:
    """Accounts of the desk: viewers read, moderators decide, admins set the rules and make accounts."""


@users.command()
@click.argument("name")
@click.option("--role", type=ROLE, default=Role.MODERATOR.value, show_default=True, help="What the account may do.")
@click.option("--section", "sections", multiple=True, help="A section that it reaches; may be repeated. None: all.")
@FROM_STDIN
def add(name: str, role: str, sections: tuple[str, ...], password_stdin: bool) -> None:
    """Make the account NAME; the password is asked for."""
    password = _password(from_stdin=password_stdin)
    with opened_store() as store:
        accounts.add_account(store.database, name, password, Role(role), sections, by=operator())
    click.echo(f"The {role} {name} may log in.")


@users.command("list")
def list_() -> None:
    """List the accounts."""
    with opened_store() as store:
        found = accounts.list_accounts(store.database)
    if not found:
        click.echo("There are no accounts; `belowline users add NAME --role admin` makes the first.", err=True)
        return
    table = Table("name", "role", "sections", "made", "state", box=None)
    for one in found:
        sections = escape(", ".join(one.sections)) or "all"
        table.add_row(escape(one.name), one.role.value, sections, f"{one.created_at:%Y-%m-%d}", _state(one))
    Console().print(table)


def _state(one: Account) -> str:
    return "" if one.disabled_at is None else f"disabled {one.disabled_at:%Y-%m-%d}"


@users.command()
@click.argument("name")
@click.option("--role", type=ROLE, help="The new role; as it is when not given.")
@click.option("--section", "sections", multiple=True, help="A section that it reaches from now on; may be repeated.")
@click.option("--all-sections", is_flag=True, help="Let it reach every section.")
@click.option("--disable/--enable", default=None, help="Keep the account from logging in, or let it in again.")
def change(name: str, role: str | None, sections: tuple[str, ...], all_sections: bool, disable: bool | None) -> None:
    """Change role, sections or access of the account NAME; it is logged out."""
    with opened_store() as store:
        known = {one.name: one for one in accounts.list_accounts(store.database)}
        if name not in known:
            raise Refused(f"There is no account {name!r}.")
        before = known[name]
        accounts.change_account(
            store.database,
            name,
            by=operator(),
            role=Role(role) if role else before.role,
            sections=() if all_sections else sections or before.sections,
            disabled=before.disabled_at is not None if disable is None else disable,
        )
    click.echo(f"The account {name} was changed.")


@users.command()
@click.argument("name")
@FROM_STDIN
def password(name: str, password_stdin: bool) -> None:
    """Give the account NAME a new password and unlock it."""
    new = _password(from_stdin=password_stdin)
    with opened_store() as store:
        accounts.set_password(store.database, name, new, by=operator())
    click.echo(f"The password of {name} was changed.")


def _password(*, from_stdin: bool) -> str:
    if from_stdin:
        try:
            return sys.stdin.readline().rstrip("\r\n")
        except UnicodeDecodeError:
            raise click.ClickException("The password on standard input is not text in UTF-8.") from None
    answer: str = click.prompt("Password", hide_input=True, confirmation_prompt=True)
    return answer
