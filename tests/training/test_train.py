"""A run learns, stops, goes on where it stopped, and leaves weights that load without unpickling."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Literal

import pytest
import torch
from transformers import BertModel

from data.sources.examples import Example
from model.tokens import Tokeniser
from training.batches import Batcher
from training.branches import losses_of
from training.checkpoint import load_weights, mean_weights, save_weights
from training.config import TrainConfig, config_of, read_config
from training.losses import Losses
from training.network import Reader
from training.precision import fast_in_bfloat16
from training.relevance_losses import RelevanceLosses
from training.train import Run, main, train

CONFIGS = Path(__file__).parents[2] / "training" / "configs"
CONFIG = TrainConfig(
    name="trial", version="0", permissive=True, epochs=4, batch_size=25, average=0.5, learning_rate=1e-3,
    head_learning_rate=5e-3, take={"authored": 200},
)  # fmt: skip


def run(
    encoder: BertModel, tokeniser: Tokeniser, examples: list[Example], out: Path, config: TrainConfig = CONFIG
) -> Run:
    torch.manual_seed(1)
    losses = Losses(Reader(encoder, 0.0), [0.0], config.loss_weights)
    batcher = Batcher(tokeniser, ["authored"], batch_size=config.batch_size, augment=0.0)
    return Run(config, losses, batcher, examples, torch.device("cpu"), out, save_every=4)


def test_the_branch_for_relevance_learns_and_leaves_the_shared_layers_out(
    encoder: BertModel, tokeniser: Tokeniser, examples: list[Example], tmp_path: Path
) -> None:
    config = replace(CONFIG, branch="relevance", batch_size=20, epochs=2)
    torch.manual_seed(1)
    batcher = Batcher(tokeniser, ["authored"], batch_size=20, augment=0.0)
    trial = Run(
        config, losses_of(config, encoder, [0.0]), batcher, examples, torch.device("cpu"), tmp_path, save_every=99
    )
    trial.losses.eval()
    batch = next(trial.batcher.epoch(examples, 9))
    before = float(trial.losses(batch).detach())
    trial.go(0)
    weights = load_weights(tmp_path)
    assert all(name.startswith("relevance.") for name in weights)
    assert not [name for name in weights if ".encoder." in name]
    trial.losses.load_state_dict(weights)
    with torch.inference_mode():
        assert float(trial.losses.eval()(batch)) < 0.95 * before


def test_a_run_may_be_the_mean_of_others(tmp_path: Path) -> None:
    for name, value in (("a", 1.0), ("b", 4.0)):
        save_weights({"shared": torch.full((2,), value), name: torch.ones(1)}, tmp_path / name)
    config = replace(CONFIG, average_of=[str(tmp_path / "a"), str(tmp_path / "b")])
    train(config, tmp_path, tmp_path, tmp_path / "mean", save_every=9)
    found = load_weights(tmp_path / "mean")
    assert found.keys() == {"shared"}
    assert found["shared"].tolist() == [2.5, 2.5]


def test_what_never_learnt_comes_out_of_a_mean_of_three_as_it_was() -> None:
    frozen = torch.randn(1_000, generator=torch.manual_seed(1))
    runs = [{"frozen": frozen, "learnt": torch.full((1,), float(value))} for value in (1, 1, 4)]
    assert not torch.equal(torch.stack([frozen] * 3).mean(0), frozen)
    found = mean_weights(runs)
    assert torch.equal(found["frozen"], frozen)
    assert found["learnt"].tolist() == [2.0]


def test_a_run_that_others_build_on_is_made_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    save_weights({"shared": torch.ones(2)}, tmp_path / "first-1")
    earlier = replace(CONFIG, average_of=[str(tmp_path / "first-1")])
    monkeypatch.setattr("training.train.config_of", {tmp_path / "second-1": earlier}.__getitem__)
    config = replace(CONFIG, average_of=[str(tmp_path / "first-1"), str(tmp_path / "second-1")])
    train(config, tmp_path, tmp_path, tmp_path / "mean", save_every=9)
    assert load_weights(tmp_path / "second-1")["shared"].tolist() == [1.0, 1.0]
    assert load_weights(tmp_path / "mean")["shared"].tolist() == [1.0, 1.0]


def test_a_run_is_found_by_the_name_and_version_of_its_folder() -> None:
    config = read_config(CONFIGS / "full.toml")
    assert config_of(Path("artifacts") / f"full-{config.version}") == config
    assert config_of(Path("artifacts") / f"full-{config.version}.trial") == config
    with pytest.raises(ValueError, match=f"full.toml is of version {config.version}, and .* of 0."):
        config_of(Path("artifacts/full-0"))


@pytest.mark.parametrize(("frozen", "learning"), [(0, [True, True]), (1, [True, True]), (2, [False, True])])
def test_frozen_layers_are_counted_from_the_lowest_shared_one(
    encoder: BertModel, frozen: int, learning: list[bool]
) -> None:
    losses = losses_of(replace(CONFIG, branch="relevance", frozen_layers=frozen), encoder, [0.0])
    assert isinstance(losses, RelevanceLosses)
    assert [next(layer.parameters()).requires_grad for layer in losses.relevance.upper] == learning


@pytest.mark.parametrize("branch", ["tone", "relevance"])
def test_dropout_inside_the_encoder_is_the_recipes_and_ends_with_training(
    encoder: BertModel, tokeniser: Tokeniser, examples: list[Example], branch: Literal["tone", "relevance"]
) -> None:
    config = replace(CONFIG, branch=branch, dropout=0.0, encoder_dropout=0.5)
    losses = losses_of(config, encoder, [0.0])
    batch = next(Batcher(tokeniser, ["authored"], batch_size=20, augment=0.0).epoch(examples, 9))
    with torch.no_grad():
        assert float(losses.train()(batch)) != float(losses(batch))
        assert float(losses.eval()(batch)) == float(losses(batch))


def test_the_loss_falls(encoder: BertModel, tokeniser: Tokeniser, examples: list[Example], tmp_path: Path) -> None:
    trial = run(encoder, tokeniser, examples, tmp_path)
    batch = next(trial.batcher.epoch(examples, 9))
    with torch.inference_mode():
        before = float(trial.losses(batch))
    trial.go(0)
    trial.losses.load_state_dict(load_weights(tmp_path))
    with torch.inference_mode():
        assert float(trial.losses(batch)) < 0.85 * before


def test_a_stopped_run_goes_on_to_the_same_end(
    encoder: BertModel, tokeniser: Tokeniser, examples: list[Example], tmp_path: Path
) -> None:
    start = {name: value.clone() for name, value in encoder.state_dict().items()}
    run(encoder, tokeniser, examples, tmp_path / "whole").go(8)
    encoder.load_state_dict(start)
    run(encoder, tokeniser, examples, tmp_path / "halves").go(4)
    encoder.load_state_dict(start)
    run(encoder, tokeniser, examples, tmp_path / "halves").go(8)
    trial = run(encoder, tokeniser, examples, tmp_path / "none")
    batch = next(trial.batcher.epoch(examples, 9))
    losses = {}
    for name in ("whole", "halves"):
        trial.losses.load_state_dict(load_weights(tmp_path / name))
        with torch.inference_mode():
            losses[name] = float(trial.losses(batch))
    assert losses["halves"] == pytest.approx(losses["whole"], rel=0.02)  # two whole runs differ by .01: bfloat16


def test_a_trial_of_fewer_steps_than_were_made_before_makes_no_more(
    encoder: BertModel, tokeniser: Tokeniser, examples: list[Example], tmp_path: Path
) -> None:
    run(encoder, tokeniser, examples, tmp_path).go(4)
    for steps in (4, 2):
        again = run(encoder, tokeniser, examples, tmp_path)
        again.go(steps)
        assert again.step == 4


@pytest.mark.parametrize("file", sorted(CONFIGS.glob("*.toml")), ids=lambda file: file.stem)
def test_every_config_reads(file: Path) -> None:
    config = read_config(file)
    assert bool(config.take) != bool(config.average_of)
    assert replace(config, seed=2).seed == 2


def test_an_unknown_key_is_named(tmp_path: Path) -> None:
    (tmp_path / "run.toml").write_text('name = "x"\nversion = "1"\npermissive = true\nlerning_rate = 1.0\n')
    with pytest.raises(TypeError, match="lerning_rate"):
        read_config(tmp_path / "run.toml")


NAMED = 'name = "x"\nversion = "1"\npermissive = true\n'


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (None, "cannot be read: No such file"),
        ("name = ", "is no recipe"),
        ("rate = 1", "'rate'"),
        (f'{NAMED}teachers = ["artifacts/x-1"]', "go together"),
        (f"{NAMED}[loss_weights]\nlesson = 1.0", "go together"),
        (f'{NAMED}branch = "relevance"\nlarger = true', "only a run for tone"),
    ],
)
def test_a_wrong_recipe_is_named_in_a_sentence(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    content: str | None,
    sentence: str,
) -> None:
    file = tmp_path / "run.toml"
    if content is not None:
        file.write_text(content)
    monkeypatch.setattr("sys.argv", ["train", str(file), "--data-dir", str(tmp_path)])
    with pytest.raises(SystemExit, match="2"):
        main()
    said = capsys.readouterr().err.splitlines()[-1]
    assert said.startswith("train: error: argument config: ")
    assert sentence in said


def test_missing_data_is_named_in_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("training.train.base_folder", Path)
    monkeypatch.setattr("training.train.load_encoder", lambda _: None)
    monkeypatch.setattr("training.train.Tokeniser.load", lambda *_, **__: None)
    (tmp_path / "run.toml").write_text('name = "x"\nversion = "1"\npermissive = true')
    monkeypatch.setattr("sys.argv", ["train", str(tmp_path / "run.toml"), "--data-dir", str(tmp_path)])
    with pytest.raises(SystemExit, match="2"):
        main()
    assert capsys.readouterr().err.splitlines()[-1].startswith("train: error: train.csv is missing;")


def test_bfloat16_is_left_alone_where_a_processor_is_slower_in_it(monkeypatch: pytest.MonkeyPatch) -> None:
    spent = {torch.float32: 1.0, torch.bfloat16: 1.5}
    monkeypatch.setattr("training.precision._seconds", spent.__getitem__)
    assert not fast_in_bfloat16(torch.device("cpu"))
    assert fast_in_bfloat16(torch.device("cuda"))
    spent[torch.bfloat16] = 0.5
    assert fast_in_bfloat16(torch.device("cpu"))
