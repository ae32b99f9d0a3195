"""What earlier networks say of a run's texts, to be learnt beside their labels (Hinton, Vinyals and Dean 2015).

A label is one reader's word on one text; a network that was fine-tuned on all of them has an opinion on every notion of
every text, and a larger one or the mean of several a better opinion than the run that learns from it would come to.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from model.tokens import Tokeniser
from training.batches import Lessons, padded
from training.checkpoint import load_weights
from training.config import config_of
from training.network import Reader
from training.notions import NOTIONS
from training.parity import load_network

LESSONS = "lessons.npz"
TOGETHER = 32  # texts read at once


@dataclass(frozen=True, slots=True)
class Teacher:
    """A finished run, and which notions (N,) it ever learnt; a graph that was read back knows those that it used."""

    reader: Reader
    learnt: Tensor

    def logits(self, texts: Sequence[str], tokeniser: Tokeniser, *, halved: bool) -> Tensor:
        """Return logits (K, N) of texts, not a number for notions that were never learnt."""
        ids = [tokens.ids for tokens in tokeniser.comments(texts)]
        order = sorted(range(len(ids)), key=lambda index: len(ids[index]))
        found = torch.full((len(ids), len(NOTIONS)), torch.nan)
        with torch.inference_mode(), torch.autocast("cpu", dtype=torch.bfloat16, enabled=halved):
            for start in range(0, len(order), TOGETHER):
                chosen = order[start : start + TOGETHER]
                read = self.reader(*padded([ids[index] for index in chosen])).notions.float()
                found[chosen] = read.masked_fill(~self.learnt, torch.nan)
        return found


def teacher_of(run: Path, base: Path) -> Teacher:
    """Load the weights that a run has left."""
    reader = load_network(load_weights(run), base, larger=config_of(run).larger)
    return Teacher(reader, reader.outputs.detach().abs().sum(-1) > 0)


def lessons_of(
    texts: Iterable[str], runs: Sequence[str], base: Path, tokeniser: Tokeniser, keep: Path, *, halved: bool
) -> Lessons:
    """Let every run read the texts; what they say on average is kept in the folder `keep`, so that a run that was
    stopped need not ask again.
    """
    wanted = sorted(set(texts))
    digest = hashlib.sha256("\0".join((*runs, *wanted)).encode()).hexdigest()
    file = keep / LESSONS
    known: dict[str, Any] = dict(np.load(file)) if file.exists() else {}
    if str(known.get("digest", "")) != digest:
        said = [teacher_of(Path(run), base).logits(wanted, tokeniser, halved=halved) for run in runs]
        known = {"digest": np.array(digest), "logits": torch.stack(said).nanmean(0).half().numpy()}
        keep.mkdir(parents=True, exist_ok=True)
        np.savez(file, **known)
    return Lessons({text: place for place, text in enumerate(wanted)}, torch.from_numpy(known["logits"]).float())
