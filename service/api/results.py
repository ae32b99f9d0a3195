"""From scores to what the interface answers: rounded numbers, the policy's recommendation and its reasons."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from typing import Any

from model.scores import ATTRIBUTES, CommentScores
from service.policy import Policy, Verdict, recommend

DECIMALS = 4


def result_json(
    comment_id: str | int, scored: CommentScores, policy: Policy, attributes: Collection[str] | None, *, spans: bool
) -> dict[str, Any]:
    """Return one result; attributes that were not asked for are neither shown nor judged."""
    wanted = [name for name in ATTRIBUTES if attributes is None or name in attributes]
    scored = replace(scored, scores={name: scored.scores.get(name) for name in wanted})
    verdict = recommend(scored, policy)
    result: dict[str, Any] = {
        "id": comment_id,
        "language": scored.language,
        "scores": {name: rounded(scored.scores[name]) for name in wanted},
    }
    if spans:
        result["spans"] = [
            {"start": span.start, "end": span.end, "attribute": span.attribute, "score": rounded(span.score)}
            for span in scored.spans
            if span.attribute in wanted
        ]
    return {**result, "recommendation": verdict.recommendation.value, "reasons": reasons_json(verdict, scored)}


def reasons_json(verdict: Verdict, scored: CommentScores) -> list[dict[str, Any]]:
    """Every crossed threshold; for a comment without scores the word that says why."""
    if scored.reason is not None:
        return [{"attribute": scored.reason, "score": None, "threshold": None}]
    return [
        {"attribute": reason.attribute, "score": rounded(reason.score), "threshold": reason.threshold}
        for reason in verdict.reasons
    ]


def rounded(score: float | None) -> float | None:
    """Four decimals: more would claim a precision that no score has."""
    return None if score is None else round(float(score), DECIMALS)
