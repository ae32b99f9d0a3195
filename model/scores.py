"""The contract of a scorer: attributes, scores, and the errors that a scorer may raise.

ScorerError                the model cannot answer
├── ModelNotFound          no such folder of weights, or a file in it is missing
└── ModelDamaged           a file of the weights does not match its checksum
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from data.records import Article, Comment

ATTRIBUTES: tuple[str, ...] = (
    "toxicity",
    "severe_toxicity",
    "identity_attack",
    "insult",
    "profanity",
    "threat",
    "sarcasm",
    "relevance",
)
LANGUAGE = "en"  # what the models read


class ScorerError(Exception):
    """The model cannot answer."""


class ModelNotFound(ScorerError):
    """No such folder of weights, or a file in it is missing."""


class ModelDamaged(ScorerError):
    """A file of the weights does not match the manifest's checksum."""


@dataclass(frozen=True, slots=True)
class Span:
    """Where in the published text an attribute was found: code point offsets, end exclusive."""

    start: int
    end: int
    attribute: str
    score: float


@dataclass(frozen=True, slots=True)
class CommentScores:
    """Scores of one comment: a calibrated probability in [0, 1] per attribute, or None.

    `language` is an ISO 639-1 code or None when the text is too short to say. `reason` says why every score is
    missing: "language" (the model does not read it) or "empty"; None when the comment was scored.
    """

    scores: Mapping[str, float | None]
    language: str | None = None
    reason: str | None = None
    spans: tuple[Span, ...] = ()


class Scorer(Protocol):
    """Anything that scores comments; the service and the commands know no more than this."""

    @property
    def version(self) -> str:
        """Name and version of the weights, stored with every score."""
        ...

    def score(
        self,
        comments: Sequence[Comment],
        article: Article | None = None,
        *,
        spans: bool = False,
        any_language: bool = False,
    ) -> list[CommentScores]:
        """Return one `CommentScores` per comment, in order; `relevance` is None without an article.

        A comment's scores depend on that comment and its article alone, never on the batch. With `any_language`
        texts in a language that the model does not read are scored all the same.
        """
        ...
