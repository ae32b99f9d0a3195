"""The store of the settings, for the commands that work on it; what goes wrong becomes one sentence."""

from __future__ import annotations

import getpass
from collections.abc import Iterator
from contextlib import contextmanager

import click

from service.settings import SettingsError, read_settings
from service.store import Store, StoreError, open_store


@contextmanager
def opened_store() -> Iterator[Store]:
    """Open the store that the settings name, for one command."""
    try:
        with open_store(read_settings().database_url) as store:
            yield store
    except (SettingsError, StoreError) as error:
        raise click.ClickException(str(error)) from None


def operator() -> str:
    """Who runs the command, for the audit log."""
    try:
        return f"command line ({getpass.getuser()})"
    except (KeyError, OSError):  # a container without a name for its user
        return "command line"
