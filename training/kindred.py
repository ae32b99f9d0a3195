"""The bank of headlines (`model.headlines`): what it holds, and what titles are read with in training."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from data.sources.examples import Example
from data.sources.registry import subject_lines
from model.headlines import as_text, bank_of, kindred
from model.manifest import HEADLINES, read_manifest, sha256
from model.onnx import load_scorer
from model.tokens import Tokeniser
from training.batches import padded
from training.config import TrainConfig, config_of
from training.relevance import Relevance, Topics

# whose headlines were printed elsewhere, by others: the bank is to hold our own alone
PRINTED = ("c3", "silver_c3", "neutralnews", "arc", "graded_arc", "cad", "cat_context", "youtube_spam")
TOGETHER = 128  # headlines that torch reads at once
AT_ONCE = 4096  # and ONNX Runtime, whose topics are some 10 kB each


def with_bank(config: TrainConfig) -> bool:
    """Say whether the relevance that a recipe ships reads titles with kindred headlines."""
    return config_of(Path(config.relevance)).kindred


def write_bank(folder: Path, examples: Sequence[Example], weight: float) -> None:
    """Add the bank to a folder of weights whose graphs for relevance are there; its vectors are theirs."""
    before = read_manifest(folder)
    files = {name: digest for name, digest in before.files.items() if name != HEADLINES}
    replace(before, files=files).write(folder)  # the titles themselves are read without kindred ones
    headlines, scorer = bank_headlines(examples), load_scorer(folder)
    vectors = []
    for start in range(0, len(headlines), AT_ONCE):
        ids = [scorer.tokeniser.article(headline, "") for headline in headlines[start : start + AT_ONCE]]
        vectors += [topics.vector for topics in scorer.read_topics(ids)]
    bank_of(headlines, np.stack(vectors), weight).save(folder / HEADLINES)
    replace(before, files={**files, HEADLINES: sha256(folder / HEADLINES)}).write(folder)


def bank_headlines(examples: Sequence[Example]) -> list[str]:
    """Return the headlines that are our own of those that the examples stood below, and our own lines on subjects."""
    own = (example for example in examples if example.pairings and not example.source.startswith(PRINTED))
    titles = {pairing.title for example in own for pairing in example.pairings if pairing.relevance > 0.5}
    printed = {
        pairing.title for example in examples if example.source.startswith(PRINTED) for pairing in example.pairings
    }
    return sorted({*(title for title in titles - printed if title), *subject_lines()})


def kindred_texts(
    titles: Iterable[str], headlines: Sequence[str], relevance: Relevance, tokeniser: Tokeniser
) -> Mapping[str, str]:
    """Return for each title what is read with it, where there is something, in the bank of `headlines`."""
    relevance.eval()
    topics = read_titles(sorted({*titles, *headlines}), relevance, tokeniser)
    bank = bank_of(headlines, torch.stack([topics[headline].vector for headline in headlines]).numpy())
    found = {}
    with torch.inference_mode():
        for title in sorted(set(titles)):
            candidates = bank.nearest(title, topics[title].vector.numpy())
            others = together([topics[one] for one in candidates], relevance.device)
            logits = relevance.compare(together([topics[title]], relevance.device), others)
            if chosen := kindred(candidates, logits[:, 0].tolist()):
                found[title] = as_text(chosen)
    return found


def read_titles(titles: Sequence[str], relevance: Relevance, tokeniser: Tokeniser) -> dict[str, Topics]:
    """Return the topics (H,), (T, D), (T,) of each title without padding."""
    ids = {title: tokeniser.article(title, "") for title in titles}
    order = sorted(titles, key=lambda title: len(ids[title]))
    found = {}
    with torch.inference_mode():
        for start in range(0, len(order), TOGETHER):
            part = order[start : start + TOGETHER]
            read = relevance(*(table.to(relevance.device) for table in padded([ids[title] for title in part])))
            for row, title in enumerate(part):
                length = len(ids[title])
                parts = read.vector[row], read.words[row, :length], read.weights[row, :length]
                found[title] = Topics(*(table.float().cpu() for table in parts))
    return found


def together(texts: Sequence[Topics], device: torch.device) -> Topics:
    """Pad topics of single texts to one batch on a device."""
    return Topics(
        torch.stack([text.vector for text in texts]).to(device),
        _padded([text.words for text in texts]).to(device),
        _padded([text.weights for text in texts]).to(device),
    )


def _padded(parts: list[Tensor]) -> Tensor:
    return torch.nn.utils.rnn.pad_sequence(parts, batch_first=True)
