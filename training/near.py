"""Hard negatives for relevance: articles whose headlines are like that of the comment's own."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

import torch
from torch import Tensor, nn
from transformers import BertModel

from data.sources.examples import Example, Pairing
from model.tokens import Tokeniser
from training.batches import padded
from training.network import token_mean

NEAR = 3  # headlines per article
NEAR_RELEVANCE = 0.3  # of 2,142 graded near pairs 30 % have a grade of 5 or more
# silver copies of c3 comments carry its pairings after merging
SOURCES = ("c3", "neutralnews", "authored", "discussions")
# of the headlines of all other sources together, which are many: those on a like subject, as near ones of 51 held-out
# articles are (cosine .37 to .46); from .5 on it is often the same story
LIKE = (0.3, 0.5)
LIKE_RELEVANCE = 0.1
TOGETHER = 512  # headlines compared with all others at once


def with_near(examples: Sequence[Example], tokeniser: Tokeniser, encoder: BertModel) -> list[Example]:
    """Add to every comment below an article of these sources the nearest other articles as likely off topic."""
    neighbours: dict[str, Mapping[str, tuple[Pairing, ...]]] = {}
    for source in SOURCES:
        own = {example.group: example.pairings[0] for example in _below_articles(examples, source)}
        neighbours[source] = nearest(own, tokeniser, encoder)
    return [_extended(example, neighbours.get(_family(example), {})) for example in examples]


def with_like(
    examples: Sequence[Example], count: int, seed: int, tokeniser: Tokeniser, encoder: BertModel
) -> list[Example]:
    """Add to every comment below an article of any other source `count` headlines on a like subject as off topic."""
    owns = [_own(example) for example in examples]
    known = {own.title: own for own in owns if own is not None}
    found = like(sorted(known), count, seed, tokeniser, encoder)
    return [
        example if own is None else _joined(example, [known[title] for title in found[own.title]], LIKE_RELEVANCE)
        for example, own in zip(examples, owns, strict=True)
    ]


def like(
    titles: Sequence[str], count: int, seed: int, tokeniser: Tokeniser, encoder: BertModel
) -> Mapping[str, list[str]]:
    """Return for every title at most `count` others, drawn from those with a cosine between the bounds of `LIKE`."""
    chance = torch.Generator().manual_seed(seed)
    vectors = headline_vectors(titles, tokeniser, encoder)
    found: dict[str, list[str]] = {}
    for start in range(0, len(titles), TOGETHER):
        cosines = vectors[start : start + TOGETHER] @ vectors.T
        keys = torch.rand(cosines.shape, generator=chance).masked_fill((cosines < LIKE[0]) | (cosines > LIKE[1]), -1.0)
        best = keys.topk(min(count, len(titles)), dim=1)
        for title, values, places in zip(titles[start:], best.values.tolist(), best.indices.tolist(), strict=False):
            found[title] = [titles[place] for value, place in zip(values, places, strict=True) if value >= 0]
    return found


def nearest(
    articles: Mapping[str, Pairing], tokeniser: Tokeniser, encoder: BertModel
) -> Mapping[str, tuple[Pairing, ...]]:
    """Return the `NEAR` nearest other articles by the cosine of the untrained base encoder's headline vectors."""
    groups = sorted(articles)
    if len(groups) <= NEAR:
        return {}
    vectors = headline_vectors([articles[group].title for group in groups], tokeniser, encoder)
    likeness = vectors @ vectors.T - 2 * torch.eye(len(groups))
    found = likeness.topk(NEAR, dim=1).indices.tolist()
    return {group: tuple(articles[groups[other]] for other in row) for group, row in zip(groups, found, strict=True)}


def headline_vectors(titles: Sequence[str], tokeniser: Tokeniser, encoder: BertModel) -> Tensor:
    """Unit vectors (N, H) of headlines by the base encoder."""
    encoder.eval()
    parts = []
    with torch.inference_mode():
        for start in range(0, len(titles), 64):
            ids, mask = padded([tokeniser.article(title, "") for title in titles[start : start + 64]])
            states = encoder(input_ids=ids, attention_mask=mask).last_hidden_state
            parts.append(nn.functional.normalize(token_mean(states, mask), dim=-1))
    return torch.cat(parts)


def _below_articles(examples: Iterable[Example], source: str) -> Iterator[Example]:
    return (example for example in examples if example.pairings and _family(example) == source)


def _family(example: Example) -> str:
    return "c3" if example.source == "silver_c3_globe_and_mail" else example.source


def _extended(example: Example, neighbours: Mapping[str, tuple[Pairing, ...]]) -> Example:
    if not example.pairings or example.group not in neighbours:
        return example
    return _joined(example, neighbours[example.group], NEAR_RELEVANCE)


def _joined(example: Example, others: Iterable[Pairing], relevance: float) -> Example:
    known = {pairing.title for pairing in example.pairings}  # a graded near one says more than the guess here
    added = (replace(other, relevance=relevance) for other in others if other.title not in known)
    return replace(example, pairings=(*example.pairings, *added))


def _own(example: Example) -> Pairing | None:
    """The article that a comment of a source without neighbours stood below."""
    if _family(example) in SOURCES:
        return None
    return next((pairing for pairing in example.pairings if pairing.relevance > 0.5), None)
