"""The float weights come back from what ships, near enough to go on from and to be averaged with."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("torch", reason="needs the extra `train`")

import torch
from torch import Tensor

from model.manifest import WEIGHTS
from model.onnx import load_scorer
from training.encoder import base_folder, load_encoder
from training.parity import check_relevance, check_tone
from training.read_back import relevance, tone

SHIPPED = WEIGHTS / "permissive"


@pytest.fixture(scope="module")
def base() -> dict[str, np.ndarray]:
    return {name: value.numpy() for name, value in load_encoder(base_folder()).state_dict().items()}


def _tensors(arrays: dict[str, np.ndarray]) -> dict[str, Tensor]:
    return {name: torch.from_numpy(np.array(array)) for name, array in arrays.items()}


def test_tone_says_what_the_shipped_graph_says(base: dict[str, np.ndarray]) -> None:
    weights = _tensors(tone(SHIPPED, base))
    assert 0 < check_tone(weights, load_scorer(SHIPPED), base_folder(), "int8") < 0.1


def test_relevance_says_what_the_shipped_graph_says(base: dict[str, np.ndarray]) -> None:
    weights = _tensors(relevance(SHIPPED, base))
    assert 0 < check_relevance(weights, load_scorer(SHIPPED), base_folder(), "int8") < 0.1


def test_layers_that_never_learn_are_the_base_encoders(base: dict[str, np.ndarray]) -> None:
    found = tone(SHIPPED, base)
    for name, value in base.items():
        if name.startswith(("embeddings.", "encoder.layer.0.", "encoder.layer.1.")):
            np.testing.assert_array_equal(found[f"reader.encoder.{name}"], value)


def test_values_are_on_the_scale_that_they_were_trained_on(base: dict[str, np.ndarray]) -> None:
    """Runs that are averaged must agree on it, though no output depends on it."""
    found = tone(SHIPPED, base)
    for number in range(2, 6):
        name = f"encoder.layer.{number}.attention.self.value.weight"
        change = np.linalg.norm(found[f"reader.encoder.{name}"] - base[name]) / np.linalg.norm(base[name])
        assert change < 0.15
