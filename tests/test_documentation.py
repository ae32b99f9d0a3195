"""The documentation says what the program does: sessions, figures, settings, commands and links are checked."""

from __future__ import annotations

import json
import re
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from model.manifest import NAMES, weights_folder
from service.cli import COMMANDS, belowline
from service.settings import PREFIX, Settings

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
DOCS = sorted((ROOT / "docs").glob("*.md"))


def test_the_readme_shows_what_scoring_the_sample_page_prints(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    monkeypatch.setenv("COLUMNS", "100")
    session = re.search(r"```\n\$ belowline score data/demo/page\.html\n(.*?)```", README, re.DOTALL)
    assert session is not None
    result = CliRunner().invoke(belowline, ["score", "data/demo/page.html"])
    printed = {line.rstrip() for line in result.output.splitlines()}
    shown = [line.rstrip() for line in session[1].splitlines() if line.strip() not in ("", "[...]")]
    assert [line for line in shown if line not in printed] == []


def test_every_figure_of_the_readme_is_a_measured_one() -> None:
    metrics = [
        json.loads((weights_folder(name) / "results.json").read_text(encoding="utf-8"))["metrics"] for name in NAMES
    ]
    rows = re.findall(r"^\| [^|]+ \| `([^`]+)` \| ([0-9.]+) \| ([0-9.]+) \|", README, re.MULTILINE)
    assert len(rows) >= 8
    for figure, *values in rows:
        assert [f"{found[figure]:.3f}" for found in metrics] == values, figure


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_is_in_the_readme_and_has_help(name: str) -> None:
    assert f"belowline {name}" in README
    result = CliRunner().invoke(belowline, [name, "--help"])
    assert result.exit_code == 0
    assert result.output.startswith("Usage:")


@pytest.mark.parametrize("name", Settings.model_fields)
def test_every_setting_is_documented(name: str) -> None:
    assert f"`{PREFIX}{name.upper()}`" in (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("page", [ROOT / "README.md", *DOCS], ids=lambda page: page.name)
def test_links_between_pages_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\((?!https?:|#|mailto:)([^)#]+)", page.read_text(encoding="utf-8")):
        assert (page.parent / target).exists(), target


@pytest.mark.parametrize("page", [ROOT / "README.md", ROOT / "compose.yaml", *DOCS], ids=lambda page: page.name)
def test_every_command_that_a_page_names_is_one(page: Path) -> None:
    for name, subcommand in re.findall(r"belowline (\w+) (\w+)", page.read_text(encoding="utf-8")):
        command = belowline.get_command(click.Context(belowline), name)
        assert not isinstance(command, click.Group) or subcommand in command.commands, subcommand


def test_every_option_has_a_help_text() -> None:
    for name in COMMANDS:
        command = belowline.get_command(click.Context(belowline), name)
        assert command is not None
        subcommands = command.commands.values() if isinstance(command, click.Group) else [command]
        for one in subcommands:
            options = [option for option in one.params if isinstance(option, click.Option)]
            assert [option.name for option in options if not option.help and option.name != "help"] == []
