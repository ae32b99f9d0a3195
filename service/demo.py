"""The demonstration: the project's own sample discussions in an empty store, scored by the real model."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from sqlalchemy import select

from data.records import Article, Comment, Discussion
from model.scores import Scorer
from service.store import Store
from service.store.intake import take_in
from service.store.tables import article

SAMPLES = Path(__file__).resolve().parent.parent / "data" / "demo" / "discussions.jsonl"
SITE = "demo.example"


def takes_demo(store: Store) -> bool:
    """Whether the store is empty, or has nothing but sample discussions, some of which may be missing."""
    with store.database.read() as connection:
        return connection.execute(select(article.c.id).where(article.c.site != SITE).limit(1)).first() is None


def fill_demo(store: Store, scorer: Scorer, samples: Iterable[tuple[str, Discussion]]) -> int:
    """Store sample discussions and return how many comments that made; what is there already is not scored again."""
    return sum(take_in(store, scorer, SITE, discussion, section=topic).new for topic, discussion in samples)


def demo_discussions() -> Iterator[tuple[str, Discussion]]:
    """The topic, which serves as the section, and the discussion of every sample, in the order of their file."""
    with SAMPLES.open(encoding="utf-8") as lines:
        for line in lines:
            sample = json.loads(line)
            yield sample["topic"], _discussion(sample)


def _discussion(sample: dict[str, Any]) -> Discussion:
    article = Article(
        title=sample["title"],
        paragraphs=tuple(sample["paragraphs"]),
        byline=sample["byline"],
        published=sample["published"],
        url=f"https://{SITE}/{sample['topic']}/{sample['id']}",
    )
    comments = (
        Comment(one["id"], one["text"], one["author"], one["published"], one["parent_id"]) for one in sample["comments"]
    )
    return Discussion(article, tuple(comments), source=str(SAMPLES.name), format="json")
