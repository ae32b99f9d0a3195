"""The store of the settings, for the commands that work on it; what goes wrong becomes one sentence."""

from __future__ import annotations

import getpass
import os
import sys
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


@contextmanager
def printing() -> Iterator[None]:
    """Write to standard output to the end; a disk that is full, or a reader that went away, is one sentence."""
    try:
        yield
        sys.stdout.flush()
    except OSError as error:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # or the rest of it fails anew at the exit
        raise click.ClickException(f"The output cannot be written: {error.strerror}.") from None


def operator() -> str:
    """Who runs the command, for the audit log."""
    try:
        return f"command line ({getpass.getuser()})"
    except (KeyError, OSError):  # a container without a name for its user
        return "command line"
