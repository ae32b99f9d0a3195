"""One training run as a TOML file: unknown keys are errors, and the file travels with the weights."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

CONFIGS = Path(__file__).with_name("configs")
ARTIFACTS = Path("artifacts")  # what runs leave, a folder each


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainConfig:
    """Everything that decides a run. Rates are per optimiser step; `take` counts examples per epoch and source."""

    name: str  # of the weights
    version: str
    permissive: bool  # only sources whose licence allows commercial use
    branch: Literal["tone", "relevance", "masked"] = "tone"  # `masked`: the encoder of tone, without labels
    start: str = ""  # folder of an earlier run to begin from; empty for the base encoder
    average_of: Sequence[str] = ()  # folders of runs whose mean this one is; nothing is trained then
    relevance: str = ""  # folder of the run for relevance that ships with this one
    seed: int = 1
    epochs: int = 2
    batch_size: int = 64
    max_tokens: int = 128  # of a comment, markers included; longer ones are cut
    article_tokens: int = 96
    learning_rate: float = 1e-4
    head_learning_rate: float = 5e-4
    frozen_layers: int = 0  # lowest layers that stay as they are, which saves their share of the backward pass
    layer_decay: float = 0.9  # each layer below the top learns this much slower
    weight_decay: float = 0.01
    warmup: float = 0.06  # share of all steps
    dropout: float = 0.1  # in the heads
    encoder_dropout: float = 0.0  # after the attention and the hidden layer of each of the encoder's layers
    larger: bool = False  # fine-tunes the larger encoder, which teaches other runs and does not ship
    teachers: Sequence[str] = ()  # runs whose opinion of each text is learnt beside its labels, weight `lesson`
    average: float = 0.999  # decay of the running average of weights that is shipped
    augment: float = 0.1  # share of texts whose telling words are misspelt afresh in every epoch
    voices: float = 0.0  # for tone: share of texts that are read as somebody who types on a phone would write them
    like: int = 0  # for relevance: headlines on a like subject beside each of the sources that are not compared whole
    others: int = 1  # for relevance: articles beside each comment's own, of those that it is compared with
    kindred: bool = False  # for relevance: titles without a text are mostly read with kindred headlines of the bank
    passages: bool = False  # for relevance: half of the long texts are cut to a passage, and none is augmented
    around: float = 0.0  # for what ships: weight of the headlines around a title in the relevance of its comments
    loss_weights: Mapping[str, float] = field(default_factory=dict)  # notion, `spans`, `rivals` ... -> weight
    blend: Mapping[str, Mapping[str, float]] = field(default_factory=dict)  # attribute -> notion -> weight; else itself
    # attribute -> domain or `any` -> column of `training.wide_columns` -> weight
    wide: Mapping[str, Mapping[str, Mapping[str, float]]] = field(default_factory=dict)
    take: Mapping[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Refuse with a `ValueError` what no run would learn from, before hours are spent on it."""
        if (self.larger or self.teachers) and self.branch != "tone":
            raise ValueError("only a run for tone has teachers or fine-tunes the larger encoder")
        if bool(self.teachers) != bool(self.loss_weights.get("lesson")):
            raise ValueError("`teachers` and a weight for `lesson` go together")


class RecipeError(ValueError):
    """No recipe describes the run that is named, or describes it no longer."""


def config_of(run: Path) -> TrainConfig:
    """Return the config that a run's folder, `artifacts/NAME-VERSION`, is named after.

    Raises `RecipeError` where there is none, or where it describes another version by now.
    """
    name, _, version = run.name.removesuffix(".trial").rpartition("-")
    if not (CONFIGS / f"{name}.toml").is_file():
        raise RecipeError(f"{run} is named after no recipe: there is no training/configs/{name}.toml.")
    config = read_config(CONFIGS / f"{name}.toml")
    if config.version != version:
        raise RecipeError(f"training/configs/{name}.toml is of version {config.version}, and {run} of {version}.")
    return config


def read_config(path: Path) -> TrainConfig:
    """Return the run that a TOML file describes; an unknown key is a `TypeError` that names it."""
    return TrainConfig(**tomllib.loads(path.read_text(encoding="utf-8")))
