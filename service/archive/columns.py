"""The columns of a scored table, in their fixed order, and one comment's row of them."""

from __future__ import annotations

from typing import Any

import pyarrow as pa

from model.scores import ATTRIBUTES, CommentScores
from service.api.results import reasons_json, rounded
from service.archive.reading import Row
from service.policy import Policy, recommend

ABOUT = ("source", "id", "parent_id", "author", "published", "text", "article_title", "language")
VERDICT = ("recommendation", "reasons", "model_version")
COLUMNS = (*ABOUT, *ATTRIBUTES, *VERDICT)
SCHEMA = pa.schema([(name, pa.float64() if name in ATTRIBUTES else pa.string()) for name in COLUMNS])


def scored_row(row: Row, scores: CommentScores, policy: Policy, version: str) -> dict[str, Any]:
    """Return one output row; `reasons` is a list, as JSON Lines shows it."""
    comment, article = row.comment, row.article
    verdict = recommend(scores, policy)
    return {
        "source": row.source,
        "id": comment.id,
        "parent_id": comment.parent_id,
        "author": comment.author,
        "published": comment.published,
        "text": comment.text,
        "article_title": article.title if article else None,
        "language": scores.language,
        **{name: rounded(scores.scores.get(name)) for name in ATTRIBUTES},
        "recommendation": str(verdict.recommendation),
        "reasons": reasons_json(verdict, scores),
        "model_version": version,
    }
