"""What leaves the desk: the log with what a statement of reasons needs, the statements themselves, labelled data.

Names and values of a statement follow the DSA Transparency Database (Regulation (EU) 2022/2065, articles 17 and 24(5);
https://transparency.dsa.ec.europa.eu/page/api-documentation).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

from sqlalchemy import RowMapping, Select, exists, select

from service.store.audit import Entry, every_entry
from service.store.database import Database
from service.store.reasons import REASONS, TERMS, RejectionReason
from service.store.records import Resolution
from service.store.tables import article, comment, decision, revision
from service.store.viewers import Viewer

PAGE = 500
EARLIEST = date(2000, 1, 1)  # that the Transparency Database takes as the date of a content

LOG_COLUMNS = (
    "id",
    "at",
    "actor",
    "action",
    "subject",
    "site",
    "section",
    "article_url",
    "comment_id",
    "reason",
    "ground",
    "category",
    "explanation",
    "machine_detected",
    "machine_decided",
    "rules",
    "scores",
    "model_version",
    "received_at",
    "decided_at",
    "undone_at",
    "detail",
    "digest",
)


def log_rows(database: Database, viewer: Viewer | None = None) -> Iterator[dict[str, Any]]:
    """Every entry that the viewer may know, oldest first; a decision carries its reason, rules, scores and times."""
    page: list[Entry] = []
    for entry in every_entry(database, viewer):
        page.append(entry)
        if len(page) == PAGE:
            yield from _log_page(database, page)
            page = []
    yield from _log_page(database, page)


def _log_page(database: Database, page: list[Entry]) -> Iterator[dict[str, Any]]:
    numbers = [entry.detail["decision"] for entry in page if "decision" in entry.detail]
    with database.read() as connection:
        query = _decisions().where(decision.c.id.in_(numbers))
        found = {row["id"]: row for row in connection.execute(query).mappings()} if numbers else {}
    for entry in page:
        row = found.get(entry.detail.get("decision", -1))
        yield {**_entry(entry), **({} if row is None else _of_decision(row))}


def _entry(entry: Entry) -> dict[str, Any]:
    return {
        **dict.fromkeys(LOG_COLUMNS),
        "id": entry.id,
        "at": entry.at.isoformat(),
        "actor": entry.actor,
        "action": entry.action,
        "subject": entry.subject,
        "detail": dict(entry.detail),
        "digest": entry.digest,
    }


def _of_decision(row: RowMapping) -> dict[str, Any]:
    reason = REASONS.get(row["reason"] or "")
    return {
        "site": row["site"],
        "section": row["section"],
        "article_url": row["article_url"],
        "comment_id": row["external_id"],
        "reason": row["reason"],
        "ground": reason.ground if reason else None,
        "category": reason.category if reason else None,
        "explanation": row["explanation"],
        "machine_detected": _detected(row),
        "machine_decided": _automation(row),
        "rules": row["reasons"],
        "scores": row["scores"],
        "model_version": row["model_version"],
        "received_at": _iso(row["received_at"]),
        "decided_at": _iso(row["decided_at"]),
        "undone_at": _iso(row["undone_at"]),
    }


def statements(database: Database) -> Iterator[dict[str, Any]]:
    """One statement of reasons per standing rejection, ready for the Transparency Database."""
    newer = decision.alias("newer")
    since = exists().where(newer.c.comment_id == decision.c.comment_id, newer.c.id > decision.c.id)
    query = _decisions().where(
        decision.c.resolution == Resolution.REJECT.value,
        decision.c.undone_at.is_(None),
        ~decision.c.second,
        ~since.where(newer.c.undone_at.is_(None), ~newer.c.second),
    )
    for row in _paged(database, query):
        yield _statement(row, REASONS.get(row["reason"] or "", REASONS["other"]))


def _statement(row: RowMapping, reason: RejectionReason) -> dict[str, Any]:
    grounds = _grounds(row, reason)
    return {
        "puid": f"belowline-{row['id']}",
        "decision_visibility": ["DECISION_VISIBILITY_CONTENT_REMOVED"],
        "decision_ground": reason.ground,
        "category": reason.category,
        **grounds,
        "content_type": ["CONTENT_TYPE_TEXT"],
        "content_language": (row["language"] or "").upper() or None,
        "content_date": _content_date(row).isoformat(),
        "application_date": row["decided_at"].date().isoformat(),
        "decision_facts": _facts(row),
        "source_type": "SOURCE_VOLUNTARY",
        "automated_detection": "Yes" if _detected(row) else "No",
        "automated_decision": _automation(row),
        # Beyond the database's own fields, for the newsroom's files.
        "site": row["site"],
        "article_url": row["article_url"],
        "comment_id": row["external_id"],
        "moderator": row["moderator"],
        "model_version": row["model_version"],
        "rules": row["reasons"],
        "decided_at": _iso(row["decided_at"]),
    }


def _content_date(row: RowMapping) -> date:
    """The day that the platform gives, or that of the receipt where no comment can have been published on it."""
    received: date = row["received_at"].date()
    try:
        published = date.fromisoformat((row["published"] or "")[:10])
    except ValueError:
        return received
    return published if EARLIEST <= published <= row["decided_at"].date() else received


def _grounds(row: RowMapping, reason: RejectionReason) -> dict[str, str]:
    words = row["explanation"] or reason.label
    if reason.ground == TERMS:
        return {"incompatible_content_ground": reason.label, "incompatible_content_explanation": words}
    return {"illegal_content_legal_ground": reason.label, "illegal_content_explanation": words}


def _facts(row: RowMapping) -> str:
    """What happened, in a sentence that holds no personal data, and so does not quote what a word list found."""
    if not _detected(row):
        return "A moderator found the comment and removed it."
    scored = [one for one in row["reasons"] if "detail" not in one]
    rules = [f"{one['attribute']} {one['score']:.2f} (threshold {one['threshold']:.2f})" for one in scored]
    causes = [f"by the model {row['model_version']} for {', '.join(rules)}"] if rules else []
    lists = dict.fromkeys(one["attribute"] for one in row["reasons"] if "detail" in one)
    causes += [f"by the list of {name} words" for name in lists]
    return f"The comment was sent to review {' and '.join(causes)}; a moderator removed it."


def _detected(row: RowMapping) -> bool:
    return bool(row["recommendation"] == "review")


def _automation(row: RowMapping) -> str:
    """A person decides always; a batch was chosen by its scores, so part of that decision is the machine's."""
    partly = row["batch"] is not None and _detected(row)
    return "AUTOMATED_DECISION_PARTIALLY" if partly else "AUTOMATED_DECISION_NOT_AUTOMATED"


