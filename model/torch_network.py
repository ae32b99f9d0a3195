"""The network of a folder of weights as torch computes it: whole batches at once, for archives on a GPU.

It takes its numbers out of the ONNX graph that everything else runs, so that there are no second weights to ship; what
the graph holds as int8 is multiplied out. Needs the extra `cuda`; nothing that serves imports it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from onnx import numpy_helper
from torch import Tensor
from torch.nn import functional as fn

from model.network import vector_layers
from model.scores import ScorerError

Array = NDArray[Any]


class OtherGraph(ScorerError):
    """The graph is not the one that is known here."""


@dataclass(frozen=True, slots=True)
class Readings:
    """What one pass yields for B texts of at most T tokens: `vector` (B, H), `logits` (B, 7), `tokens` (B, T)."""

    vector: Array
    logits: Array
    tokens: Array


class TorchNetwork:
    """Encoder and heads; products in float16, sums and norms in float32, as `torch.autocast` does it.

    Not bfloat16: its 7 bits moved scores by up to .0045 with the batch that a comment was in, float16's 10 by .0005.
    """

    def __init__(self, graph: Path, device: str) -> None:
        model = onnx.load(graph)
        attributes = {(node.op_type, a.name): helper_value(a) for node in model.graph.node for a in node.attribute}
        try:
            self._heads = int(attributes["MultiHeadAttention", "num_heads"])
            self._epsilon = float(attributes["LayerNormalization", "epsilon"])
            floats = multiplied_out({c.name: numpy_helper.to_array(c) for c in model.graph.initializer})
            self._weights = {name: torch.from_numpy(value).to(device) for name, value in floats.items()}
            self._layers = sum(name.endswith(".qkv.w") for name in floats)
        except KeyError as error:
            raise OtherGraph(f"{graph} cannot be run by torch: it has no {error.args[0]}.") from None
        self._device = device

    def read(self, texts: Sequence[Sequence[int]]) -> Readings:
        """Read token ids of any length, padded to the longest; padding takes part in nothing."""
        lengths = torch.tensor([len(ids) for ids in texts])
        ids = torch.zeros(len(texts), int(lengths.max()), dtype=torch.int64)
        for row, text in enumerate(texts):
            ids[row, : len(text)] = torch.tensor(text)
        mask = torch.arange(ids.shape[1])[None, :] < lengths[:, None]
        with torch.inference_mode(), torch.autocast(self._device.split(":")[0], dtype=torch.float16):
            found = self._forward(ids.to(self._device), mask.to(self._device))
        return Readings(*(part.float().cpu().numpy() for part in found))

    def _forward(self, ids: Tensor, mask: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        weights = self._weights
        states = self._norm(weights["words"][ids] + weights["place_table"][: ids.shape[1]], "encoder.embeddings")
        layers = [states]
        for depth in range(self._layers):
            layers.append(self._layer(layers[-1], mask, f"encoder.encoder.layer.{depth}"))
        with torch.autocast(self._device.split(":")[0], enabled=False):  # the heads are small: float32
            means = [_mean(layers[depth].float(), mask) for depth in vector_layers(self._layers)]
            return self._read_out(layers[-1].float(), means, mask)

    def _layer(self, states: Tensor, mask: Tensor, prefix: str) -> Tensor:
        """One transformer layer, (B, T, H) -> (B, T, H)."""
        batch, length, hidden = states.shape
        mixed = self._linear(states, f"{prefix}.qkv").view(batch, length, 3, self._heads, hidden // self._heads)
        query, key, value = mixed.permute(2, 0, 3, 1, 4)
        attended = fn.scaled_dot_product_attention(query, key, value, attn_mask=mask[:, None, None, :])
        attended = attended.transpose(1, 2).reshape(batch, length, hidden)
        part = f"{prefix}.attention.output"
        states = self._norm(states + self._linear(attended, f"{part}.dense"), part)
        inner = fn.gelu(self._linear(states, f"{prefix}.intermediate.dense"))
        return self._norm(states + self._linear(inner, f"{prefix}.output.dense"), f"{prefix}.output")

    def _read_out(self, states: Tensor, means: list[Tensor], mask: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """The vector, each notion's own attention over the tokens with the shared trunk, and the token head."""
        weights = self._weights
        vector = self._linear(torch.cat(means, -1), "reader.gather")
        scores = self._linear(states, "reader.attention").masked_fill(~mask.unsqueeze(-1), -1e4)
        seen = torch.softmax(scores, 1).transpose(1, 2) @ states  # (B, N, H)
        joined = torch.cat((seen, means[-1].unsqueeze(1).expand_as(seen)), -1)
        features = fn.gelu(self._linear(joined, "reader.trunk"))
        notions = (features * weights["outputs"]).sum(-1) + weights["bias"]
        return vector, notions @ weights["blend"], self._linear(states, "reader.token_head").squeeze(-1)

    def _linear(self, states: Tensor, name: str) -> Tensor:
        return fn.linear(states, self._weights[f"{name}.w"], self._weights[f"{name}.b"])

    def _norm(self, states: Tensor, prefix: str) -> Tensor:
        name = f"{prefix}.LayerNorm"
        shape = states.shape[-1:]
        return fn.layer_norm(
            states.float(), shape, self._weights[f"{name}.weight"], self._weights[f"{name}.bias"], self._epsilon
        )


def _mean(states: Tensor, mask: Tensor) -> Tensor:
    """Mean of the tokens' states, (B, T, H) -> (B, H)."""
    kept = mask.unsqueeze(-1).float()
    return (states * kept).sum(1) / kept.sum(1)


def multiplied_out(constants: Mapping[str, Array]) -> dict[str, Array]:
    """Return the graph's numbers as float32, weights (out, in); raise `KeyError` with the name of what is missing."""
    found = {name: value for name, value in constants.items() if value.dtype == np.float32}
    for name, value in constants.items():
        if name.endswith(".w"):
            scale = constants[f"{name[:-2]}.s"] if value.dtype == np.int8 else np.float32(1)
            shrink = constants.get(f"{name[:-2]}.shrink", np.float32(1))  # of the input's channels
            found[name] = np.ascontiguousarray((value * scale).T * shrink, np.float32)
    words = constants["words"]
    found["words"] = words * (constants["word_scales"] if words.dtype == np.int8 else np.float32(1))
    heads = [f"reader.{name}.w" for name in ("trunk", "attention", "token_head", "gather")]
    for name in ("place_table", "outputs", "bias", "blend", *heads):
        found[name] = np.array(found[name])  # a copy that torch may write to, and a check that it is there
    return {name: np.array(value, np.float32) for name, value in found.items()}


def helper_value(attribute: onnx.AttributeProto) -> Any:
    """The value of a node's attribute."""
    return onnx.helper.get_attribute_value(attribute)
