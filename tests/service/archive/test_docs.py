"""`docs/archives.md` says what the commands do: its options exist, its walk-throughs run."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
import zstandard
from click.testing import CliRunner

from data.exports.formats import formats
from model.scores import Scorer
from service.cli import COMMANDS, belowline
from service.commands import report as report_command
from service.commands import score as score_command
from tests.conftest import ROOT

PAGE = (ROOT / "docs" / "archives.md").read_text(encoding="utf-8")
FIXTURES = ROOT / "tests" / "data" / "exports" / "fixtures"
CHANGING = r" in (\d+ min )?[\d.]+ s(, \d+/s)?|\d+ queued|\.\d\d|\d+ to review|model \S+"  # with machine and weights
VERDICT = r"^\s*[○●] .*$"  # likewise
RUN = [line[2:] for line in PAGE.splitlines() if line.startswith("$ belowline ")]


def test_every_option_named_is_an_option() -> None:
    known = {"--long"}  # of zstd
    for name in ("score", "report", "archive", "serve"):
        command = belowline.get_command(None, name)  # type: ignore[arg-type]
        subs = getattr(command, "commands", {"": command})
        known |= {option for sub in subs.values() for parameter in sub.params for option in parameter.opts}
    named = set(re.findall(r"`(--[a-z-]+)", PAGE)) | set(re.findall(r" (--[a-z-]+)", "\n".join(RUN)))
    assert named <= known
    assert {"score", "report", "archive"} <= set(COMMANDS)


def test_the_walk_throughs_run_as_printed(scorer: Scorer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(score_command, "open_on_device", lambda name, settings: scorer)
    monkeypatch.setattr(report_command, "open_scorer", lambda name, settings: scorer)
    packed = zstandard.ZstdCompressor().compress((FIXTURES / "reddit.jsonl").read_bytes())
    Path("RC_town.jsonl.zst").write_bytes(packed)
    shutil.copy(FIXTURES / "disqus.xml", "harbour.xml")
    shutil.copy(FIXTURES / "wxr.xml", "marsh.xml")
    rest = PAGE
    for line in RUN:
        rest = rest.split(f"$ {line}\n", 1)[1]
        result = CliRunner().invoke(belowline, line.split()[1:], env={"COLUMNS": "100"})
        assert result.exit_code == 0, line
        printed = re.split(r"^(?:\$|```)", rest, maxsplit=1, flags=re.MULTILINE)[0]
        begun, _, ended = printed.partition("...\n")
        assert settled(result.output).startswith(settled(begun)), line
        assert settled(ended).strip() in settled(result.output), line


def settled(printed: str) -> str:
    """Leave out what changes with the machine and with the weights, and the spaces that fill a terminal's lines."""
    lines = [line.rstrip() for line in re.sub(CHANGING, "", printed).splitlines()]
    return "\n".join(re.sub(VERDICT, "", line) for line in lines)


def test_every_platform_of_the_table_of_formats_is_named() -> None:
    names = {"wxr": "WordPress", "nyt": "New York Times", "socc": "SOCC", "hackernews": "Hacker News"}
    for name in formats():
        platform = name.split("_")[0]
        assert names.get(platform, platform).lower() in PAGE.lower(), name
