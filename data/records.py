"""The nouns that travel through the product: a discussion is one article with its comments.

`Discussion.to_json` is the object that `belowline parse` prints, one per line. Comment text is kept exactly as
published; normalising belongs to the model and happens inside the scorer only.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class Kind(StrEnum):
    """What sort of page a discussion comes from."""

    ARTICLE = "article"
    THREAD = "thread"  # the first post is the article
    QA = "qa"  # a question with answers
    TALK = "talk"  # one section of a wiki's talk page


class Status(StrEnum):
    """The state of a comment on the platform that it comes from; every engine's words are mapped to these."""

    PUBLISHED = "published"
    PENDING = "pending"
    REJECTED = "rejected"
    SPAM = "spam"
    DELETED = "deleted"


@dataclass(frozen=True, slots=True)
class Block:
    """One piece of the source with its role and where it was found.

    `start` and `end` are code point offsets into a plain-text source, end exclusive; `xpath` is for pages.
    `role` is one of title, byline, date, heading, highlight, body, template, duplicate, navigation, comment, and other,
    which is what is left over of a dump.
    """

    role: str
    text: str
    start: int | None = None
    end: int | None = None
    xpath: str | None = None
    method: str | None = None
    confidence: float | None = None


@dataclass(frozen=True, slots=True)
class Comment:
    """One reader comment as published. `published` is ISO 8601 as exact as the source, or None."""

    id: str
    text: str
    author: str | None = None
    published: str | None = None
    parent_id: str | None = None
    depth: int = 0
    status: Status | None = None
    extra: Mapping[str, Any] = field(default_factory=dict)  # xpath, method, confidence, quotes, votes ...


@dataclass(frozen=True, slots=True)
class Article:
    """What the comments are about; `paragraphs` hold the body once, without title, byline and templates."""

    title: str | None = None
    paragraphs: tuple[str, ...] = ()
    byline: str | None = None
    published: str | None = None
    url: str | None = None
    language: str | None = None

    @property
    def text(self) -> str:
        """The body as one string, paragraphs apart by a blank line."""
        return "\n\n".join(self.paragraphs)


@dataclass(frozen=True, slots=True)
class Coverage:
    """How much of the comment section the source holds.

    `complete` is True only when the stated count is met or absent and no script-loaded system was found;
    None when that is unknown.
    """

    stated_count: int | None = None
    comment_system: str | None = None
    complete: bool | None = None


@dataclass(frozen=True, slots=True)
class Discussion:
    """One article with its comments, in the order of the source."""

    article: Article
    comments: tuple[Comment, ...] = ()
    source: str = "-"
    kind: Kind = Kind.ARTICLE
    format: str = "text"
    blocks: tuple[Block, ...] = ()
    coverage: Coverage = Coverage()
    warnings: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Return the object of the fixed interface, ready for `json.dumps`."""
        article = self.article
        return {
            "source": self.source,
            "kind": str(self.kind),
            "format": self.format,
            "url": article.url,
            "title": article.title,
            "byline": article.byline,
            "published": article.published,
            "language": article.language,
            "paragraphs": list(article.paragraphs),
            "blocks": [_block_json(block) for block in self.blocks],
            "comments": [_comment_json(comment) for comment in self.comments],
            "coverage": {
                "stated_count": self.coverage.stated_count,
                "comment_system": self.coverage.comment_system,
                "complete": self.coverage.complete,
            },
            "warnings": list(self.warnings),
        }


def _block_json(block: Block) -> dict[str, Any]:
    """Leave out what is unknown: a page has no offsets, a dump has no XPath."""
    values = {name: getattr(block, name) for name in Block.__slots__}
    return {name: value for name, value in values.items() if value is not None}


def _comment_json(comment: Comment) -> dict[str, Any]:
    return {
        "id": comment.id,
        "parent_id": comment.parent_id,
        "depth": comment.depth,
        "author": comment.author,
        "published": comment.published,
        "text": comment.text,
        "status": None if comment.status is None else str(comment.status),
        **comment.extra,
    }
