"""Saving discussions: idempotent by (site, article key, comment id), with the history of edited texts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, RowMapping, insert, select, update

from data.records import Article, Comment, Discussion, Status
from model.scores import ATTRIBUTES, Span
from service.policy import Reason, Recommendation
from service.store.articles import save_article
from service.store.database import Database
from service.store.errors import Outdated, StoreError
from service.store.records import LONGEST_ID, LONGEST_NAME, Saved, Scored, State, article_key, author_key, section_of
from service.store.tables import article, comment, revision

CHUNK = 500  # rows per statement, below SQLite's 32,766 bound variables


def save_discussion(
    database: Database, site: str, discussion: Discussion, results: Sequence[Scored], *, section: str | None = None
) -> Saved:
    """Store what is new or edited, take what was deleted out of the queue, and count both."""
    section = section_of(discussion.article.url) if section is None else section.strip().lower()
    _check_sizes(site, section, discussion.comments)
    scored = {(result.comment.id, result.comment.text): result for result in results}
    with database.write() as connection:
        article_id = save_article(connection, database, site, section, discussion)
        return _Saving(connection, database, site, section, article_id, scored).run(discussion.comments)


def known_texts(database: Database, site: str, key: str) -> dict[str, str]:
    """Return comment id -> stored text of one article, so that only what is new or edited needs scoring."""
    query = (
        select(comment.c.external_id, comment.c.text)
        .join(article, article.c.id == comment.c.article_id)
        .where(article.c.site == site, article.c.key == key)
    )
    with database.read() as connection:
        return {row.external_id: row.text for row in connection.execute(query)}


def find_article(database: Database, url: str) -> Article | None:
    """Return the article stored under a URL, the newest where several sites have it."""
    query = select(article).where(article.c.key == article_key(Article(url=url))).order_by(article.c.id.desc())
    with database.read() as connection:
        row = connection.execute(query.limit(1)).mappings().first()
    return None if row is None else article_record(row)


def is_empty(database: Database) -> bool:
    """Whether nothing was ever stored."""
    with database.read() as connection:
        return connection.execute(select(article.c.id).limit(1)).first() is None


def article_record(row: Mapping[str, Any] | RowMapping) -> Article:
    """The stored row as the record that scorers take."""
    return Article(
        title=row["title"],
        paragraphs=tuple(row["paragraphs"]),
        byline=row["byline"],
        published=row["published"],
        url=row["url"],
        language=row["language"],
    )


def _check_sizes(site: str, section: str, comments: Sequence[Comment]) -> None:
    for name, value in (("site", site), ("section", section)):
        if len(value) > LONGEST_NAME or "\0" in value:
            raise StoreError(f"The name of a {name} has at most {LONGEST_NAME} characters and no NUL.")
    for given in comments:
        if not given.id or max(len(given.id), len(given.parent_id or "")) > LONGEST_ID:
            raise StoreError(f"The id of a comment has 1 to {LONGEST_ID} characters.")


class _Saving:
    """One discussion on its way into the tables."""

    def __init__(
        self,
        connection: Connection,
        database: Database,
        site: str,
        section: str,
        article_id: int,
        scored: Mapping[tuple[str, str], Scored],
    ) -> None:
        self.connection, self.database = connection, database
        self.scored = scored
        self.place: dict[str, Any] = {"article_id": article_id, "site": site, "section": section}
        query = select(comment).where(comment.c.article_id == article_id)
        self.known = {row["external_id"]: row for row in connection.execute(query).mappings()}
        self.placed: set[str] = set()
        self.inserts: list[dict[str, Any]] = []
        self.edited = self.unchanged = self.deleted = self.queued = 0

    def run(self, comments: Sequence[Comment]) -> Saved:
        for position, given in enumerate(comments):
            self._place_one(position, given)
        for start in range(0, len(self.inserts), CHUNK):
            self.connection.execute(insert(comment), self.inserts[start : start + CHUNK])
        return Saved(len(self.inserts), self.edited, self.unchanged, self.deleted, self.queued)

    def _place_one(self, position: int, given: Comment) -> None:
        row = self.known.get(given.id)
        if given.id in self.placed:
            self.unchanged += 1  # the same id twice in one discussion: the first stands
        elif row is not None and row["erased_at"] is not None:
            self.unchanged += 1  # erased means erased, also when the platform sends it again
        elif given.status is Status.DELETED:
            self._delete(row)
        elif row is None:
            self._insert(position, given)
        elif row["text"] != given.text:
            self._edit(row, given)
        elif row["state"] == State.GONE:
            self._restore(row)
        else:
            self.unchanged += 1
        self.placed.add(given.id)

    def _insert(self, position: int, given: Comment) -> None:
        row = {
            **self.place,
            "external_id": given.id,
            "parent_id": given.parent_id,
            "position": position,
            "depth": given.depth,
            "author": given.author,
            "author_key": author_key(self.place["site"], given.author),
            "published": given.published,
            "text": given.text,
            "received_at": self.database.now(),
            **self._judged(given),
        }
        self.inserts.append(row)
        self.queued += row["state"] == State.WAITING

    def _edit(self, row: RowMapping, given: Comment) -> None:
        """Keep the old text with its scores, and judge the new one afresh."""
        judged = self._judged(given)
        self.connection.execute(
            insert(revision).values(
                comment_id=row["id"],
                revision=row["revision"],
                text=row["text"],
                scores={attribute: row[attribute] for attribute in ATTRIBUTES},
                reasons=row["reasons"],
                model_version=row["model_version"],
                replaced_at=self.database.now(),
                received_at=row["received_at"],
            )
        )
        self._update(
            row,
            text=given.text,
            revision=row["revision"] + 1,
            received_at=self.database.now(),
            second_after=None,
            **judged,
        )
        self.edited += 1
        self.queued += judged["state"] == State.WAITING

    def _delete(self, row: RowMapping | None) -> None:
        if row is None or row["state"] == State.GONE:
            self.unchanged += 1
            return
        self._update(row, state=State.GONE, state_before=row["state"], second_after=None)
        self.deleted += 1

    def _restore(self, row: RowMapping) -> None:
        """A deleted comment came back unchanged: it stands where it stood."""
        state = row["state_before"] or State.PUBLISHED
        self._update(row, state=state, state_before=None)
        self.edited += 1
        self.queued += state == State.WAITING

    def _update(self, row: RowMapping, **values: Any) -> None:
        released = {"claimed_by": None, "claimed_at": None, "version": comment.c.version + 1}
        self.connection.execute(update(comment).where(comment.c.id == row["id"]).values(**released, **values))

    def _judged(self, given: Comment) -> dict[str, Any]:
        """The columns that scores and verdict fill."""
        result = self.scored.get((given.id, given.text))
        if result is None:
            raise Outdated(f"The comment {given.id!r} is new or edited and came without scores.")
        verdict = result.verdict
        review = verdict.recommendation is Recommendation.REVIEW
        return {
            **{attribute: result.scores.scores.get(attribute) for attribute in ATTRIBUTES},
            "language": result.scores.language,
            "unscored": result.scores.reason,
            "spans": [span_json(span) for span in result.scores.spans],
            "listed": any(reason.detail is not None for reason in verdict.reasons),
            "reasons": [reason_json(reason) for reason in verdict.reasons],
            "recommendation": verdict.recommendation.value,
            "urgency": verdict.urgency,
            "model_version": result.model_version,
            "state": State.WAITING if review else State.PUBLISHED,
        }


def span_json(span: Span) -> dict[str, Any]:
    """A span as it is stored."""
    return {"start": span.start, "end": span.end, "attribute": span.attribute, "score": span.score}


def reason_json(reason: Reason) -> dict[str, Any]:
    """A reason as it is stored: only a word or link rule has a detail."""
    stored = {"attribute": reason.attribute, "score": reason.score, "threshold": reason.threshold}
    return stored if reason.detail is None else {**stored, "detail": reason.detail}
