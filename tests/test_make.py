"""What the two commands of a newcomer do on a machine that lacks something."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

MAKEFILE = Path(__file__).parent.parent / "Makefile"
HALF = "#!/bin/sh\nmkdir -p .venv && touch .venv/pyvenv.cfg && echo tried >> times && exit 1\n"  # as without ensurepip


@pytest.mark.skipif(shutil.which("make") is None, reason="needs make")
def test_an_environment_that_was_made_by_half_is_made_anew(tmp_path: Path) -> None:
    shutil.copy(MAKEFILE, tmp_path)
    (tmp_path / "pyproject.toml").touch()
    python = tmp_path / "python"
    python.write_text(HALF)
    python.chmod(0o755)
    outside = {name: value for name, value in os.environ.items() if not name.startswith("M")}  # no MAKEFLAGS of a suite
    for _ in range(2):
        run = subprocess.run(["make", "run", "PYTHON=./python"], cwd=tmp_path, env=outside, capture_output=True)
        assert run.returncode == 2
    assert (tmp_path / "times").read_text() == "tried\n" * 2
