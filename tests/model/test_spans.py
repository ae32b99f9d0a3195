"""Toxic passages from token logits: whole words, neighbours joined, offsets into the published text."""

from __future__ import annotations

import numpy as np

from model.spans import toxic_spans
from model.text import normalise
from model.tokens import Tokens


def tokens(text: str, pieces: list[tuple[int, int]]) -> Tokens:
    return Tokens(list(range(len(pieces) + 2)), [(0, 0), *pieces, (0, 0)], normalise(text))


def logits(*values: float) -> np.ndarray[tuple[int], np.dtype[np.float32]]:
    return np.array([9.0, *values, 9.0], dtype=np.float32)


def test_pieces_of_a_word_are_marked_together_by_the_highest() -> None:
    read = tokens("what a moron", [(0, 4), (5, 6), (7, 9), (9, 12)])
    spans = toxic_spans(read, logits(-5, -5, -5, 3), 0.5)
    assert [(span.start, span.end, span.attribute) for span in spans] == [(7, 12, "toxicity")]
    assert spans[0].score > 0.9


def test_neighbouring_words_are_one_span_and_distant_ones_are_two() -> None:
    read = tokens("you stupid fool are dumb", [(0, 3), (4, 10), (11, 15), (16, 19), (20, 24)])
    spans = toxic_spans(read, logits(-5, 2, 3, -5, 2), 0.5)
    assert [(span.start, span.end) for span in spans] == [(4, 15), (20, 24)]


def test_nothing_below_the_threshold_and_no_marker_is_marked() -> None:
    assert toxic_spans(tokens("fine", [(0, 4)]), logits(-1), 0.5) == ()