def labelled_decisions(database: Database) -> Iterator[dict[str, Any]]:
    """Every standing final decision with its text, for training; second opinions are rows of their own."""
    query = _decisions().where(
        decision.c.undone_at.is_(None),
        decision.c.resolution.in_((Resolution.APPROVE.value, Resolution.REJECT.value)),
        comment.c.erased_at.is_(None),
    )
    for row in _paged(database, query):
        text = row["text"] if row["revision"] == row["comment_revision"] else _old_text(database, row)
        if text is not None:
            yield _labelled(row, text)


def _labelled(row: RowMapping, text: str) -> dict[str, Any]:
    return {
        "id": f"{row['site']}/{row['external_id']}/{row['revision']}",
        "text": text,
        "article_title": row["article_title"],
        "article_url": row["article_url"],
        "language": row["language"],
        "rejected": row["resolution"] == Resolution.REJECT.value,
        "reason": row["reason"],
        "second": row["second"],
        "in_batch": row["batch"] is not None,
        "scores": row["scores"],
        "model_version": row["model_version"],
        "decided_at": _iso(row["decided_at"]),
    }


def _old_text(database: Database, row: RowMapping) -> str | None:
    query = select(revision.c.text).where(
        revision.c.comment_id == row["comment_id"], revision.c.revision == row["revision"]
    )
    with database.read() as connection:
        return connection.execute(query).scalar_one_or_none()


def _decisions() -> Select[Any]:
    columns = (
        comment.c.external_id,
        comment.c.text,
        comment.c.language,
        comment.c.published,
        comment.c.received_at,
        comment.c.revision.label("comment_revision"),
        article.c.url.label("article_url"),
        article.c.title.label("article_title"),
    )
    joined = decision.join(comment, comment.c.id == decision.c.comment_id)
    return select(decision, *columns).select_from(joined.join(article, article.c.id == comment.c.article_id))


def _paged(database: Database, query: Select[Any]) -> Iterator[RowMapping]:
    after = 0
    while True:
        part = query.where(decision.c.id > after).order_by(decision.c.id).limit(PAGE)
        with database.read() as connection:
            rows = connection.execute(part).mappings().all()
        yield from rows
        if len(rows) < PAGE:
            return
        after = rows[-1]["id"]


def _iso(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat()
