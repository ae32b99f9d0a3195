"""What those who write the network and those who run it agree on, beyond the graph itself."""

from __future__ import annotations


def vector_layers(depth: int) -> tuple[int, int, int]:
    """The layers, of `depth`, after which the tokens' means make the vector of a text: 2, 4 and 6 of six."""
    return depth // 3, 2 * depth // 3, depth
