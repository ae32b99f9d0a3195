"""The network of a folder of weights as torch computes it: whole batches at once, for archives on a GPU.

It takes its numbers out of the ONNX graphs that everything else runs, so that there are no second weights to ship; what
the graphs hold as int8 is multiplied out. Needs the extra `cuda`; nothing that serves imports it.
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

from model.manifest import READER, TOPICS
from model.network import shared_layers, vector_layers, word_layers
from model.scores import ScorerError

Array = NDArray[Any]
TONE_HEADS = ("reader.trunk", "reader.attention", "reader.token_head")
TOPIC_HEADS = ("relevance.gather", "relevance.words", "relevance.weigh")
EMBEDDINGS = "encoder.embeddings.LayerNorm"
BERT_EPSILON, TORCH_EPSILON = 1e-12, 1e-5  # of the encoder's norms, and of the topics' own


class OtherGraph(ScorerError):
    """The graph is not the one that is known here."""


@dataclass(frozen=True, slots=True)
class Readings:
    """What one pass yields for B texts of at most T tokens: `logits` (B, 7), `tokens` (B, T).

    With the topics, where they were asked for: `vector` (B, H), `words` (B, T, D), `weights` (B, T).
    """

    logits: Array
    tokens: Array
    vector: Array | None = None
    words: Array | None = None
    weights: Array | None = None


class TorchNetwork:
    """Encoder, heads and topics; products in float16, sums and norms in float32, as `torch.autocast` does it.

    Not bfloat16: its 7 bits moved scores by up to .0045 with the batch that a comment was in, float16's 10 by .0005.
    """

    def __init__(self, folder: Path, device: str) -> None:
        self._tone = _Layers(folder / READER, device, TONE_HEADS)
        self._topics = _Layers(folder / TOPICS, device, TOPIC_HEADS)
        self._device, self._depth = device, self._tone.count
        self._shared = shared_layers(self._depth)

    def read(self, texts: Sequence[Sequence[int]], *, topical: bool = False) -> Readings:
        """Read token ids of any length, padded to the longest; padding takes part in nothing."""
        lengths = torch.tensor([len(ids) for ids in texts])
        ids = torch.zeros(len(texts), int(lengths.max()), dtype=torch.int64)
        for row, text in enumerate(texts):
            ids[row, : len(text)] = torch.tensor(text)
        mask = torch.arange(ids.shape[1])[None, :] < lengths[:, None]
        with torch.inference_mode(), torch.autocast(self._device.split(":")[0], dtype=torch.float16):
            found = self._forward(ids.to(self._device), mask.to(self._device), topical)
        return Readings(*(part.float().cpu().numpy() for part in found))

    def _forward(self, ids: Tensor, mask: Tensor, topical: bool) -> list[Tensor]:
        tone = self._tone
        states = tone.norm(tone.weights["words"][ids] + tone.weights["place_table"][: ids.shape[1]], EMBEDDINGS)
        layers = {0: states}
        for depth in range(self._depth):
            states = tone.layer(states, mask, depth)
            if depth < self._shared:
                layers[depth + 1] = states
        with torch.autocast(self._device.split(":")[0], enabled=False):  # the heads are small: float32
            found = self._tones(states.float(), mask)
        return [*found, *self._about(layers, mask)] if topical else found

    def _tones(self, states: Tensor, mask: Tensor) -> list[Tensor]:
        """Each notion's own attention over the tokens with the shared trunk, and the token head."""
        tone, mean = self._tone, _mean(states, mask)
        scores = tone.linear(states, "reader.attention").masked_fill(~mask.unsqueeze(-1), -1e4)
        seen = torch.softmax(scores, 1).transpose(1, 2) @ states  # (B, N, H)
        joined = torch.cat((seen, mean.unsqueeze(1).expand_as(seen)), -1)
        features = fn.gelu(tone.linear(joined, "reader.trunk"))
        notions = (features * tone.weights["outputs"]).sum(-1) + tone.weights["bias"]
        return [notions @ tone.weights["blend"], tone.linear(states, "reader.token_head").squeeze(-1)]

    def _about(self, layers: dict[int, Tensor], mask: Tensor) -> list[Tensor]:
        """The vector, the words and their weights, from the states of the shared layers."""
        topics = self._topics
        for depth in range(self._shared, self._depth):
            layers[depth + 1] = topics.layer(layers[depth], mask, depth)
        with torch.autocast(self._device.split(":")[0], enabled=False):
            means = [_mean(layers[depth].float(), mask) for depth in vector_layers(self._depth)]
            norms = [
                topics.norm(layers[depth], f"relevance.norms.{number}", TORCH_EPSILON)
                for number, depth in enumerate(word_layers(self._depth))
            ]
            joined = torch.cat(norms, -1)
            words = fn.normalize(topics.linear(joined, "relevance.words"), dim=-1)
            weights = fn.softplus(topics.linear(joined, "relevance.weigh").squeeze(-1))
            return [topics.linear(torch.cat(means, -1), "relevance.gather"), words, weights]


