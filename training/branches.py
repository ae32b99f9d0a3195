"""The network that a run trains, by the branch of its recipe: what learns in it, and what it begins with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from torch import Tensor, nn
from transformers import BertModel

from training.config import TrainConfig
from training.larger import Larger
from training.losses import Losses
from training.masked import MaskedLosses
from training.network import Reader
from training.relevance import Relevance
from training.relevance_losses import RelevanceLosses


def losses_of(config: TrainConfig, encoder: BertModel | Larger, offsets: Sequence[float]) -> nn.Module:
    """The network of the branch that the run trains, below what it minimises."""
    if isinstance(encoder, BertModel):
        _prepare(encoder, config.encoder_dropout)
    if config.branch == "relevance":
        relevance = Relevance(encoder, config.dropout)
        relevance.upper[: max(0, config.frozen_layers - relevance.shared)].requires_grad_(False)
        return RelevanceLosses(relevance, config.loss_weights)
    reader = Reader(encoder, config.dropout)
    _freeze(reader, config.frozen_layers)
    if config.branch == "masked":
        return MaskedLosses(reader)
    return Losses(reader, offsets, config.loss_weights)


def _prepare(encoder: BertModel, dropout: float) -> None:
    if encoder.device.type == "cpu":
        encoder.set_attn_implementation("eager")  # the fused one's backward pass is a third of a step slower there
    for layer in encoder.encoder.layer:
        layer.attention.output.dropout.p = layer.output.dropout.p = dropout


def begin_with(losses: nn.Module, weights: Mapping[str, Tensor]) -> None:
    """Take over an earlier run's weights; the scales of sources that it did not have keep their first values."""
    known = losses.state_dict()
    fitting = {name: value for name, value in weights.items() if name in known and value.shape == known[name].shape}
    losses.load_state_dict(fitting, strict=False)


def _freeze(reader: Reader, layers: int) -> None:
    """Embeddings, half of the parameters, never learn: a rare word seen once would only drift from its neighbours."""
    for part in (reader.encoder.embeddings, *reader.encoder.encoder.layer[:layers]):
        part.requires_grad_(False)
