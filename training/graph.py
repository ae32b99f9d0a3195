"""The network's graphs: the reader of tone, the branch for topics above its lower layers, and their comparer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper

from model.network import shared_layers, vector_layers, word_layers
from model.onnx import CLASSES
from training.layers import FUSED, Graph, LayersGraph, Shapes, float_values, model_of
from training.relevance import FEATURES, WORD

Array = NDArray[Any]
STATES: tuple[int | str, ...] = ("batch", "length", "hidden")
TORCH_EPSILON = 1e-5  # of a norm that says nothing else
LANES = 16  # numbers that a processor takes at once: what is left over at the end of a run comes out differently


class ReaderGraph(LayersGraph):
    """The encoder with its heads: ids (B, T) int64 -> logits (B, 7), tokens (B, T), and for the topics `embedded` and
    `lower` (B, T, H), the states of the embeddings and of the lowest layers, which are the base encoder's.
    """

    def build(self) -> onnx.ModelProto:
        """Return the model."""
        states = self._graph.add("Identity", [self._embeddings()], "embedded")
        for depth in range(self._size.layers):
            states = self._layer(states, f"encoder.encoder.layer.{depth}")
            if depth + 1 == shared_layers(self._size.layers):
                states = self._graph.add("Identity", [states], "lower")
        self._read_out(states, self._mean(states, self._size.layers))
        shapes: Shapes = {"logits": ("batch", len(CLASSES)), "tokens": STATES[:2], "embedded": STATES, "lower": STATES}
        inputs = [helper.make_tensor_value_info("ids", TensorProto.INT64, ["batch", "length"])]
        return model_of(self._graph, "reader", inputs, float_values(shapes))

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
        return self._normalised(graph.add("Add", [words, rows], "placed"), prefix + "LayerNorm")

    def _word_rows(self, table: Array) -> str:
        graph = self._graph
        if self._measured is None:
            return graph.add("Gather", [graph.constant("words", table), "ids"], "word_rows", axis=0)
        scale = np.abs(table).max(1, keepdims=True) / 127
        rounded = np.round(table / np.maximum(scale, 1e-12)).astype(np.int8)
        rows = graph.add("Gather", [graph.constant("words", rounded), "ids"], "word_rows_int8", axis=0)
        scales = graph.add(
            "Gather", [graph.constant("word_scales", scale.astype(np.float32)), "ids"], "row_scales", axis=0
        )
        floats = graph.add("Cast", [rows], "word_rows_float", to=TensorProto.FLOAT)
        return graph.add("Mul", [floats, scales], "word_rows")

    def _read_out(self, states: str, mean: str) -> None:
        """Each notion's own attention over the tokens with the shared trunk, and the token head."""
        graph = self._graph
        scores = graph.add("Transpose", [self._small(states, "reader.attention")], "attention_scores", perm=[0, 2, 1])
        shares = graph.add("Softmax", [scores], "attention_shares", axis=-1)
        seen = graph.add("MatMul", [shares, states], "seen")  # (B, N, H)
        many = graph.constant("many", np.array([1, *self._weights["reader.outputs"].shape], np.int64))
        lifted = graph.add("Unsqueeze", [mean, graph.constant("axis_one", np.array([1], np.int64))], "mean_row")
        joined = graph.add("Concat", [seen, graph.add("Expand", [lifted, many], "mean_rows")], "joined", axis=-1)
        features = graph.add("Gelu", [self._small(joined, "reader.trunk")], "features", FUSED)
        weighed = graph.add("Mul", [features, graph.constant("outputs", self._weights["reader.outputs"])], "weighed")
        axis = graph.constant("last_axis", np.array([-1], np.int64))
        summed = graph.add("ReduceSum", [weighed, axis], "summed", keepdims=0)
        notions = graph.add("Add", [summed, graph.constant("bias", self._weights["reader.bias"])], "notions")
        graph.add("MatMul", [notions, graph.constant("blend", self._weights["reader.blend"])], "logits")
        graph.add("Squeeze", [self._small(states, "reader.token_head"), axis], "tokens")


