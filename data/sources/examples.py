"""What a training source yields: one text with the labels that it has and nothing for those that it lacks."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field

REPLY = 0.85  # how likely a reply is on the topic of the post that it answers; set by hand
DIGITS = 16  # of a fingerprint: enough for one text in 10^9 collections of this size
_NOT_WORD = re.compile(r"[\W_]+")


@dataclass(frozen=True, slots=True)
class Pairing:
    """An article beside a comment: `relevance` in [0, 1] is how likely readers find the comment on its topic."""

    title: str
    text: str
    relevance: float


@dataclass(frozen=True, slots=True)
class Example:
    """One labelled text. `labels` maps attributes to probabilities in [0, 1]; a missing one is not a 0.

    `group` is the article or thread: splits never cut through a group. `spans` are code point offsets of toxic
    passages, end exclusive; None where nobody looked for them.
    """

    text: str
    source: str
    labels: Mapping[str, float] = field(default_factory=dict)
    group: str = ""
    pairings: tuple[Pairing, ...] = ()
    spans: tuple[tuple[int, int], ...] | None = None


def fingerprint(text: str) -> str:
    """Return a digest of the words alone, so that copies with other punctuation or case are found."""
    words = _NOT_WORD.sub(" ", unicodedata.normalize("NFKC", text).casefold()).strip()
    return hashlib.sha1(words.encode(), usedforsecurity=False).hexdigest()


def digest(text: str) -> str:
    """Return the first `DIGITS` of a text's fingerprint, by which files of grades name it."""
    return fingerprint(text)[:DIGITS]


def held_out(group: str, share: float) -> bool:
    """Say whether a group belongs to the held-out part: the same answer on every machine and run."""
    place = hashlib.sha1(group.encode(), usedforsecurity=False).digest()
    return int.from_bytes(place[:4]) / 2**32 < share
