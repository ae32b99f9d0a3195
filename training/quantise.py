"""Static int8 for the encoder's products: every channel of an input has a step of its own, fixed at export.

Steps that no run changes make a score independent of whatever is read beside it, to the last bit, and cost less than
scales found per run. A channel that gets large values has a large step and a small weight is multiplied by it instead,
which spreads the rounding over both (SmoothQuant, Xiao et al. 2023, which moves a share of the range into the weights).
What rounding a weight changes is made good in the weights beside it (GPTQ, Frantar et al. 2023).
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
EVERY = 4  # of so many texts one counts for the moments, which take a minute with all
DAMPING = 0.01  # of the mean moment, added so that rare channels do not take everything


@dataclass(frozen=True, slots=True)
class Rounding:
    """How an input becomes bytes: `zero` stands for 0, `share` of its range stays in the steps, `least` is the smallest
    step. The shares were the best of six pairs tried on 800 news comments (training/LOG.md)."""

    zero: int
    share: float
    least: float = 0.0


@dataclass(frozen=True, slots=True)
class Inputs:
    """What came into a product: the `largest` absolute value (K,) of each channel and the second `moments` (K, K)."""

    largest: Array
    moments: Array


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


def integers(weight: Array, moments: Array | None = None) -> tuple[Array, Array]:
    """Return weights (N, K) as int8 (K, N) with the scale of each output column (N,).

    With the inputs' second moments (K, K), what rounding a channel's weights changes is made good in those of the
    channels not yet rounded, as far as they move with it (GPTQ, Frantar et al. 2023).
    """
    scale = np.maximum(np.abs(weight).max(1), 1e-9) / WEIGHT_MOST
    if moments is None:
        return _nearest(weight.T / scale).astype(np.int8), scale.astype(np.float32)
    order, share = _shares(moments)
    left, rounded = (weight / scale[:, None]).astype(np.float64)[:, order], np.empty(weight.T.shape, np.int8)
    for place, channel in enumerate(order):
        rounded[channel] = _nearest(left[:, place])
        error = (left[:, place] - rounded[channel]) / share[place, place]
        left[:, place + 1 :] -= np.outer(error, share[place, place + 1 :])
    return rounded, scale.astype(np.float32)


def _nearest(values: Array) -> Array:
    found: Array = np.clip(np.round(values), -WEIGHT_MOST, WEIGHT_MOST)
    return found


def _shares(moments: Array) -> tuple[Array, Array]:
    """Return the order of the channels, the strongest first, and how the error of each spreads over those after it:
    the upper Cholesky factor of the inverse moments.
    """
    order = np.argsort(-np.diag(moments), kind="stable")
    damped = moments.astype(np.float64)[np.ix_(order, order)]
    damped += DAMPING * np.diag(damped).mean() * np.eye(len(damped))
    return order, np.linalg.cholesky(np.linalg.inv(damped)).T


def measured(
    model: onnx.ModelProto, inputs: Mapping[str, str], feeds: Iterable[Mapping[str, Array]]
) -> dict[str, Inputs]:
    """Run a float32 graph over its feeds; return what each product's input, named by `inputs`, was like."""
    session, asked = _exposed(model, list(dict.fromkeys(inputs.values())))
    largest: dict[str, Array] = {}
    moments: dict[str, Array] = {}
    for number, feed in enumerate(feeds):
        values = {**feed, **dict(zip(asked, session.run(asked, dict(feed)), strict=True))}
        for name in set(inputs.values()):
            rows = values[name].reshape(-1, values[name].shape[-1])
            largest[name] = np.maximum(largest.get(name, 0), np.abs(rows).max(0))
            if number % EVERY == 0:
                moments[name] = moments.get(name, 0) + rows.T @ rows
    return {product: Inputs(largest[name], moments[name]) for product, name in inputs.items()}


def _exposed(model: onnx.ModelProto, names: list[str]) -> tuple[onnxruntime.InferenceSession, list[str]]:
    """Return a session of the graph that yields these values too, and those of them that it has to be asked for."""
    exposed = onnx.ModelProto()
    exposed.CopyFrom(model)
    declared = {value.name for value in (*model.graph.input, *model.graph.output)}
    fresh = [name for name in names if name not in declared]
    exposed.graph.output.extend(helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in fresh)
    session = onnxruntime.InferenceSession(exposed.SerializeToString(), providers=["CPUExecutionProvider"])
    given = {value.name for value in model.graph.input}
    return session, [name for name in names if name not in given]
