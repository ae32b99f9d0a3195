"""What a run leaves on disk: a checkpoint to go on from, and the averaged weights to export.

Files are replaced by rename, so that a stop in the middle of writing leaves the last whole one. Nothing is unpickled:
weights are safetensors, and the optimiser's state is read with `weights_only`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor

from training.notions import NOTIONS, PARENTS

CHECKPOINT = "checkpoint.pt"
_BY_NOTION = ("reader.attention.weight", "reader.attention.bias", "reader.outputs", "reader.bias", "reader.blend")
WEIGHTS = "weights.safetensors"


class UnfinishedRun(ValueError):
    """A folder is not that of a run that came to its end."""


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """Everything that the next step depends on."""

    step: int
    weights: Mapping[str, Tensor]
    averaged: dict[str, Tensor]
    optimiser: Mapping[str, Any]
    schedule: Mapping[str, Any]


def save_checkpoint(state: Checkpoint, folder: Path) -> None:
    """Write the checkpoint, replacing the last one at once."""
    folder.mkdir(parents=True, exist_ok=True)
    fresh = folder / (CHECKPOINT + ".part")
    torch.save({name: getattr(state, name) for name in Checkpoint.__slots__}, fresh)
    fresh.replace(folder / CHECKPOINT)


def load_checkpoint(folder: Path) -> Checkpoint | None:
    """Return the checkpoint of a run that stopped, or None."""
    file = folder / CHECKPOINT
    return Checkpoint(**torch.load(file, weights_only=True)) if file.exists() else None


def average_into(averaged: dict[str, Tensor], weights: Mapping[str, Tensor], decay: float) -> None:
    """Move the running average (in place) towards the weights: Polyak averaging with an exponential window."""
    for name, value in weights.items():
        if value.dtype.is_floating_point:
            averaged[name].lerp_(value.detach(), 1 - decay)


def mean_weights(runs: Sequence[Mapping[str, Tensor]]) -> dict[str, Tensor]:
    """Return the mean of what all runs have: a "model soup" (Wortsman et al. 2022) of runs that began alike.

    What never learnt is the same in all of them and stays so to the last bit, which a third of three times it is not.
    """
    shared = set.intersection(*(set(weights) for weights in runs))
    return {name: _mean(torch.stack([weights[name] for weights in runs])) for name in sorted(shared)}


def _mean(values: Tensor) -> Tensor:
    return torch.where((values == values[0]).all(0), values[0], values.mean(0))


def save_weights(averaged: Mapping[str, Tensor], folder: Path) -> None:
    """Write the averaged weights as safetensors."""
    folder.mkdir(parents=True, exist_ok=True)
    save_file({name: value.contiguous() for name, value in averaged.items()}, folder / WEIGHTS)


def load_weights(folder: Path) -> dict[str, Tensor]:
    """Return the averaged weights of a finished run; notions that it did not have yet begin as their `PARENTS`.

    Raises `UnfinishedRun` where there are none.
    """
    if not (folder / WEIGHTS).is_file():
        raise UnfinishedRun(f"{folder} holds no {WEIGHTS}, which a finished run leaves.")
    weights: dict[str, Tensor] = load_file(folder / WEIGHTS)
    return weights | {name: _grown(weights[name]) for name in _BY_NOTION if name in weights}


def _grown(value: Tensor) -> Tensor:
    missing = [NOTIONS.index(PARENTS[notion]) for notion in NOTIONS[len(value) :]]
    return torch.cat((value, value[missing])) if missing else value
