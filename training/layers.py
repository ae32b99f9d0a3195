"""Writes a transformer's layers as ONNX that reads texts of one length per run, in float32 or int8.

Texts of one length need no padding and no mask, and every number that int8 rounding depends on is fixed in the graph
(training/quantise.py), so that a score is the same alone and in any batch. Operators of the domain `com.microsoft` are
ONNX Runtime's fused ones for this architecture, but not its fused sum and norm, nine times slower than the two.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from training.quantise import AFTER_GELU, STATES, Inputs, Rounding, integers, steps

OPSET = 17
FUSED = "com.microsoft"
Array = NDArray[Any]
Shapes = Mapping[str, tuple[int | str, ...]]


@dataclass(slots=True)
class Graph:
    """Nodes and constants as they are added; every method returns the name of what it adds."""

    nodes: list[onnx.NodeProto] = field(default_factory=list)
    constants: list[onnx.TensorProto] = field(default_factory=list)
    names: set[str] = field(default_factory=set)

    def constant(self, name: str, value: Array) -> str:
        """Add a constant, once by its name."""
        if name not in self.names:
            self.names.add(name)
            self.constants.append(numpy_helper.from_array(np.ascontiguousarray(value).reshape(value.shape), name))
        return name

    def add(self, operator: str, inputs: list[str], name: str, domain: str = "", **attributes: Any) -> str:
        self.nodes.append(helper.make_node(operator, inputs, [name], name=name, domain=domain, **attributes))
        return name

    def split(self, source: str, names: list[str]) -> list[str]:
        self.nodes.append(helper.make_node("Split", [source], names, name=f"{source}_split", axis=-1))
        return names


@dataclass(frozen=True, slots=True)
class Size:
    """What the numbers of an encoder do not say of themselves."""

    heads: int
    layers: int
    epsilon: float = 1e-12


class LayersGraph:
    """Layers of the encoder and what its branches have in common.

    With what was `measured` of each product's input the products are int8; without, float32. `inputs` names the
    input of each product once the graph is built, so that it can be measured.
    """

    def __init__(self, weights: Mapping[str, Array], size: Size, measured: Mapping[str, Inputs] | None = None) -> None:
        self._weights, self._size, self._measured = weights, size, measured
        self._graph = Graph()
        self.inputs: dict[str, str] = {}

    def _layer(self, states: str, prefix: str) -> str:
        """One transformer layer, (B, T, H) -> (B, T, H)."""
        graph = self._graph
        parts = [f"{prefix}.attention.self.{name}" for name in ("query", "key", "value")]
        output = f"{prefix}.attention.output"
        joined, bias = self._joined(parts, f"{output}.dense")
        split = graph.split(self._product(states, f"{prefix}.qkv", joined, bias), parts)
        attended = graph.add("MultiHeadAttention", split, f"{prefix}.attended", FUSED, num_heads=self._size.heads)
        mixed = self._dense(attended, f"{output}.dense", shrunk=True)
        states = self._residual(mixed, states, output)
        inner = self._dense(states, f"{prefix}.intermediate.dense")
        active = graph.add("Gelu", [inner], f"{prefix}.active", FUSED)
        return self._residual(
            self._dense(active, f"{prefix}.output.dense", rounding=AFTER_GELU), states, f"{prefix}.output"
        )

    def _joined(self, parts: list[str], after: str) -> tuple[Array, Array]:
        """Query, key and value as one product. Attention is linear in the values, so that they already come out in the
        steps of the product `after` it."""
        weights = [self._weights[f"{part}.weight"] for part in parts]
        biases = [self._weights[f"{part}.bias"] for part in parts]
        if self._measured is not None:
            step = steps(self._measured[after].largest, self._weights[f"{after}.weight"], STATES)
            weights[2], biases[2] = weights[2] / step[:, None], biases[2] / step
        return np.concatenate(weights), np.concatenate(biases)

    def _mean(self, states: str, depth: int) -> str:
        """Mean of the tokens' states, (B, T, H) -> (B, H).

        A product with ones, text by text: `ReduceMean` adds up in another order, to other last bits, when B is 1.
        """
        graph = self._graph
        one = numpy_helper.from_array(np.ones(1, np.float32))
        shape = graph.add("Shape", [states], f"shape.{depth}", start=0, end=2)
        ones = graph.add("ConstantOfShape", [shape], f"ones.{depth}", value=one)
        axis = graph.constant("axis_one", np.array([1], np.int64))
        row = graph.add("Unsqueeze", [ones, axis], f"ones_row.{depth}")  # (B, 1, T)
        total = graph.add("Squeeze", [graph.add("MatMul", [row, states], f"total_row.{depth}"), axis], f"total.{depth}")
        length = graph.add("Shape", [states], f"length.{depth}", start=1, end=2)
        count = graph.add("Cast", [length], f"count.{depth}", to=TensorProto.FLOAT)
        return graph.add("Div", [total, count], f"mean.{depth}")

    def _dense(self, source: str, prefix: str, *, rounding: Rounding = STATES, shrunk: bool = False) -> str:
        weight, bias = self._weights[f"{prefix}.weight"], self._weights[f"{prefix}.bias"]
        return self._product(source, prefix, weight, bias, rounding=rounding, shrunk=shrunk)

    def _product(
        self, source: str, prefix: str, weight: Array, bias: Array, *, rounding: Rounding = STATES, shrunk: bool = False
    ) -> str:
        """x W^T + b. In int8 the source is rounded to its steps first, by which it was already divided if `shrunk`."""
        graph = self._graph
        self.inputs[prefix] = source
        if self._measured is None:
            product = graph.add("MatMul", [source, graph.constant(f"{prefix}.w", weight.T)], f"{prefix}.product")
            return graph.add("Add", [product, graph.constant(f"{prefix}.b", bias)], f"{prefix}.out")
        known = self._measured[prefix]
        step = steps(known.largest, weight, rounding)
        rounded, scale = integers(weight * step, known.moments / np.outer(step, step))
        if not shrunk:
            shrink = graph.constant(f"{prefix}.shrink", (1 / step).astype(np.float32))
            source = graph.add("Mul", [source, shrink], f"{prefix}.shrunk")
        one, zero = self._bytes(rounding.zero)
        integer = graph.add("QuantizeLinear", [source, one, zero], f"{prefix}.bytes")
        inputs = [integer, graph.constant(f"{prefix}.w", rounded), one, graph.constant(f"{prefix}.s", scale), zero, ""]
        return graph.add("MatMulIntegerToFloat", [*inputs, graph.constant(f"{prefix}.b", bias)], f"{prefix}.out", FUSED)

    def _bytes(self, zero: int) -> tuple[str, str]:
        """The step 1 and the byte that stands for 0."""
        one = self._graph.constant("one", np.array(1, np.float32))
        return one, self._graph.constant(f"zero_{zero}", np.array(zero, np.uint8))

    def _small(self, source: str, prefix: str, name: str = "") -> str:
        """A head's own layer: few numbers, so it stays in float32."""
        graph = self._graph
        weight = graph.constant(f"{prefix}.w", self._weights[f"{prefix}.weight"].T)
        product = graph.add("MatMul", [source, weight], f"{prefix}.product")
        return graph.add(
            "Add", [product, graph.constant(f"{prefix}.b", self._weights[f"{prefix}.bias"])], name or f"{prefix}.out"
        )

    def _residual(self, branch: str, states: str, prefix: str) -> str:
        return self._normalised(self._graph.add("Add", [branch, states], f"{prefix}.sum"), f"{prefix}.LayerNorm")

    def _normalised(self, source: str, prefix: str, epsilon: float | None = None) -> str:
        constants = [
            self._graph.constant(f"{prefix}.{part}", self._weights[f"{prefix}.{part}"]) for part in ("weight", "bias")
        ]
        epsilon = self._size.epsilon if epsilon is None else epsilon
        return self._graph.add("LayerNormalization", [source, *constants], f"{prefix}.out", axis=-1, epsilon=epsilon)


def float_values(shapes: Shapes) -> list[onnx.ValueInfoProto]:
    """Declare inputs or outputs of float32 by their shapes."""
    return [helper.make_tensor_value_info(name, TensorProto.FLOAT, shape) for name, shape in shapes.items()]


def model_of(
    graph: Graph, name: str, inputs: list[onnx.ValueInfoProto], outputs: list[onnx.ValueInfoProto]
) -> onnx.ModelProto:
    """Return the model of a graph's nodes and constants."""
    opsets = [helper.make_opsetid("", OPSET), helper.make_opsetid(FUSED, 1)]
    body = helper.make_graph(graph.nodes, name, inputs, outputs, graph.constants)
    return helper.make_model(body, opset_imports=opsets, ir_version=9, producer_name="belowline")