class TopicsGraph(LayersGraph):
    """What texts are about: the reader's `embedded`, `lower` -> vector (B, H), words (B, T, D), weights (B, T)."""

    def build(self) -> onnx.ModelProto:
        """Return the model."""
        shared, depth = shared_layers(self._size.layers), self._size.layers
        states = {0: "embedded", shared: "lower"}
        for number in range(shared, depth):
            states[number + 1] = self._layer(states[number], f"encoder.encoder.layer.{number}")
        means = [self._mean(states[layer], layer) for layer in vector_layers(depth)]
        self._small(self._graph.add("Concat", means, "means", axis=-1), "relevance.gather", "vector")
        self._words([states[layer] for layer in word_layers(depth)])
        outputs: Shapes = {"vector": STATES[::2], "words": (*STATES[:2], WORD), "weights": STATES[:2]}
        inputs = float_values({"embedded": STATES, "lower": STATES})
        return model_of(self._graph, "topics", inputs, float_values(outputs))

    def _words(self, states: list[str]) -> None:
        graph = self._graph
        norms = [
            self._normalised(layer, f"relevance.norms.{number}", TORCH_EPSILON) for number, layer in enumerate(states)
        ]
        joined = graph.add("Concat", norms, "joined", axis=-1)
        graph.add("LpNormalization", [self._small(joined, "relevance.words")], "words", axis=-1, p=2)
        copies = graph.add("Concat", [self._small(joined, "relevance.weigh")] * LANES, "weighed", axis=-1)
        first = graph.constant("first", np.array(0, np.int64))
        graph.add("Gather", [graph.add("Softplus", [copies], "softened"), first], "weights", axis=-1)


def comparer_graph(weights: Mapping[str, Array]) -> onnx.ModelProto:
    """Relevance of N comments to an article each: article, comment (N, H), likeness (N, 8) -> relevance (N,)."""
    graph = Graph()
    hidden = weights["relevance.comparer.project.weight"].shape[0]
    first, second = (_projected(graph, weights, name) for name in ("article", "comment"))
    product = graph.add("Mul", [first, second], "product")
    distance = graph.add("Abs", [graph.add("Sub", [first, second], "difference")], "distance")
    root = graph.constant("root", np.array(hidden**0.5, np.float32))
    joined = graph.add("Concat", [product, distance, second], "joined", axis=-1)
    features = graph.add("Concat", [graph.add("Mul", [joined, root], "scaled"), "likeness"], "features", axis=-1)
    active = graph.add("Gelu", [_linear(graph, weights, "relevance.comparer.inner", features)], "active", FUSED)
    axis = graph.constant("last_axis", np.array([-1], np.int64))
    cosine = graph.add("ReduceSum", [product, axis], "cosine", keepdims=1)
    judged = graph.add("Concat", [active, cosine, "likeness"], "judged", axis=-1)
    # one product for both terms: `ReduceSum` over rows of nine numbers adds up in an order that depends on the row
    slopes = np.concatenate((weights["relevance.comparer.slopes"], np.zeros(FEATURES - 2, np.float32)))
    outer = np.concatenate((weights["relevance.comparer.outer.weight"][0], slopes))
    summed = graph.add("MatMul", [judged, graph.constant("outer.w", outer[:, None])], "summed")
    biased = graph.add("Add", [summed, graph.constant("outer.b", weights["relevance.comparer.outer.bias"])], "biased")
    graph.add("Squeeze", [biased, axis], "relevance")
    inputs: Shapes = {"article": ("count", hidden), "comment": ("count", hidden), "likeness": ("count", FEATURES)}
    return model_of(graph, "comparer", float_values(inputs), float_values({"relevance": ("count",)}))


def _projected(graph: Graph, weights: Mapping[str, Array], name: str) -> str:
    moved = _linear(graph, weights, "relevance.comparer.project", name, f"{name}.projected")
    return graph.add("LpNormalization", [moved], f"{name}.unit", axis=-1, p=2)


def _linear(graph: Graph, weights: Mapping[str, Array], prefix: str, source: str, name: str = "") -> str:
    turn = graph.constant(f"{prefix}.w", weights[f"{prefix}.weight"].T)
    name = name or f"{prefix}.out"
    product = graph.add("MatMul", [source, turn], f"{name}.product")
    return graph.add("Add", [product, graph.constant(f"{prefix}.b", weights[f"{prefix}.bias"])], name)
