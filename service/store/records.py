"""What goes into the store and what comes out of it."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from data.records import Article, Comment
from model.scores import CommentScores
from service.policy import Verdict

LONGEST_KEY = 1000  # characters; PostgreSQL indexes at most 2,704 bytes of a value
LONGEST_ID = 500  # of a comment's id
LONGEST_NAME = 100  # of a site's or a section's name


_SECTION = re.compile(r"[^\W\d_][\w-]{0,99}")


class State(StrEnum):
    """Where a comment is; exactly one of these at a time."""

    PUBLISHED = "published"  # nothing crossed a threshold: no moderator was asked
    WAITING = "waiting"  # needs review
    DEFERRED = "deferred"  # a moderator put it off
    APPROVED = "approved"
    REJECTED = "rejected"
    GONE = "gone"  # deleted on the platform


class Resolution(StrEnum):
    """What a moderator decides; a machine never does."""

    APPROVE = "approve"
    REJECT = "reject"
    DEFER = "defer"


@dataclass(frozen=True, slots=True)
class Scored:
    """One comment with its scores and what the policy makes of them."""

    comment: Comment
    scores: CommentScores
    verdict: Verdict
    model_version: str


@dataclass(frozen=True, slots=True)
class Saved:
    """What one discussion changed, in numbers of comments; sent again all but `unchanged` are 0."""

    new: int = 0
    edited: int = 0
    unchanged: int = 0
    deleted: int = 0
    queued: int = 0


@dataclass(frozen=True, slots=True)
class Key:
    """An API key without its secret, which is shown once and kept only as a digest."""

    id: int
    name: str
    rate_per_minute: int
    created_at: datetime
    revoked_at: datetime | None


@dataclass(frozen=True, slots=True)
class Decision:
    """What a moderator decided, and what they had in front of them when they did."""

    id: int
    comment_id: int
    resolution: Resolution
    reason: str | None
    explanation: str | None
    moderator: str
    decided_at: datetime
    revision: int
    model_version: str
    scores: Mapping[str, float | None]
    reasons: tuple[Mapping[str, Any], ...]
    undone_at: datetime | None
    undone_by: str | None


@dataclass(frozen=True, slots=True)
class Note:
    """A remark of one moderator to the others."""

    id: int
    moderator: str
    text: str
    written_at: datetime


def article_key(article: Article) -> str:
    """What identifies an article within a site: its URL without the fragment, or a digest of title and opening."""
    if article.url:
        url = _without_fragment(article.url.strip())
        return url if len(url) <= LONGEST_KEY and url.isprintable() else digest(url)
    opening = article.paragraphs[0] if article.paragraphs else ""
    return digest(f"{article.title or ''}\n{opening}")


def _without_fragment(url: str) -> str:
    try:
        parts = urlsplit(url)
    except ValueError:  # "http://[" and the like; readers and platforms send them
        return url
    return urlunsplit((parts.scheme.lower(), parts.netloc.lower(), parts.path, parts.query, ""))


def author_key(site: str, author: str | None) -> str | None:
    """What identifies an author within a site."""
    return None if not author else digest(f"{site}\n{author}")


def digest(text: str) -> str:
    """SHA-256 of any string, lone surrogates too."""
    return "sha256:" + hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def section_of(url: str | None) -> str:
    """The section that a URL names, as in /sport/2026/cup: its first path segment, when that is a word and not all."""
    try:
        segments = [segment for segment in urlsplit(url or "").path.split("/") if segment]
    except ValueError:
        return ""
    if len(segments) < 2 or not _SECTION.fullmatch(segments[0]):
        return ""
    return segments[0].lower()
