"""Sentences of a comment, and offsets in UTF-16 units as Perspective counts them."""

from __future__ import annotations

import re

MAX_SENTENCES = 40  # a longer comment gets spans of several sentences
# A sentence ends at closing punctuation before white space, or at a line break; the space before that is cut off later.
END = re.compile(r"(?<=[.!?…])[\"'”’)\]]*\s+|\n\s*")


def sentences(text: str) -> list[tuple[int, int]]:
    """Return the code point ranges of the sentences, without the white space around them; at least one."""
    ranges = []
    start = 0
    for gap in END.finditer(text):
        closing = len(gap.group().rstrip()) if not gap.group().isspace() else 0
        ranges.append(_trimmed(text, start, gap.start() + closing))
        start = gap.end()
    ranges.append(_trimmed(text, start, len(text)))
    ranges = [(begin, end) for begin, end in ranges if begin < end] or [(0, len(text))]
    return _joined(ranges)


def utf16_length(text: str) -> int:
    """Return the number of UTF-16 units: two for characters beyond the basic plane, such as most emoji."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


def _trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    piece = text[start:end]
    return start + len(piece) - len(piece.lstrip()), end - (len(piece) - len(piece.rstrip()))


def _joined(ranges: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Join neighbours until no more than `MAX_SENTENCES` are left."""
    step = -(-len(ranges) // MAX_SENTENCES)
    return [(ranges[at][0], ranges[min(at + step, len(ranges)) - 1][1]) for at in range(0, len(ranges), step)]
