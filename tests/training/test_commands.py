"""A model, a run or a recipe that there is not ends every command of training in a sentence."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path

import pytest

from model.manifest import MANIFEST
from training.config import RecipeError, config_of

NOTHING = "There is no model 'nothing'; installed are: "


@pytest.mark.parametrize(
    ("command", "arguments", "wrong"),
    [
        ("evaluate", ["--model", "nothing", "--data-dir", "."], NOTHING),
        ("evaluate", [], "name --data-dir or --suite"),
        ("card", ["nothing"], NOTHING),
        ("read_back", ["nothing", "out"], NOTHING),
        ("draws", ["nothing", "--data-dir", "."], NOTHING),
        ("train", ["RECIPE", "--data-dir", ".", "--save-every", "0"], "0 is no whole number of 1 or more."),
        ("memorised", ["nothing", "--data-dir", "."], NOTHING),
        ("baseline", ["--data-dir", "."], "train.csv is missing; the data folder must hold"),
        ("evaluate", ["--data-dir", "."], "train.csv is missing; the data folder must hold"),
        ("runtimes", ["table.csv"], "table.csv: no such file."),
        ("evaluate", ["--suite", "table.csv"], "table.csv: no such file."),
        ("runtimes", ["table.csv", "--model", "nothing"], NOTHING),
        ("choose", ["full-0", "--data-dir", "."], "full-0 holds no weights.safetensors"),
        ("export", ["full-0", "--data-dir", "."], "full-0 holds no weights.safetensors"),
        ("export_relevance", ["full-0", "--data-dir", ".", "--config", "RECIPE", "--weights", "w"], "json in w."),
    ],
)
def test_what_there_is_not_is_named_in_a_sentence(
    command: str,
    arguments: list[str],
    wrong: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    recipe = Path("training/configs/full.toml").resolve()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", [command, *(str(recipe) if one == "RECIPE" else one for one in arguments)])
    with pytest.raises(SystemExit) as ended:
        importlib.import_module(f"training.{command}").main()
    assert ended.value.code == 2
    assert wrong in capsys.readouterr().err.splitlines()[-1]
    assert not any(tmp_path.iterdir())


def test_weights_that_were_not_measured_get_no_card(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / MANIFEST).write_text("{}")
    monkeypatch.setattr("sys.argv", ["card", str(tmp_path)])
    with pytest.raises(SystemExit, match="2"):
        importlib.import_module("training.card").main()
    assert "holds no results.json, which training.evaluate writes." in capsys.readouterr().err


@pytest.mark.parametrize(
    ("run", "wrong"),
    [
        ("full-0", r"training/configs/full.toml is of version \d+, and full-0 of 0."),
        ("nothing-1", "nothing-1 is named after no recipe: there is no training/configs/nothing.toml."),
        ("nothing", "nothing is named after no recipe"),
    ],
)
def test_a_run_of_another_version_or_of_no_recipe_says_so(run: str, wrong: str) -> None:
    with pytest.raises(RecipeError, match=wrong):
        config_of(Path(run))
