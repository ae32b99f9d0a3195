"""Scored archives into the desk's store, so that moderators can work on the past."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from data.records import Article, Comment, Discussion
from model.scores import ATTRIBUTES, CommentScores
from service.archive.coinciding import Ids, title_of
from service.policy import Recommendation
from service.store import Store
from service.store.intake import judged
from service.store.policies import current_policy
from service.store.records import Scored
from service.store.words import rules_for

MOST_AT_ONCE = 500  # comments in one transaction: short enough for moderators to work meanwhile
UNSCORED = ("language", "empty")


@dataclass(slots=True)
class Imported:
    """What an import changed, in numbers of comments."""

    new: int = 0
    edited: int = 0
    unchanged: int = 0
    queued: int = 0
    passed_over: int = 0


def import_rows(
    store: Store,
    batches: Iterable[Sequence[Mapping[str, Any]]],
    *,
    site: str,
    section: str = "",
    only_review: bool = False,
    done: Callable[[int], None] = lambda rows: None,
) -> Imported:
    """Store scored rows, judged by the newsroom's present policy and word lists; imported again they change nothing.

    `batches` are gone through twice: first for ids that coincide.
    """
    imported = Imported()
    policy = current_policy(store.database, site, section).policy
    rules = rules_for(store.database, site)
    with Ids() as ids:
        for batch in batches:
            ids.note(batch)
        for article, rows in _pieces(batches):
            comments = [_comment(row, ids) for row in rows]
            results = [
                judged(comment, _scores(row), policy, rules, row["model_version"] or "unknown")
                for comment, row in zip(comments, rows, strict=True)
            ]
            kept = [one for one in results if not only_review or one.verdict.recommendation is Recommendation.REVIEW]
            imported.passed_over += len(results) - len(kept)
            _save(store, site, section, article, kept, imported)
            done(len(rows))
    return imported


def _save(store: Store, site: str, section: str, article: Article, kept: Sequence[Scored], imported: Imported) -> None:
    if not kept:
        return
    discussion = Discussion(article, tuple(found.comment for found in kept))
    saved = store.save_discussion(site, discussion, kept, section=section)
    imported.new += saved.new
    imported.edited += saved.edited
    imported.unchanged += saved.unchanged
    imported.queued += saved.queued


def _pieces(batches: Iterable[Sequence[Mapping[str, Any]]]) -> Iterator[tuple[Article, Sequence[Mapping[str, Any]]]]:
    """Yield the comments of one article at a time."""
    for batch in batches:
        for title, group in groupby(batch, key=title_of):
            rows = list(group)
            for start in range(0, len(rows), MOST_AT_ONCE):
                yield Article(title=title), rows[start : start + MOST_AT_ONCE]


def _comment(row: Mapping[str, Any], ids: Ids) -> Comment:
    return Comment(ids.own(row), row["text"], row["author"], row["published"], ids.parent(row))


def _scores(row: Mapping[str, Any]) -> CommentScores:
    """Read the scores back; a row without any says in its reasons why."""
    told = [reason.get("attribute") for reason in row["reasons"]]
    reason = next((word for word in UNSCORED if word in told), None)
    return CommentScores({name: row[name] for name in ATTRIBUTES}, row["language"], reason)
