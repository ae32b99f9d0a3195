"""What cannot be measured is said, and nothing is."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from service.commands.bench import bench


def test_an_input_that_is_not_there_is_named(tmp_path: Path) -> None:
    result = CliRunner().invoke(bench, [str(tmp_path / "nosuch.csv")])
    assert result.exit_code == 1
    assert result.output == f"Error: {tmp_path / 'nosuch.csv'}: no such file.\n"


def test_inputs_without_a_comment_are_refused(tmp_path: Path) -> None:
    (tmp_path / "empty.csv").write_text("id,text\n1,\n")
    result = CliRunner().invoke(bench, [str(tmp_path / "empty.csv")])
    assert (result.exit_code, result.output) == (1, "Error: There is no comment in these inputs.\n")


def test_a_folder_that_is_not_there_is_named_before_anything_is_measured(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("service.commands.bench.weights_folder", pytest.fail)
    result = CliRunner().invoke(bench, ["-o", str(tmp_path / "none" / "page.md")])
    assert (result.exit_code, result.output) == (
        1,
        f"Error: {tmp_path / 'none' / 'page.md'}: the folder {tmp_path / 'none'} does not exist.\n",
    )
