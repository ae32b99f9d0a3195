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
    """Let every run read the texts. What they say on average is kept in the folder `keep`, so that none need be asked
    again of a text that was read for this run, before it was stopped, or for another with the same teachers.
    """
    file = keep / f"lessons-{_digest(*runs)}.npz"
    known = _kept(file)
    wanted = {text: _digest(text, str(tokeniser.max_tokens)) for text in sorted(set(texts))}
    if new := [text for text, name in wanted.items() if name not in known]:
        said = [teacher_of(Path(run), base).logits(new, tokeniser, halved=halved) for run in runs]
        means = torch.stack(said).nanmean(0).half().numpy()
        known |= {wanted[text]: mean for text, mean in zip(new, means, strict=True)}
        keep.mkdir(parents=True, exist_ok=True)
        np.savez(file, names=np.array([*known]), logits=np.stack([*known.values()]))
    rows = np.stack([known[name] for name in wanted.values()])
    return Lessons({text: place for place, text in enumerate(wanted)}, torch.from_numpy(rows).float())


def _kept(file: Path) -> dict[str, Any]:
    if not file.exists():
        return {}
    with np.load(file) as kept:
        return dict(zip(kept["names"].tolist(), kept["logits"], strict=True))


def _digest(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:20]
