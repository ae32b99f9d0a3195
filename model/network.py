"""What those who write the network and those who run it agree on, beyond the graphs themselves."""

from __future__ import annotations


def shared_layers(depth: int) -> int:
    """How many of the lowest layers, of `depth`, stay the base encoder's: tone and topic are both read above them."""
    return depth // 3


def vector_layers(depth: int) -> tuple[int, int, int]:
    """The layers, of `depth`, after which the words' means make the vector of a text: 2, 4 and 6 of six."""
    return depth // 3, 2 * depth // 3, depth


def word_layers(depth: int) -> tuple[int, int, int]:
    """The layers, of `depth`, whose states make the vector of a word: the embeddings (0), 2 and 6 of six."""
    return 0, depth // 3, depth
