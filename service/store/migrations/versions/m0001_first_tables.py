"""The first tables."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from service.store.columns import Instant, Verbatim

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    _account()
    _api_key()
    _article()
    _audit()
    _feedback()
    _policy_version()
    _webhook()
    _word()
    _comment()
    _comment_indexes()
    _delivery()
    _session()
    _decision()
    _note()
    _revision()
    _audit_is_append_only()
    _search()


def _account() -> None:
    op.create_table(
        "account",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("password_hash", sa.String(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("sections", sa.JSON(), nullable=False),
        sa.Column("blur", sa.Boolean(), server_default="0", nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("disabled_at", Instant(), nullable=True),
        sa.Column("failures", sa.Integer(), server_default="0", nullable=False),
        sa.Column("locked_until", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account")),
        sa.UniqueConstraint("name", name=op.f("uq_account_name")),
    )


def _api_key() -> None:
    op.create_table(
        "api_key",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("secret_hash", sa.String(), nullable=False),
        sa.Column("rate_per_minute", sa.Integer(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("revoked_at", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_key")),
        sa.UniqueConstraint("secret_hash", name=op.f("uq_api_key_secret_hash")),
    )


def _article() -> None:
    op.create_table(
        "article",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("site", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("section", sa.String(), server_default="", nullable=False),
        sa.Column("url", Verbatim(), nullable=True),
        sa.Column("title", Verbatim(), nullable=True),
        sa.Column("byline", Verbatim(), nullable=True),
        sa.Column("published", sa.String(), nullable=True),
        sa.Column("language", sa.String(), nullable=True),
        sa.Column("paragraphs", sa.JSON(), nullable=False),
        sa.Column("received_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_article")),
        sa.UniqueConstraint("key", "site", name=op.f("uq_article_key_site")),
    )


def _audit() -> None:
    op.create_table(
        "audit",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("action", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("detail", sa.JSON(), nullable=False),
        sa.Column("previous", sa.String(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit")),
    )
    op.create_index("ix_audit_action", "audit", ["action", "id"], unique=False)
    op.create_index(op.f("ix_audit_at"), "audit", ["at"], unique=False)
    op.create_index("ix_audit_subject", "audit", ["subject", "id"], unique=False)


def _feedback() -> None:
    op.create_table(
        "feedback",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("text", Verbatim(), nullable=False),
        sa.Column("attribute", sa.String(), nullable=False),
        sa.Column("value", sa.Float(), nullable=False),
        sa.Column("context", sa.JSON(), nullable=False),
        sa.Column("received_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_feedback")),
    )
    op.create_index(op.f("ix_feedback_received_at"), "feedback", ["received_at"], unique=False)


def _policy_version() -> None:
    op.create_table(
        "policy_version",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("site", sa.String(), nullable=False),
        sa.Column("section", sa.String(), nullable=False),
        sa.Column("thresholds", sa.JSON(), nullable=False),
        sa.Column("moderator", sa.String(), nullable=False),
        sa.Column("why", Verbatim(), nullable=False),
        sa.Column("saved_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_policy_version")),
    )
    op.create_index("ix_policy_version_scope", "policy_version", ["site", "section", "id"], unique=False)


def _webhook() -> None:
    op.create_table(
        "webhook",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("url", Verbatim(), nullable=False),
        sa.Column("secret", sa.String(), nullable=False),
        sa.Column("site", sa.String(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("disabled_at", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhook")),
    )


def _word() -> None:
    op.create_table(
        "word",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("site", sa.String(), nullable=False),
        sa.Column("list", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("pattern", Verbatim(), nullable=False),
        sa.Column("moderator", sa.String(), nullable=False),
        sa.Column("added_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_word")),
        sa.UniqueConstraint("site", "kind", "pattern", name=op.f("uq_word_site_kind_pattern")),
    )


def _comment() -> None:
    op.create_table(
        "comment",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("article_id", sa.Integer(), nullable=False),
        sa.Column("site", sa.String(), nullable=False),
        sa.Column("section", sa.String(), nullable=False),
        sa.Column("external_id", Verbatim(), nullable=False),
        sa.Column("parent_id", Verbatim(), nullable=True),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("depth", sa.Integer(), nullable=False),
        sa.Column("author", Verbatim(), nullable=True),
        sa.Column("author_key", sa.String(), nullable=True),
        sa.Column("published", sa.String(), nullable=True),
        sa.Column("text", Verbatim(), nullable=False),
        sa.Column("language", sa.String(), nullable=True),
        sa.Column("toxicity", sa.Float(), nullable=True),
        sa.Column("severe_toxicity", sa.Float(), nullable=True),
        sa.Column("identity_attack", sa.Float(), nullable=True),
        sa.Column("insult", sa.Float(), nullable=True),
        sa.Column("profanity", sa.Float(), nullable=True),
        sa.Column("threat", sa.Float(), nullable=True),
        sa.Column("sarcasm", sa.Float(), nullable=True),
        sa.Column("relevance", sa.Float(), nullable=True),
        sa.Column("unscored", sa.String(), nullable=True),
        sa.Column("listed", sa.Boolean(), server_default="0", nullable=False),
        sa.Column("spans", sa.JSON(), nullable=False),
        sa.Column("reasons", sa.JSON(), nullable=False),
        sa.Column("recommendation", sa.String(), nullable=False),
        sa.Column("urgency", sa.Float(), nullable=False),
        sa.Column("model_version", sa.String(), nullable=False),
        sa.Column("received_at", Instant(), nullable=False),
        sa.Column("revision", sa.Integer(), server_default="1", nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("state_before", sa.String(), nullable=True),
        sa.Column("erased_at", Instant(), nullable=True),
        sa.Column("claimed_by", sa.String(), nullable=True),
        sa.Column("claimed_at", Instant(), nullable=True),
        sa.Column("decided_at", Instant(), nullable=True),
        sa.Column("second_after", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["article_id"], ["article.id"], name=op.f("fk_comment_article_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_comment")),
        sa.UniqueConstraint("article_id", "external_id", name=op.f("uq_comment_article_id_external_id")),
    )


def _comment_indexes() -> None:
    op.create_index("ix_comment_article_queue", "comment", ["article_id", "state", "urgency", "id"], unique=False)
    op.create_index("ix_comment_author", "comment", ["author_key", "id"], unique=False)
    op.create_index(op.f("ix_comment_erased_at"), "comment", ["erased_at"], unique=False)
    op.create_index("ix_comment_received", "comment", ["received_at"], unique=False)
    op.create_index("ix_comment_replies", "comment", ["article_id", "parent_id", "position"], unique=False)
    op.create_index(
        "ix_comment_second",
        "comment",
        ["id"],
        unique=False,
        sqlite_where=sa.text("second_after is not null"),
        postgresql_where=sa.text("second_after is not null"),
    )
    op.create_index("ix_comment_section_queue", "comment", ["section", "state", "urgency", "id"], unique=False)
    op.create_index("ix_comment_site_queue", "comment", ["site", "state", "urgency", "id"], unique=False)
    op.create_index("ix_comment_state_identity_attack", "comment", ["state", "identity_attack", "id"], unique=False)
    op.create_index("ix_comment_state_insult", "comment", ["state", "insult", "id"], unique=False)
    op.create_index("ix_comment_state_profanity", "comment", ["state", "profanity", "id"], unique=False)
    op.create_index("ix_comment_state_received", "comment", ["state", "received_at", "id"], unique=False)
    op.create_index("ix_comment_state_relevance", "comment", ["state", "relevance", "id"], unique=False)
    op.create_index("ix_comment_state_sarcasm", "comment", ["state", "sarcasm", "id"], unique=False)
    op.create_index("ix_comment_state_severe_toxicity", "comment", ["state", "severe_toxicity", "id"], unique=False)
    op.create_index("ix_comment_state_threat", "comment", ["state", "threat", "id"], unique=False)
    op.create_index("ix_comment_state_toxicity", "comment", ["state", "toxicity", "id"], unique=False)
    op.create_index("ix_comment_state_urgency", "comment", ["state", "urgency", "id"], unique=False)
    op.create_index("ix_comment_urgency", "comment", ["urgency", "id"], unique=False)


def _delivery() -> None:
    op.create_table(
        "delivery",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("webhook_id", sa.Integer(), nullable=False),
        sa.Column("event", sa.String(), nullable=False),
        sa.Column("body", sa.JSON(), nullable=False),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("due_at", Instant(), nullable=True),
        sa.Column("delivered_at", Instant(), nullable=True),
        sa.Column("error", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["webhook_id"], ["webhook.id"], name=op.f("fk_delivery_webhook_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delivery")),
        sa.UniqueConstraint("webhook_id", "event", name=op.f("uq_delivery_webhook_id_event")),
    )
    op.create_index("ix_delivery_due_at", "delivery", ["due_at"], unique=False)


def _session() -> None:
    op.create_table(
        "session",
        sa.Column("token_hash", sa.String(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("started_at", Instant(), nullable=False),
        sa.Column("seen_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_session_account_id")),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_session")),
    )
    op.create_index(op.f("ix_session_account_id"), "session", ["account_id"], unique=False)


def _decision() -> None:
    op.create_table(
        "decision",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("comment_id", sa.Integer(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("resolution", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("explanation", Verbatim(), nullable=True),
        sa.Column("moderator", sa.String(), nullable=False),
        sa.Column("decided_at", Instant(), nullable=False),
        sa.Column("state_before", sa.String(), nullable=False),
        sa.Column("batch", sa.String(), nullable=True),
        sa.Column("second", sa.Boolean(), nullable=False),
        sa.Column("scores", sa.JSON(), nullable=False),
        sa.Column("reasons", sa.JSON(), nullable=False),
        sa.Column("recommendation", sa.String(), nullable=False),
        sa.Column("model_version", sa.String(), nullable=False),
        sa.Column("site", sa.String(), nullable=False),
        sa.Column("section", sa.String(), nullable=False),
        sa.Column("undone_at", Instant(), nullable=True),
        sa.Column("undone_by", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["comment_id"], ["comment.id"], name=op.f("fk_decision_comment_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_decision")),
        sa.UniqueConstraint("comment_id", "version", "second", name=op.f("uq_decision_comment_id_version_second")),
    )
    op.create_index(op.f("ix_decision_batch"), "decision", ["batch"], unique=False)
    op.create_index("ix_decision_decided_at", "decision", ["decided_at"], unique=False)
    op.create_index("ix_decision_moderator", "decision", ["moderator", "id"], unique=False)


def _note() -> None:
    op.create_table(
        "note",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("comment_id", sa.Integer(), nullable=False),
        sa.Column("moderator", sa.String(), nullable=False),
        sa.Column("text", Verbatim(), nullable=False),
        sa.Column("written_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["comment_id"], ["comment.id"], name=op.f("fk_note_comment_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_note")),
    )
    op.create_index(op.f("ix_note_comment_id"), "note", ["comment_id"], unique=False)


def _revision() -> None:
    op.create_table(
        "revision",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("comment_id", sa.Integer(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("text", Verbatim(), nullable=False),
        sa.Column("scores", sa.JSON(), nullable=False),
        sa.Column("reasons", sa.JSON(), nullable=False),
        sa.Column("model_version", sa.String(), nullable=False),
        sa.Column("replaced_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["comment_id"], ["comment.id"], name=op.f("fk_revision_comment_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_revision")),
        sa.UniqueConstraint("comment_id", "revision", name=op.f("uq_revision_comment_id_revision")),
    )


def _audit_is_append_only() -> None:
    """The database itself refuses to change or remove an entry."""
    if op.get_bind().dialect.name == "sqlite":
        for verb in ("update", "delete"):
            op.execute(
                f"create trigger audit_no_{verb} before {verb} on audit "
                "begin select raise(abort, 'the audit log is append-only'); end"
            )
        return
    op.execute(
        """
        create function audit_is_append_only() returns trigger language plpgsql as $$
        begin raise exception 'the audit log is append-only'; end $$
        """
    )
    op.execute(
        "create trigger audit_append_only before update or delete or truncate on audit "
        "for each statement execute function audit_is_append_only()"
    )


def _search() -> None:
    """Full text of comment and author: FTS5 on SQLite (sqlite.org/fts5.html), a GIN index on PostgreSQL."""
    if op.get_bind().dialect.name != "sqlite":
        op.execute(
            "create index ix_comment_search on comment using gin "
            "(to_tsvector('simple', left(text, 100000) || ' ' || coalesce(left(author, 1000), '')))"
        )
        return
    op.execute("create virtual table comment_search using fts5(text, author, content='comment', content_rowid='id')")
    put = "insert into comment_search(rowid, text, author) values (new.id, new.text, new.author);"
    columns = "comment_search(comment_search, rowid, text, author)"
    take = f"insert into {columns} values ('delete', old.id, old.text, old.author);"
    op.execute(f"create trigger comment_search_insert after insert on comment begin {put} end")
    op.execute(f"create trigger comment_search_delete after delete on comment begin {take} end")
    op.execute(f"create trigger comment_search_update after update of text, author on comment begin {take} {put} end")
