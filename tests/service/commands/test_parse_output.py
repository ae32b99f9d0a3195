"""Where `belowline parse` writes: never over an input, and a failed write is one sentence."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

COMMAND = [sys.executable, "-c", "from service.cli import main; main()", "parse", "--no-article"]
FULL = Path("/dev/full")
PAGE = "<html><body><h1>Ferry</h1><p>Late again.</p></body></html>"


@pytest.fixture
def page(tmp_path: Path) -> Path:
    (tmp_path / "page.html").write_text(PAGE, encoding="utf-8")
    return tmp_path / "page.html"


def run(*words: object, **options: object) -> tuple[int, str]:
    """Return the exit code and what was said."""
    ran = subprocess.run([*COMMAND, *map(str, words)], stderr=subprocess.PIPE, text=True, check=False, **options)  # type: ignore[call-overload]
    return ran.returncode, ran.stderr


@pytest.mark.parametrize("link", [None, Path.symlink_to, Path.hardlink_to])
def test_an_output_that_is_an_input_is_refused_and_stays_whole(page: Path, link: object) -> None:
    output = page.with_name("out.jsonl") if link else page
    if callable(link):
        link(output, page)
    code, told = run(page, "-o", output)
    assert (code, told) == (1, f"{output} is an input as well and cannot be the output.\n")
    assert page.read_text(encoding="utf-8") == PAGE


def test_so_is_one_that_standard_input_comes_from(page: Path) -> None:
    with page.open("rb") as stream:
        code, told = run("-", "-o", page, stdin=stream)
    assert (code, told) == (1, f"{page} is an input as well and cannot be the output.\n")
    assert page.read_text(encoding="utf-8") == PAGE


@pytest.mark.skipif(not FULL.exists(), reason="/dev/full is of Linux")
def test_a_full_disk_is_one_sentence(page: Path) -> None:
    assert run(page, "-o", FULL) == (1, "/dev/full cannot be written: No space left on device.\n")
    with FULL.open("wb") as full:
        assert run(page, stdout=full) == (1, "The output cannot be written: No space left on device.\n")


def test_a_reader_that_goes_away_is_one_sentence(page: Path) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "wb") as pipe:
        code, told = run(page, stdout=pipe)
    assert (code, told) == (1, "The output cannot be written: Broken pipe.\n")
