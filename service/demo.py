"""The demonstration: the project's own sample discussions in an empty store, scored by the real model."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from data.records import Article, Comment, Discussion
from model.scores import Scorer
from service.store import Store
from service.store.discussions import is_empty
from service.store.intake import take_in

SAMPLES = Path(__file__).resolve().parent.parent / "data" / "demo" / "discussions.jsonl"
SITE = "demo.example"


def fill_demo(store: Store, scorer: Scorer) -> int:
    """Store every sample discussion and return how many comments that made; a store in use stays as it is."""
    if not is_empty(store.database):
        return 0
    samples = demo_discussions()
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
