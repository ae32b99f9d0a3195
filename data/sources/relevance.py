"""Sources that put comments under articles: a comment's own thread is on topic, another one is not."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from data.sources.examples import Example, Pairing
from data.sources.tables import csv_rows

OWN_THREAD = 0.9
_STANCES = {"unrelated": 0.04, "agree": 0.96, "disagree": 0.96, "discuss": 0.94}
_PROMOTION = re.compile(r"check\s+(?:out|it)|subscrib|my\s+(?:new\s+)?(?:channel|video|song)", re.IGNORECASE)


def neutralnews(folder: Path) -> Iterator[Example]:
    """Reddit threads about news with the linked article's title and text; moderators removed a part of them.

    Removed does not mean off-topic, so every comment counts as on the topic of its own thread.
    """
    threads = {row["submissionId"]: (row["title"], row["text"]) for row in csv_rows(folder / "threads.csv")}
    for row in csv_rows(folder / "comments.csv"):
        if row["submissionId"] in threads:
            title, text = threads[row["submissionId"]]
            yield Example(
                row["content"], "neutralnews", group=row["submissionId"], pairings=(Pairing(title, text, OWN_THREAD),)
            )


def arc(folder: Path) -> Iterator[Example]:
    """Room for Debate: reader comments beside debate headlines, by stance; unrelated ones are off topic."""
    bodies = {row["Body ID"]: row["articleBody"] for row in csv_rows(folder / "arc_bodies.csv")}
    pairings: dict[str, list[Pairing]] = {}
    for row in csv_rows(folder / "arc_stances.csv"):
        pairings.setdefault(row["Body ID"], []).append(Pairing(row["Headline"], "", _STANCES[row["Stance"]]))
    for body, found in pairings.items():
        own = next((pairing.title for pairing in found if pairing.relevance > 0.5), body)
        yield Example(bodies[body], "arc", group=own, pairings=tuple(found))


def youtube_spam(folder: Path) -> Iterator[Example]:
    """Comments under music videos: advertising is off topic. Pleas for clicks share one template: a third is kept."""
    titles = {row["video_id"]: row["video_title"] for row in csv_rows(folder / "video_contexts.csv")}
    pleas = 0
    for row in csv_rows(folder / "combined_data.csv"):
        spam, title = row["CLASS"] == "1", titles.get(row["video_id"], "")
        pleas += bool(_PROMOTION.search(row["CONTENT"]))
        if title and not (_PROMOTION.search(row["CONTENT"]) and pleas % 3):
            pairing = Pairing(title, "", 0.03 if spam else 0.85)
            yield Example(row["CONTENT"], "youtube_spam", group=row["video_id"], pairings=(pairing,))
