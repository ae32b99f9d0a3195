"""Reads the weights of a shipped folder back from its graphs. `python -m training.read_back full artifacts/full-6`

So a later run can begin from what ships, or be averaged with it, when the float weights are gone. Products come back as
exact as 7 bits hold them; what the graphs have in float32 comes back as it was. Layers that never learn are the base
encoder's own. Notions that no attribute takes from are not in the graphs and come back as zeros.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import numpy_helper

from model.manifest import COMPARER, READER, TOPICS, read_manifest, weights_folder
from model.network import shared_layers
from training.checkpoint import save_weights
from training.commands import in_a_sentence
from training.config import config_of
from training.encoder import base_folder, load_encoder
from training.export import SIZE
from training.layers import Array
from training.network import blend_matrix
from training.notions import NOTIONS

Arrays = dict[str, Array]


def main() -> None:
    """Read the command line, write `weights.safetensors` with both branches."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", help="name or folder of the weights")
    parser.add_argument("out", type=Path, help="folder to write to")
    arguments = parser.parse_args()
    with in_a_sentence(parser):
        folder = weights_folder(arguments.model)
        base = {name: value.numpy() for name, value in load_encoder(base_folder()).state_dict().items()}
        found = tone(folder, base) | relevance(folder, base)
    save_weights({name: torch.from_numpy(np.array(value)) for name, value in found.items()}, arguments.out)
    print(arguments.out)


def tone(folder: Path, base: Mapping[str, Array]) -> Arrays:
    """The first branch as `training.train` saves it, without the scales of its sources."""
    constants = _constants(folder / READER)
    found = {f"reader.encoder.{name}": value for name, value in base.items()}
    for number in range(shared_layers(SIZE.layers), SIZE.layers):
        found |= _layer(constants, number, base, f"reader.encoder.encoder.layer.{number}")
    found |= _small(constants, ("reader.trunk", "reader.token_head"))
    return found | _notions(constants, blend_matrix(read_manifest(folder).recipe["blend"]).numpy())


def relevance(folder: Path, base: Mapping[str, Array]) -> Arrays:
    """The second branch as `training.train` saves it."""
    frozen = config_of(Path(read_manifest(folder).recipe["relevance"])).frozen_layers
    shared, constants = shared_layers(SIZE.layers), _constants(folder / TOPICS)
    found: Arrays = {}
    for number in range(shared, SIZE.layers):
        here, there = f"relevance.upper.{number - shared}", f"encoder.layer.{number}."
        if number < frozen:
            inside = {name.removeprefix(there): value for name, value in base.items() if name.startswith(there)}
            found |= {f"{here}.{name}": value for name, value in inside.items()}
        else:
            found |= _layer(constants, number, base, here)
    found |= {name: value for name, value in constants.items() if name.startswith("relevance.norms.")}
    found |= _small(constants, ("relevance.gather", "relevance.words", "relevance.weigh"))
    return found | _comparer(_constants(folder / COMPARER))


def _comparer(constants: Mapping[str, Array]) -> Arrays:
    found = _small(constants, ("relevance.comparer.project", "relevance.comparer.inner"))
    inner = len(found["relevance.comparer.inner.bias"])
    outer = constants["outer.w"][:, 0]  # what the hidden layer weighs, then the slopes of three of the features
    return found | {
        "relevance.comparer.outer.weight": outer[None, :inner],
        "relevance.comparer.outer.bias": constants["outer.b"],
        "relevance.comparer.slopes": outer[inner : inner + 3],
    }


def _notions(constants: Mapping[str, Array], blend: Array) -> Arrays:
    """Heads of all notions, those that no attribute takes from as zeros."""
    used = np.abs(blend).sum(1) > 0
    parts = {
        "attention.weight": constants["reader.attention.w"].T,
        "attention.bias": constants["reader.attention.b"],
        "outputs": constants["outputs"],
        "bias": constants["bias"],
    }
    found: Arrays = {"reader.blend": blend}
    for name, part in parts.items():
        whole = np.zeros((len(NOTIONS), *part.shape[1:]), np.float32)
        whole[used] = part
        found[f"reader.{name}"] = whole
    return found


def _layer(constants: Mapping[str, Array], number: int, base: Mapping[str, Array], name: str) -> Arrays:
    """One transformer layer. Its values were divided by the steps of the product after them: by how much is seen from
    the base encoder's values, which training hardly turns.
    """
    prefix, own = f"encoder.encoder.layer.{number}", f"encoder.layer.{number}"
    weight, bias = _product(constants, f"{prefix}.qkv")
    parts = dict(zip(("query", "key", "value"), zip(np.split(weight, 3), np.split(bias, 3), strict=True), strict=True))
    value, known = parts["value"][0], base[f"{own}.attention.self.value.weight"]
    step = (known * value).sum(1) / (value * value).sum(1)
    parts["value"] = (value * step[:, None], parts["value"][1] * step)
    mixed, mixed_bias = _product(constants, f"{prefix}.attention.output.dense")
    found = {f"{name}.attention.output.dense.weight": mixed / step, f"{name}.attention.output.dense.bias": mixed_bias}
    for part, (matrix, offset) in parts.items():
        found |= {f"{name}.attention.self.{part}.weight": matrix, f"{name}.attention.self.{part}.bias": offset}
    for part in ("intermediate.dense", "output.dense"):
        found[f"{name}.{part}.weight"], found[f"{name}.{part}.bias"] = _product(constants, f"{prefix}.{part}")
    for part in ("attention.output.LayerNorm", "output.LayerNorm"):
        found |= {f"{name}.{part}.{kind}": constants[f"{prefix}.{part}.{kind}"] for kind in ("weight", "bias")}
    return found


def _product(constants: Mapping[str, Array], prefix: str) -> tuple[Array, Array]:
    """Weight (N, K) and bias (N,) of a product in int8."""
    weight = (constants[f"{prefix}.w"] * constants[f"{prefix}.s"]).T
    shrink = constants.get(f"{prefix}.shrink")
    return (weight if shrink is None else weight * shrink), constants[f"{prefix}.b"]


def _small(constants: Mapping[str, Array], names: tuple[str, ...]) -> Arrays:
    """Weights and biases of layers in float32."""
    found = {f"{name}.weight": constants[f"{name}.w"].T for name in names}
    return found | {f"{name}.bias": constants[f"{name}.b"] for name in names}


def _constants(graph: Path) -> Arrays:
    return {constant.name: numpy_helper.to_array(constant) for constant in onnx.load(graph).graph.initializer}


if __name__ == "__main__":
    main()
