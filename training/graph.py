"""Writes the network as ONNX graphs that read one text per run, in float32 or int8.

One text per run on one thread per core needs no padding and no mask, and makes a score independent of its batch: the
scale that int8 activations are rounded with is found per run, so it must not see other comments. Weights are int8 per
column in 7 bits, so that processors without VNNI (which add pairs of products in 16 bits) do not overflow. Operators of
the domain `com.microsoft` are ONNX Runtime's fused ones for this architecture.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from model.network import vector_layers
from training.notions import CLASSES

OPSET = 17
FUSED = "com.microsoft"
RANGE = 64  # 7 bits: -64 to 63
Array = NDArray[Any]


@dataclass(slots=True)
class _Graph:
    """Nodes and constants as they are added; every method returns the name of what it adds."""

    nodes: list[onnx.NodeProto] = field(default_factory=list)
    constants: list[onnx.TensorProto] = field(default_factory=list)

    def constant(self, name: str, value: Array) -> str:
        self.constants.append(numpy_helper.from_array(np.ascontiguousarray(value), name))
        return name

    def add(self, operator: str, inputs: list[str], name: str, domain: str = "", **attributes: Any) -> str:
        self.nodes.append(helper.make_node(operator, inputs, [name], name=name, domain=domain, **attributes))
        return name

    def split(self, source: str, names: list[str]) -> list[str]:
        self.nodes.append(helper.make_node("Split", [source], names, name=f"{source}_split", axis=-1))
        return names


class EncoderGraph:
    """The encoder with its heads: ids (1, T) int64 -> vector (1, H), logits (1, 7), tokens (1, T)."""

    def __init__(
        self, weights: Mapping[str, Array], *, heads: int, layers: int, epsilon: float, quantised: bool
    ) -> None:
        self._weights = weights
        self._heads, self._layers, self._epsilon, self._quantised = heads, layers, epsilon, quantised
        self._graph = _Graph()

    def build(self) -> onnx.ModelProto:
        """Return the checked model."""
        states = self._embeddings()
        wanted = vector_layers(self._layers)
        means = [self._mean(states, 0)] if 0 in wanted else []
        for depth in range(1, self._layers + 1):
            states = self._layer(states, f"encoder.encoder.layer.{depth - 1}")
            means += [self._mean(states, depth)] if depth in wanted else []
        self._read_out(states, means)
        outputs = [
            helper.make_tensor_value_info("vector", TensorProto.FLOAT, [1, "hidden"]),
            helper.make_tensor_value_info("logits", TensorProto.FLOAT, [1, len(CLASSES)]),
            helper.make_tensor_value_info("tokens", TensorProto.FLOAT, [1, "length"]),
        ]
        inputs = [helper.make_tensor_value_info("ids", TensorProto.INT64, [1, "length"])]
        return _model(self._graph, "reader", inputs, outputs)

    def _embeddings(self) -> str:
        """Word, position and segment 0, then normalised. Rows of the word table are int8 with a scale each."""
        graph, prefix = self._graph, "encoder.embeddings."
        words = self._word_rows(self._weights[prefix + "word_embeddings.weight"])
        places = self._weights[prefix + "position_embeddings.weight"]
        length = graph.add("Shape", ["ids"], "length", start=1)
        segment = self._weights[prefix + "token_type_embeddings.weight"][0]
        table = graph.constant("place_table", places + segment)
        first = graph.constant("first_place", np.array([0], np.int64))
        rows = graph.add("Slice", [table, first, length, first], "place_rows")
        return self._normalised(graph.add("Add", [words, rows], "embedded"), prefix + "LayerNorm")

    def _word_rows(self, table: Array) -> str:
        graph = self._graph
        if not self._quantised:
            return graph.add("Gather", [graph.constant("words", table), "ids"], "word_rows", axis=0)
        scale = np.abs(table).max(1, keepdims=True) / 127
        rounded = np.round(table / np.maximum(scale, 1e-12)).astype(np.int8)
        rows = graph.add("Gather", [graph.constant("words", rounded), "ids"], "word_rows_int8", axis=0)
        scales = graph.add(
            "Gather", [graph.constant("word_scales", scale.astype(np.float32)), "ids"], "row_scales", axis=0
        )
        floats = graph.add("Cast", [rows], "word_rows_float", to=TensorProto.FLOAT)
        return graph.add("Mul", [floats, scales], "word_rows")

    def _layer(self, states: str, prefix: str) -> str:
        """One transformer layer, (1, T, H) -> (1, T, H)."""
        graph, weights = self._graph, self._weights
        parts = [f"{prefix}.attention.self.{name}" for name in ("query", "key", "value")]
        joined = np.concatenate([weights[f"{part}.weight"] for part in parts])
        bias = np.concatenate([weights[f"{part}.bias"] for part in parts])
        mixed = self._product(states, f"{prefix}.qkv", joined, bias)
        split = graph.split(mixed, parts)
        attended = graph.add("MultiHeadAttention", split, f"{prefix}.attended", FUSED, num_heads=self._heads)
        states = self._residual(
            self._dense(attended, f"{prefix}.attention.output.dense"), states, f"{prefix}.attention.output"
        )
        inner = self._dense(states, f"{prefix}.intermediate.dense")
        active = graph.add("Gelu", [inner], f"{prefix}.active", FUSED)
        return self._residual(self._dense(active, f"{prefix}.output.dense"), states, f"{prefix}.output")

    def _mean(self, states: str, depth: int) -> str:
        """Mean of the tokens' states, (1, T, H) -> (1, H)."""
        return self._graph.add("ReduceMean", [states], f"mean.{depth}", axes=[1], keepdims=0)

    def _read_out(self, states: str, means: list[str]) -> None:
        """The vector, each notion's own attention over the tokens with the shared trunk, and the token head."""
        graph = self._graph
        self._small(graph.add("Concat", means, "layers", axis=-1), "reader.gather", "vector")
        scores = graph.add("Transpose", [self._small(states, "reader.attention")], "attention_scores", perm=[0, 2, 1])
        shares = graph.add("Softmax", [scores], "attention_shares", axis=-1)
        seen = graph.add("MatMul", [shares, states], "seen")  # (1, N, H)
        many = graph.constant("many", np.array([1, *self._weights["reader.outputs"].shape], np.int64))
        lifted = graph.add("Unsqueeze", [means[-1], graph.constant("axis_one", np.array([1], np.int64))], "vector_row")
        joined = graph.add("Concat", [seen, graph.add("Expand", [lifted, many], "vector_rows")], "joined", axis=-1)
        features = graph.add("Gelu", [self._small(joined, "reader.trunk")], "features", FUSED)
        weighed = graph.add("Mul", [features, graph.constant("outputs", self._weights["reader.outputs"])], "weighed")
        axis = graph.constant("last_axis", np.array([-1], np.int64))
        summed = graph.add("ReduceSum", [weighed, axis], "summed", keepdims=0)
        notions = graph.add("Add", [summed, graph.constant("bias", self._weights["reader.bias"])], "notions")
        graph.add("MatMul", [notions, graph.constant("blend", self._weights["reader.blend"])], "logits")
        graph.add("Squeeze", [self._small(states, "reader.token_head"), axis], "tokens")

    def _dense(self, source: str, prefix: str) -> str:
        return self._product(source, prefix, self._weights[f"{prefix}.weight"], self._weights[f"{prefix}.bias"])

    def _product(self, source: str, prefix: str, weight: Array, bias: Array) -> str:
        """x W^T + b, of which W is int8 per column when the graph is quantised."""
        graph = self._graph
        if not self._quantised:
            product = graph.add("MatMul", [source, graph.constant(f"{prefix}.w", weight.T)], f"{prefix}.product")
            return graph.add("Add", [product, graph.constant(f"{prefix}.b", bias)], f"{prefix}.out")
        scale = np.abs(weight).max(1) / (RANGE - 1)  # per output column
        rounded = np.clip(np.round(weight.T / scale), 1 - RANGE, RANGE - 1).astype(np.int8)
        inputs = [
            source,
            graph.constant(f"{prefix}.w", rounded),
            graph.constant(f"{prefix}.s", scale.astype(np.float32)),
            graph.constant(f"{prefix}.z", np.zeros(len(scale), np.int8)),
            graph.constant(f"{prefix}.b", bias),
        ]
        return graph.add("DynamicQuantizeMatMul", inputs, f"{prefix}.out", FUSED)

    def _small(self, source: str, prefix: str, name: str = "") -> str:
        """A head's own layer: few numbers, so it stays in float32."""
        graph = self._graph
        weight = graph.constant(f"{prefix}.w", self._weights[f"{prefix}.weight"].T)
        product = graph.add("MatMul", [source, weight], f"{prefix}.product")
        return graph.add(
            "Add", [product, graph.constant(f"{prefix}.b", self._weights[f"{prefix}.bias"])], name or f"{prefix}.out"
        )

    def _residual(self, branch: str, states: str, prefix: str) -> str:
        norm = f"{prefix}.LayerNorm"
        inputs = [branch, states, *self._norm_constants(norm)]
        return self._graph.add("SkipLayerNormalization", inputs, f"{norm}.out", FUSED, epsilon=self._epsilon)

    def _normalised(self, source: str, prefix: str) -> str:
        inputs = [source, *self._norm_constants(prefix)]
        return self._graph.add("LayerNormalization", inputs, f"{prefix}.out", axis=-1, epsilon=self._epsilon)

    def _norm_constants(self, prefix: str) -> list[str]:
        return [
            self._graph.constant(f"{prefix}.{part}", self._weights[f"{prefix}.{part}"]) for part in ("weight", "bias")
        ]


