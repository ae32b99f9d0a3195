"""How relevance places a comment's own article above others, on articles that were never trained on."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from functools import partial

import numpy as np
import torch

from data.sources.examples import Example, Pairing
from model.onnx import OnnxScorer
from model.tokens import Tokeniser
from training.calibrate import pair_logits
from training.encoder import base_folder, load_encoder
from training.metrics import auc
from training.mix import Mix
from training.near import NEAR, headline_vectors, nearest
from training.suites import OWN, Figures, Floats, clear_cases

RANDOM = 60  # articles that a random other one is drawn from
Pairs = Sequence[tuple[Pairing, Example]]
Judge = Callable[[Pairs], Floats]  # pairs of an article and a comment -> logits (N,), or what ranks like them


def relevance_suites(mix: Mix, scorer: OnnxScorer) -> Figures:
    """Own article against random and against near ones, by title, and by text and by both below those with a text; by
    title also what the untrained encoder's cosine reaches on the same rows.
    """
    base = base_folder()
    encoder, tokeniser = load_encoder(base), Tokeniser.load(base / "tokenizer.json", max_tokens=64, article_tokens=64)
    vectors = partial(headline_vectors, tokeniser=tokeniser, encoder=encoder)
    untrained = partial(_cosines, vectors=vectors)
    figures: Figures = {}
    for source in ("c3", "neutralnews"):
        rows = [row for row in mix.dev[source] if row.pairings]
        judges: dict[str, Judge] = {"title, untrained,": untrained, "title": _scored("title", scorer)}
        if source == "neutralnews":
            judges |= {shape: _scored(shape, scorer) for shape in ("text", "both")}
        for shape, judge in judges.items():
            below = [row for row in rows if shape.startswith("title") or row.pairings[0].text.strip()]
            articles = {row.group: row.pairings[0] for row in below}
            if len(articles) <= NEAR:
                continue
            own, other, close = _compared(below, articles, nearest(articles, tokeniser, encoder), judge)
            figures[f"{source} own/random {shape} AUC"] = _between(own, other)
            figures[f"{source} own/near {shape} AUC"] = _between(np.repeat(own, NEAR), close)
    return figures | _own_discussions(mix, scorer)


def _own_discussions(mix: Mix, scorer: OnnxScorer) -> Figures:
    """Our own held-out discussions: clearly on the topic against clearly off it."""
    figures: Figures = {}
    for source, name in OWN.items():
        rows = [row for row in mix.dev[source] if row.pairings]
        if not rows:
            continue
        scores = pair_logits(((row.pairings[0].title, row.pairings[0].text, row.text) for row in rows), scorer)
        figures[f"{name} relevance AUC"] = clear_cases(scores, [row.pairings[0].relevance for row in rows], 0.8, 0.2)
    return figures


def _compared(
    rows: Sequence[Example], articles: Mapping[str, Pairing], near: Mapping[str, tuple[Pairing, ...]], judge: Judge
) -> tuple[Floats, Floats, Floats]:
    chance = random.Random(1)
    groups = sorted(articles)
    others = [chance.choice([group for group in groups[:RANDOM] if group != row.group]) for row in rows]
    own = judge([(row.pairings[0], row) for row in rows])
    other = judge([(articles[group], row) for group, row in zip(others, rows, strict=True)])
    close = judge([(pairing, row) for row in rows for pairing in near[row.group]])
    return own, other, close


def _scored(shape: str, scorer: OnnxScorer) -> Judge:
    return lambda pairs: pair_logits(((*_shape(pairing, shape), row.text) for pairing, row in pairs), scorer)


def _cosines(pairs: Pairs, vectors: Callable[[list[str]], torch.Tensor]) -> Floats:
    texts = sorted({text for pairing, row in pairs for text in (pairing.title, row.text)}, key=len)
    place = {text: index for index, text in enumerate(texts)}
    table = vectors(texts).numpy()
    first = [place[pairing.title] for pairing, _ in pairs]
    second = [place[row.text] for _, row in pairs]
    found: Floats = (table[first] * table[second]).sum(1)
    return found


def _between(positives: Floats, negatives: Floats) -> float:
    labels = np.concatenate((np.ones(len(positives)), np.zeros(len(negatives))))
    return auc(labels, np.concatenate((positives, negatives)))


def _shape(pairing: Pairing, shape: str) -> tuple[str, str]:
    return "" if shape == "text" else pairing.title, "" if shape == "title" else pairing.text
