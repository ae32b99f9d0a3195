"""The texts that int8 is fitted to, by what comes into each product when they are read: our own, so that everybody who
has the repository makes the same graphs.

What a channel says of hate, of a joke or of a phone's spelling it hardly says of a civil discussion, so tone is read of
our own texts of every kind; how far that goes is in training/LOG.md.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import torch
from transformers import BertModel

from data.sources.examples import Example
from data.sources.registry import (
    authored_examples,
    discussion_examples,
    feeling_examples,
    story_examples,
    twin_examples,
)
from model.network import shared_layers
from model.tokens import Tokeniser
from training.augment import identity_templates
from training.layers import Array

Feed = dict[str, Array]
TEMPLATES = 400  # short sentences about people of every group, half of them hostile
EVERY = 3  # of so many other texts one is read; families of twins are even in number, so either kind comes up
FEW = 30  # of so many comments below our headlines one is read: there are many
_HELD_OUT = "_test"  # what the names of our own texts that measure end with


def tone_texts(tokeniser: Tokeniser) -> list[list[int]]:
    """Token ids of our own texts of every kind that may be learnt from."""
    kinds = (discussion_examples(), twin_examples(), feeling_examples())
    own = [example for kind in kinds for example in kind if not example.source.endswith(_HELD_OUT)]
    texts = [*own[::EVERY], *list(story_examples())[::FEW], *identity_templates(TEMPLATES, 1)]
    return range_texts(tokeniser) + _ids(texts, tokeniser)


def range_texts(tokeniser: Tokeniser) -> list[list[int]]:
    """Token ids of the comments and articles of our own discussions."""
    examples = list(authored_examples())
    articles = {(pairing.title, pairing.text) for example in examples for pairing in example.pairings}
    return _ids(examples, tokeniser) + [tokeniser.article(*article) for article in sorted(articles)]


def lower_feeds(base: BertModel, tokeniser: Tokeniser) -> Iterator[Feed]:
    """What the base encoder's lowest layers, shared with the graph for tone, make of our own discussions in float32."""
    lower = shared_layers(base.config.num_hidden_layers)
    for ids in range_texts(tokeniser):
        with torch.inference_mode():
            states = base(input_ids=torch.from_numpy(np.array([ids])), output_hidden_states=True).hidden_states
        yield {"embedded": states[0].numpy(), "lower": states[lower].numpy()}


def _ids(examples: list[Example], tokeniser: Tokeniser) -> list[list[int]]:
    return [tokens.ids for tokens in tokeniser.comments([example.text for example in examples])]