def comparer_graph(weights: Mapping[str, Array]) -> onnx.ModelProto:
    """Relevance of N comments to one article each: article (N, H), comment (N, H) -> logits (N,)."""
    graph = _Graph()
    turn = graph.constant("project.w", weights["comparer.project.weight"].T)
    shift = graph.constant("project.b", weights["comparer.project.bias"])
    first, second = (_projected(graph, name, turn, shift) for name in ("article", "comment"))
    product = graph.add("Mul", [first, second], "product")
    distance = graph.add("Abs", [graph.add("Sub", [first, second], "difference")], "distance")
    hidden = weights["comparer.inner.weight"].shape[1] // 2
    root = graph.constant("root", np.array(hidden**0.5, np.float32))
    features = graph.add("Mul", [graph.add("Concat", [product, distance], "both", axis=-1), root], "features")
    inner = graph.add(
        "MatMul", [features, graph.constant("inner.w", weights["comparer.inner.weight"].T)], "inner.product"
    )
    shifted = graph.add("Add", [inner, graph.constant("inner.b", weights["comparer.inner.bias"])], "inner.out")
    active = graph.add("Gelu", [shifted], "active", FUSED)
    outer = graph.add(
        "MatMul", [active, graph.constant("outer.w", weights["comparer.outer.weight"].T)], "outer.product"
    )
    axis = graph.constant("last_axis", np.array([-1], np.int64))
    learnt = graph.add("Squeeze", [outer, axis], "learnt")
    cosine = graph.add("ReduceSum", [product, axis], "cosine", keepdims=0)
    slope, offset = weights["comparer.cosine"]
    scaled = graph.add("Mul", [cosine, graph.constant("slope", np.array(slope, np.float32))], "scaled")
    total = graph.add("Add", [learnt, scaled], "total")
    offsets = graph.constant("offset", np.array(offset + weights["comparer.outer.bias"][0], np.float32))
    graph.add("Add", [total, offsets], "relevance")
    inputs = [
        helper.make_tensor_value_info(name, TensorProto.FLOAT, ["count", hidden]) for name in ("article", "comment")
    ]
    return _model(graph, "comparer", inputs, [helper.make_tensor_value_info("relevance", TensorProto.FLOAT, ["count"])])


def _projected(graph: _Graph, name: str, turn: str, shift: str) -> str:
    product = graph.add("MatMul", [name, turn], f"{name}.product")
    moved = graph.add("Add", [product, shift], f"{name}.projected")
    return graph.add("LpNormalization", [moved], f"{name}.unit", axis=-1, p=2)


def _model(
    graph: _Graph, name: str, inputs: list[onnx.ValueInfoProto], outputs: list[onnx.ValueInfoProto]
) -> onnx.ModelProto:
    opsets = [helper.make_opsetid("", OPSET), helper.make_opsetid(FUSED, 1)]
    body = helper.make_graph(graph.nodes, name, inputs, outputs, graph.constants)
    return helper.make_model(body, opset_imports=opsets, ir_version=9, producer_name="belowline")
