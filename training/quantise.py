"""Static int8 for the encoder's products: every channel of an input has a step of its own, fixed at export.

Steps that no run changes make a score independent of whatever is read beside it, to the last bit, and cost less than
scales found per run. A channel that gets large values has a large step and a small weight is multiplied by it instead,
which spreads the rounding over both (SmoothQuant, Xiao et al. 2023, which moves a share of the range into the weights).
Weights have 7 bits, so that processors without VNNI, which add pairs of products in 16 bits, do not overflow.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import onnx
import onnxruntime
from numpy.typing import NDArray
from onnx import TensorProto, helper

Array = NDArray[Any]
WEIGHT_MOST = 63  # 7 bits
SMALLEST = 1e-3  # range of a channel that never said anything


@dataclass(frozen=True, slots=True)
class Rounding:
    """How an input becomes bytes: `zero` stands for 0, `share` of its range stays in the steps, `least` is the smallest
    step. The shares were the best of six pairs tried on 800 news comments (training/LOG.md)."""

    zero: int
    share: float
    least: float = 0.0


STATES = Rounding(zero=128, share=0.7)
AFTER_GELU = Rounding(
    zero=16, share=0.9, least=0.17 / 16
)  # GELU is never below -0.17, so most bytes go to what is above


def steps(largest: Array, weight: Array, rounding: Rounding) -> Array:
    """Return the step of each input channel (K,) from its largest value (K,) and the weights (N, K) that it meets."""
    reach = np.maximum(largest, SMALLEST)
    met = np.maximum(np.abs(weight).max(0), 1e-4)
    found = reach**rounding.share / met ** (1 - rounding.share)
    found *= (reach / found).max() / (255 - rounding.zero)
    limited: Array = np.maximum(found, rounding.least).astype(np.float32)
    return limited


def integers(weight: Array) -> tuple[Array, Array]:
    """Return weights (N, K) as int8 (K, N) with the scale of each output column (N,)."""
    scale = np.maximum(np.abs(weight).max(1), 1e-9) / WEIGHT_MOST
    rounded = np.clip(np.round(weight.T / scale), -WEIGHT_MOST, WEIGHT_MOST).astype(np.int8)
    return rounded, scale.astype(np.float32)


def measured_ranges(
    model: onnx.ModelProto, inputs: dict[str, str], feeds: Iterable[Mapping[str, Array]]
) -> dict[str, Array]:
    """Run a float32 graph over its feeds; return the largest absolute value (K,) of each channel of named inputs."""
    exposed = onnx.ModelProto()
    exposed.CopyFrom(model)
    names = list(inputs.values())
    declared = {value.name for value in (*model.graph.input, *model.graph.output)}
    fresh = dict.fromkeys(name for name in names if name not in declared)
    exposed.graph.output.extend(helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in fresh)
    session = onnxruntime.InferenceSession(exposed.SerializeToString(), providers=["CPUExecutionProvider"])
    asked = [name for name in names if name not in {value.name for value in model.graph.input}]
    found = dict.fromkeys(names, np.zeros(1, np.float32))
    for feed in feeds:
        values = {**feed, **dict(zip(asked, session.run(asked, dict(feed)), strict=True))}
        for name in found:
            found[name] = np.maximum(found[name], np.abs(values[name]).max((0, 1)))
    return {product: found[name] for product, name in inputs.items()}