class _Layers:
    """The numbers of one graph on a device, and how its layers compute."""

    def __init__(self, graph: Path, device: str, heads: Sequence[str]) -> None:
        model = onnx.load(graph)
        attributes = {(node.op_type, a.name): helper_value(a) for node in model.graph.node for a in node.attribute}
        try:
            self._heads = int(attributes["MultiHeadAttention", "num_heads"])
            floats = multiplied_out({c.name: numpy_helper.to_array(c) for c in model.graph.initializer}, heads)
        except KeyError as error:
            raise OtherGraph(f"{graph} cannot be run by torch: it has no {error.args[0]}.") from None
        self.weights = {name: torch.from_numpy(value).to(device) for name, value in floats.items()}
        self.count = sum(name.endswith(".qkv.w") for name in floats)

    def layer(self, states: Tensor, mask: Tensor, depth: int) -> Tensor:
        """One transformer layer, (B, T, H) -> (B, T, H)."""
        prefix = f"encoder.encoder.layer.{depth}"
        batch, length, hidden = states.shape
        mixed = self.linear(states, f"{prefix}.qkv").view(batch, length, 3, self._heads, hidden // self._heads)
        query, key, value = mixed.permute(2, 0, 3, 1, 4)
        attended = fn.scaled_dot_product_attention(query, key, value, attn_mask=mask[:, None, None, :])
        attended = attended.transpose(1, 2).reshape(batch, length, hidden)
        part = f"{prefix}.attention.output"
        states = self.norm(states + self.linear(attended, f"{part}.dense"), f"{part}.LayerNorm")
        inner = fn.gelu(self.linear(states, f"{prefix}.intermediate.dense"))
        return self.norm(states + self.linear(inner, f"{prefix}.output.dense"), f"{prefix}.output.LayerNorm")

    def linear(self, states: Tensor, name: str) -> Tensor:
        """x W^T + b."""
        return fn.linear(states, self.weights[f"{name}.w"], self.weights[f"{name}.b"])

    def norm(self, states: Tensor, name: str, epsilon: float = BERT_EPSILON) -> Tensor:
        """Layer norm in float32."""
        weight, bias = self.weights[f"{name}.weight"], self.weights[f"{name}.bias"]
        return fn.layer_norm(states.float(), states.shape[-1:], weight, bias, epsilon)


def _mean(states: Tensor, mask: Tensor) -> Tensor:
    """Mean of the tokens' states, (B, T, H) -> (B, H)."""
    kept = mask.unsqueeze(-1).float()
    return (states * kept).sum(1) / kept.sum(1)


def multiplied_out(constants: Mapping[str, Array], heads: Sequence[str]) -> dict[str, Array]:
    """Return the graph's numbers as float32, weights (out, in); raise `KeyError` with the name of what is missing."""
    found = {name: value for name, value in constants.items() if value.dtype == np.float32}
    for name, value in constants.items():
        if name.endswith(".w"):
            scale = constants[f"{name[:-2]}.s"] if value.dtype == np.int8 else np.float32(1)
            shrink = constants.get(f"{name[:-2]}.shrink", np.float32(1))  # of the input's channels
            found[name] = np.ascontiguousarray((value * scale).T * shrink, np.float32)
    if "words" in constants:
        found["words"] = constants["words"] * constants.get("word_scales", np.float32(1))
    for head in heads:
        found[f"{head}.w"], found[f"{head}.b"]
    return {name: np.array(value, np.float32) for name, value in found.items()}


def helper_value(attribute: onnx.AttributeProto) -> Any:
    """The value of a node's attribute."""
    return onnx.helper.get_attribute_value(attribute)
