"""The newsroom's policy: from scores to a recommendation. A machine never rejects, it only sends to review."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType

from model.scores import CommentScores
from model.thresholds import DEFAULT_THRESHOLDS as DEFAULT_THRESHOLDS

BELOW = frozenset({"relevance"})  # low values are what a moderator should see
# How much a reason counts towards urgency: a threat or an attack on a group harms somebody while it stands, an insult
# less, a joke or a digression hardly. Set by hand, like the thresholds.
WEIGHTS: Mapping[str, float] = MappingProxyType(
    {"toxicity": 0.9, "insult": 0.9, "profanity": 0.7, "sarcasm": 0.5, "relevance": 0.4}
)


class Recommendation(StrEnum):
    """What the machine proposes."""

    PUBLISH = "publish"
    REVIEW = "review"


@dataclass(frozen=True, slots=True)
class Reason:
    """One threshold that a score crossed, or one rule of the word lists that the text met.

    A word or link rule has the attribute "banned" or "suspect", the threshold 0, and what it found as `detail`.
    """

    attribute: str
    score: float
    threshold: float
    detail: str | None = None


@dataclass(frozen=True, slots=True)
class Policy:
    """Thresholds per attribute; an attribute without one never sends to review."""

    thresholds: Mapping[str, float] = field(default_factory=lambda: DEFAULT_THRESHOLDS)


@dataclass(frozen=True, slots=True)
class Verdict:
    """A recommendation with its reasons, the strongest first."""

    recommendation: Recommendation
    reasons: tuple[Reason, ...]
    urgency: float  # 0 to 1: how far past its threshold the strongest reason lies, by its weight


def recommend(scores: CommentScores, policy: Policy, found: Sequence[Reason] = ()) -> Verdict:
    """Return review with every crossed threshold, or publish; missing scores cross nothing.

    `found` are the reasons that the word lists gave; they send to review whatever the scores are.
    """
    reasons = [*found, *_crossed(scores, policy)]
    reasons.sort(key=_excess, reverse=True)
    urgency = _excess(reasons[0]) if reasons else 0.0
    return Verdict(Recommendation.REVIEW if reasons else Recommendation.PUBLISH, tuple(reasons), urgency)


def _crossed(scores: CommentScores, policy: Policy) -> list[Reason]:
    return [
        Reason(attribute, score, threshold)
        for attribute, threshold in policy.thresholds.items()
        if (score := scores.scores.get(attribute)) is not None and crosses(attribute, score, threshold)
    ]


def crosses(attribute: str, score: float, threshold: float) -> bool:
    """Whether a score sends to review; a score exactly on the threshold does."""
    return score <= threshold if attribute in BELOW else score >= threshold


def _excess(reason: Reason) -> float:
    """Weighted share of the way from the threshold to the end of the scale, so that attributes compare."""
    weight = WEIGHTS.get(reason.attribute, 1.0)
    if reason.attribute in BELOW:
        return weight * (reason.threshold - reason.score) / max(reason.threshold, 1e-9)
    return weight * (reason.score - reason.threshold) / max(1 - reason.threshold, 1e-9)
