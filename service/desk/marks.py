"""A comment's text cut into pieces for highlighting; put together again they are the text as published."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

# Whose words a moderator may have blurred.
BLURRED = frozenset({"toxicity", "severe_toxicity", "identity_attack", "insult", "profanity", "threat", "banned"})
_SENTENCE_END = re.compile(r"(?<![.!?…])[.!?…]+[\"'”’)\]]*\s+|\n+")


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of text with the attributes found in it, the strongest first."""

    text: str
    attributes: tuple[str, ...] = ()
    score: float = 0.0
    carries: bool = False  # part of the sentence that carries the strongest reason

    def is_veiled(self, veiled: frozenset[str]) -> bool:
        """Whether anything found in it, the strongest or not, is among these attributes."""
        return not veiled.isdisjoint(self.attributes)


def pieces(text: str, spans: Sequence[Mapping[str, Any]], reasons: Sequence[Mapping[str, Any]]) -> list[Piece]:
    """Cut the text wherever a highlight begins or ends; spans outside the text, as of an older text, are left out."""
    valid = [span for span in spans if 0 <= span["start"] < span["end"] <= len(text)]
    carrying = carrying_sentence(text, valid, reasons)
    edges = {0, len(text), *carrying, *(span["start"] for span in valid), *(span["end"] for span in valid)}
    cuts = sorted(edges)
    return [_piece(text, start, end, valid, carrying) for start, end in pairwise(cuts)]


def _piece(text: str, start: int, end: int, spans: Sequence[Mapping[str, Any]], carrying: tuple[int, int]) -> Piece:
    here = sorted((s for s in spans if s["start"] <= start and end <= s["end"]), key=lambda s: -s["score"])
    names = tuple(dict.fromkeys(span["attribute"] for span in here))
    inside = carrying[0] <= start and end <= carrying[1]
    return Piece(text[start:end], names, here[0]["score"] if here else 0.0, inside)


def shortened(made: Sequence[Piece], most: int) -> list[Piece]:
    """The beginning of a text of at most `most` characters, cut between words where it can be, with an ellipsis."""
    text = "".join(piece.text for piece in made)
    if len(text) <= most:
        return list(made)
    end = max(text.rfind(" ", 0, most), 0) or most - 1
    cut: list[Piece] = []
    for piece in made:
        cut.append(replace(piece, text=piece.text[:end]))
        end -= len(cut[-1].text)
    return [*(piece for piece in cut if piece.text), Piece("…")]


def carrying_sentence(
    text: str, spans: Sequence[Mapping[str, Any]], reasons: Sequence[Mapping[str, Any]]
) -> tuple[int, int]:
    """Where the sentence lies in which the strongest reason is found; an empty stretch for a text of one sentence."""
    wanted = {reason["attribute"] for reason in reasons}
    found = [span for span in spans if span["attribute"] in wanted]
    if not found:
        return 0, 0
    strongest = max(found, key=lambda span: span["score"])
    ends = [match.end() for match in _SENTENCE_END.finditer(text)]
    start = max((end for end in ends if end <= strongest["start"]), default=0)
    end = min((end for end in ends if end >= strongest["end"]), default=len(text))
    return (0, 0) if (start, end) == (0, len(text)) else (start, start + len(text[start:end].rstrip()))
