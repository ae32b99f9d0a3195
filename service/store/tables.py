"""The tables of the store, in the words of the trade.

A comment has one `state` and one `version`, which grows with every change: a decision names the version that the
moderator saw, so two decisions never overwrite each other silently. `site` and `section` are repeated on the comment
because every queue is filtered by them and sorted by a score, which one index can only serve within one table.
"""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    UniqueConstraint,
    text,
)

from model.scores import ATTRIBUTES
from service.store.columns import Instant, Verbatim

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)

_SECOND = text("second_after is not null")  # few comments at any time, so every query on it reads few rows

article = Table(
    "article",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("site", String, nullable=False),
    Column("key", String, nullable=False),
    Column("section", String, nullable=False, server_default=""),
    Column("url", Verbatim),
    Column("title", Verbatim),
    Column("byline", Verbatim),
    Column("published", String),
    Column("language", String),
    Column("paragraphs", JSON, nullable=False),
    Column("received_at", Instant, nullable=False),
    Column("kind", String),  # of the page, as the parser names it; None: stored before that was kept
    Column("erased_at", Instant),  # the opening post of a thread: byline and text are gone and do not come back
    UniqueConstraint("key", "site"),
)

comment = Table(
    "comment",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("article_id", ForeignKey("article.id"), nullable=False),
    Column("site", String, nullable=False),
    Column("section", String, nullable=False),
    Column("external_id", Verbatim, nullable=False),
    Column("parent_id", Verbatim),  # the platform's id of the comment that this one answers
    Column("position", Integer, nullable=False),
    Column("depth", Integer, nullable=False),
    Column("author", Verbatim),
    Column("author_key", String),  # digest of site and author, short enough for an index whatever the name is
    Column("published", String),
    Column("text", Verbatim, nullable=False),
    Column("language", String),
    *(Column(attribute, Float) for attribute in ATTRIBUTES),
    Column("unscored", String),  # why there are no scores: "language" or "empty"
    Column("listed", Boolean, nullable=False, server_default="0"),  # a word list sent it to review
    Column("spans", JSON, nullable=False),
    Column("reasons", JSON, nullable=False),
    Column("recommendation", String, nullable=False),
    Column("urgency", Float, nullable=False),
    Column("model_version", String, nullable=False),
    Column("received_at", Instant, nullable=False),
    Column("revision", Integer, nullable=False, server_default="1"),  # of the text: grows when the author edits
    Column("version", Integer, nullable=False, server_default="1"),  # of the row: grows with every change
    Column("state", String, nullable=False),
    Column("state_before", String),  # what to return to when a deleted comment comes back
    Column("erased_at", Instant, index=True),  # author and text are gone for good, and do not come back
    Column("claimed_by", String),
    Column("claimed_at", Instant),
    Column("decided_at", Instant),
    # A share of comments goes to a second moderator as well: who decided first, until the second has decided too.
    Column("second_after", String),
    UniqueConstraint("article_id", "external_id"),
    Index("ix_comment_state_urgency", "state", "urgency", "id"),
    Index("ix_comment_state_received", "state", "received_at", "id"),
    *(Index(f"ix_comment_state_{attribute}", "state", attribute, "id") for attribute in ATTRIBUTES),
    Index("ix_comment_site_queue", "site", "state", "urgency", "id"),
    Index("ix_comment_section_queue", "section", "state", "urgency", "id"),
    Index("ix_comment_article_queue", "article_id", "state", "urgency", "id"),
    Index("ix_comment_replies", "article_id", "parent_id", "position"),
    Index("ix_comment_author", "author_key", "id"),
    Index("ix_comment_received", "received_at"),
    Index("ix_comment_urgency", "urgency", "id"),
    Index("ix_comment_second", "id", sqlite_where=_SECOND, postgresql_where=_SECOND),
)

revision = Table(
    "revision",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("comment_id", ForeignKey("comment.id"), nullable=False),
    Column("revision", Integer, nullable=False),
    Column("text", Verbatim, nullable=False),
    Column("scores", JSON, nullable=False),
    Column("reasons", JSON, nullable=False),
    Column("model_version", String, nullable=False),
    Column("replaced_at", Instant, nullable=False),
    Column("received_at", Instant),  # None: stored before that was kept
    UniqueConstraint("comment_id", "revision"),
)

