"""The documentation of the desk names every page, every key and every command."""

from __future__ import annotations

import re
from pathlib import Path

import click
import pytest

from service.commands import backup, export, privacy, users
from service.desk.pages import NAVIGATION, STATIC

DOCS = (Path(__file__).resolve().parents[3] / "docs" / "desk.md").read_text()


@pytest.mark.parametrize("label", [label for _, label, _ in NAVIGATION if label != "Review"])
def test_every_page_is_described(label: str) -> None:
    assert label in DOCS


def test_every_key_of_the_script_is_in_the_table_and_the_help() -> None:
    keys = re.search(r"const KEYS = \{(.*?)\n  \};", (STATIC / "desk.js").read_text(), re.DOTALL)
    assert keys is not None
    names = set(re.findall(r'(?:^|[ ,{])"?([a-zA-Z/?])"?: ', keys[1]))
    help_page = (STATIC.parent / "templates" / "_help.html").read_text()
    assert names >= set("jkardunwoblexXARD/?")
    for name in names:
        assert f"`{name}`" in DOCS, name
        assert f"<kbd>{name}</kbd>" in help_page or name == "b", name


@pytest.mark.parametrize("group", [users.users, export.export, privacy.privacy])
def test_every_command_is_described(group: click.Group) -> None:
    for name in group.commands:
        assert f"belowline {group.name} {name}" in DOCS or f"`{name}`" in DOCS, name


@pytest.mark.parametrize("command", [backup.backup, backup.restore])
def test_backup_and_restore_are_described(command: click.Command) -> None:
    assert re.search(rf"belowline\s+{command.name} FILE", DOCS)
