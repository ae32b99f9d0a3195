"""From one number per token to the passages of the published text that carry the toxicity."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from model.scores import Span
from model.tokens import Tokens


def toxic_spans(tokens: Tokens, logits: NDArray[np.float32], threshold: float) -> tuple[Span, ...]:
    """Return the spans whose tokens reach the threshold, whole words only, neighbours apart by a space joined.

    `logits` (T,) belong to `tokens.ids`. A span's score is the highest probability among its tokens.
    """
    shares = 1 / (1 + np.exp(-np.clip(logits.astype(np.float64), -60, 60)))
    spans: list[Span] = []
    for start, end, score in _words(tokens, shares):
        if score < threshold:
            continue
        if spans and _adjoin(tokens, spans[-1], start):
            last = spans.pop()
            spans.append(Span(last.start, end, "toxicity", max(last.score, score)))
        else:
            spans.append(Span(start, end, "toxicity", score))
    return tuple(spans)


def _words(tokens: Tokens, shares: NDArray[np.float64]) -> list[tuple[int, int, float]]:
    """Join word pieces: (start, end) in the published text and the highest share of the pieces."""
    words: list[tuple[int, int, float]] = []
    previous_end = -1
    for position, (start, end) in enumerate(tokens.offsets):
        if end <= start:
            continue
        first, last = tokens.original_span(position)
        share = float(shares[position])
        if words and start == previous_end and tokens.normalised.text[start].isalnum():
            word = words[-1]
            words[-1] = (word[0], max(word[1], last), max(word[2], share))
        else:
            words.append((first, last, share))
        previous_end = end
    return words


def _adjoin(tokens: Tokens, last: Span, start: int) -> bool:
    """Two marked words belong together when nothing or a single character lies between them."""
    return 0 <= start - last.end <= 1 or start < last.end