decision = Table(
    "decision",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("comment_id", ForeignKey("comment.id"), nullable=False),
    Column("revision", Integer, nullable=False),
    Column("version", Integer, nullable=False),  # of the comment that the moderator saw
    Column("resolution", String, nullable=False),
    Column("reason", String),
    Column("explanation", Verbatim),
    Column("moderator", String, nullable=False),
    Column("decided_at", Instant, nullable=False),
    Column("state_before", String, nullable=False),
    Column("batch", String, index=True),
    Column("second", Boolean, nullable=False),  # the silent second opinion: changes no state
    # What the moderator had in front of them, kept as it was.
    Column("scores", JSON, nullable=False),
    Column("reasons", JSON, nullable=False),
    Column("recommendation", String, nullable=False),
    Column("model_version", String, nullable=False),
    Column("site", String, nullable=False),
    Column("section", String, nullable=False),
    Column("undone_at", Instant),
    Column("undone_by", String),
    UniqueConstraint("comment_id", "version", "second"),  # one decision per version, whatever happens
    Index("ix_decision_moderator", "moderator", "id"),
    Index("ix_decision_decided_at", "decided_at"),
)

note = Table(
    "note",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("comment_id", ForeignKey("comment.id"), nullable=False, index=True),
    Column("moderator", String, nullable=False),
    Column("text", Verbatim, nullable=False),
    Column("written_at", Instant, nullable=False),
)

account = Table(
    "account",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("name", String, nullable=False, unique=True),
    Column("password_hash", String, nullable=False),
    Column("role", String, nullable=False),
    Column("sections", JSON, nullable=False),  # empty: all of them
    Column("blur", Boolean, nullable=False, server_default="0"),
    Column("created_at", Instant, nullable=False),
    Column("disabled_at", Instant),
    Column("failures", Integer, nullable=False, server_default="0"),
    Column("locked_until", Instant),
)

session = Table(
    "session",
    metadata,
    Column("token_hash", String, primary_key=True),
    Column("account_id", ForeignKey("account.id"), nullable=False, index=True),
    Column("started_at", Instant, nullable=False),
    Column("seen_at", Instant, nullable=False),
)

api_key = Table(
    "api_key",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("name", String, nullable=False),
    Column("secret_hash", String, nullable=False, unique=True),
    Column("rate_per_minute", Integer, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("revoked_at", Instant),
)

feedback = Table(
    "feedback",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("source", String, nullable=False),
    Column("text", Verbatim, nullable=False),
    Column("attribute", String, nullable=False),
    Column("value", Float, nullable=False),
    Column("context", JSON, nullable=False),
    Column("received_at", Instant, nullable=False, index=True),
)

policy_version = Table(
    "policy_version",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("site", String, nullable=False),  # empty: every site
    Column("section", String, nullable=False),  # empty: every section
    Column("thresholds", JSON, nullable=False),
    Column("moderator", String, nullable=False),
    Column("why", Verbatim, nullable=False),
    Column("saved_at", Instant, nullable=False),
    Column("judged_to", Integer),  # the last comment that it judged anew; None: done, or not asked to
    Index("ix_policy_version_scope", "site", "section", "id"),
)

word = Table(
    "word",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("site", String, nullable=False),
    Column("list", String, nullable=False),  # banned, suspect or allowed
    Column("kind", String, nullable=False),  # word or link
    Column("pattern", Verbatim, nullable=False),
    Column("moderator", String, nullable=False),
    Column("added_at", Instant, nullable=False),
    UniqueConstraint("site", "kind", "pattern"),
)

webhook = Table(
    "webhook",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("url", Verbatim, nullable=False),
    Column("secret", String, nullable=False),
    Column("site", String, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("disabled_at", Instant),
)

delivery = Table(
    "delivery",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("webhook_id", ForeignKey("webhook.id"), nullable=False),
    Column("event", String, nullable=False),  # the idempotency key that the receiver sees
    Column("body", JSON, nullable=False),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("due_at", Instant),  # None: delivered or given up
    Column("delivered_at", Instant),
    Column("error", String),
    UniqueConstraint("webhook_id", "event"),
    Index("ix_delivery_due_at", "due_at"),
)

audit = Table(
    "audit",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),  # 1, 2, 3 ...: a missing number is a missing entry
    Column("at", Instant, nullable=False, index=True),
    Column("actor", String, nullable=False),
    Column("action", String, nullable=False),
    Column("subject", String, nullable=False),
    Column("detail", JSON, nullable=False),
    Column("previous", String, nullable=False),  # digest of the entry before: a gap or a change shows
    Column("digest", String, nullable=False),
    Index("ix_audit_action", "action", "id"),
    Index("ix_audit_subject", "subject", "id"),
)
