"""What a report counts, in one pass over an archive of any size and in bounded memory."""

from __future__ import annotations

import heapq
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from hashlib import blake2b
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from data.dates import iso_date
from data.exports.texts import iso
from model.scores import ATTRIBUTES
from service.policy import BELOW, DEFAULT_THRESHOLDS
from service.report.settling import Row

BINS = 100  # of a distribution
ROUNDED = 6  # decimals of a score times the bins: more than scores have, fewer than floating point errs by
GRID = 20  # of sarcasm against toxicity
MOST_GROUPS = 50_000  # articles, sources or months that are told apart
EXAMPLES = 5  # per attribute
EXAMPLE_CHARS = 600
OTHER_SECTION = "other or unknown"
LEAST_THREAD = 5  # comments from which a thread can be among the most toxic

_DAY = re.compile(r"(\d{4}-\d\d)(-\d\d)?(?![\d-])")

Counts = NDArray[np.int64]


@dataclass(slots=True)
class Group:
    """What is counted per article, source or month."""

    comments: int = 0
    reviewed: int = 0
    scored: int = 0
    rated: Counter[str] = field(default_factory=Counter)  # comments that have a score, by attribute
    crossed: Counter[str] = field(default_factory=Counter)

    def add(self, row: Row) -> None:
        """Count one comment."""
        self.comments += 1
        self.reviewed += row["recommendation"] == "review"
        rated = [name for name in ATTRIBUTES if row[name] is not None]
        self.scored += bool(rated)
        self.rated.update(rated)
        self.crossed.update(crossings(row))

    def share(self, attribute: str) -> float:
        """Share of the comments with a score of this attribute that cross its threshold."""
        return self.crossed[attribute] / self.rated[attribute] if self.rated[attribute] else 0.0

    @property
    def review_share(self) -> float:
        """Share of the comments that are recommended for review."""
        return self.reviewed / self.comments if self.comments else 0.0


@dataclass(frozen=True, slots=True, order=True)
class Example:
    """A comment that scores high, ordered by score; equal scores by a digest, not by chance."""

    score: float
    order: bytes
    text: str = field(compare=False)
    article: str | None = field(compare=False)


def crossings(row: Row) -> Iterator[str]:
    """Yield the attributes whose default threshold a comment crosses."""
    for name, threshold in DEFAULT_THRESHOLDS.items():
        score = row[name]
        if score is not None and (score <= threshold if name in BELOW else score >= threshold):
            yield name


@dataclass(slots=True)
class Totals:
    """Everything that the report shows."""

    whole: Group = field(default_factory=Group)
    bins: dict[str, Counts] = field(default_factory=lambda: {name: np.zeros(BINS, np.int64) for name in ATTRIBUTES})
    grid: Counts = field(default_factory=lambda: np.zeros((GRID, GRID), np.int64))
    languages: Counter[str] = field(default_factory=Counter)
    versions: Counter[str] = field(default_factory=Counter)
    months: dict[str, Group] = field(default_factory=dict)
    days: dict[str, Group] = field(default_factory=dict)
    articles: dict[str, Group] = field(default_factory=dict)
    sources: dict[str, Group] = field(default_factory=dict)
    sections: dict[str, Group] = field(default_factory=dict)
    section_of: Mapping[str, str] = field(default_factory=dict)  # by the article's title
    examples: dict[str, list[Example]] = field(default_factory=lambda: {name: [] for name in ATTRIBUTES})
    overflow: int = 0  # comments of articles beyond `MOST_GROUPS`

    @property
    def attributes(self) -> tuple[str, ...]:
        """The attributes that any comment of the archive has a score of."""
        return tuple(name for name in ATTRIBUTES if self.whole.rated[name])

    def add(self, rows: Sequence[Row]) -> None:
        """Count a batch."""
        for row in rows:
            self._count(row)
        for name in ATTRIBUTES:
            scores = np.array([row[name] for row in rows if row[name] is not None], np.float64)
            self.bins[name] += np.bincount(_bin(scores, BINS), minlength=BINS)
        pairs = [(row["toxicity"], row["sarcasm"]) for row in rows]
        both = np.array([pair for pair in pairs if None not in pair], np.float64).reshape(-1, 2)
        np.add.at(self.grid, (_bin(both[:, 0], GRID), _bin(both[:, 1], GRID)), 1)

    def _count(self, row: Row) -> None:
        self.whole.add(row)
        self.languages[row.get("language") or "unknown"] += 1
        self.versions[row.get("model_version") or "unknown"] += 1
        if published := _date(row.get("published")):
            self._group(self.months, published[:7]).add(row)
            if len(published) >= 10:
                self._group(self.days, published[:10]).add(row)
        title = row.get("article_title")
        if title:
            self._group(self.articles, title).add(row)
        if self.section_of:
            self._group(self.sections, self.section_of.get(title or "", OTHER_SECTION)).add(row)
        if source := row.get("source"):
            self._group(self.sources, source).add(row)
        for name in ATTRIBUTES:
            self._keep_example(name, row)

    def _group(self, groups: dict[str, Group], key: str) -> Group:
        found = groups.get(key)
        if found is None:
            if len(groups) >= MOST_GROUPS:
                self.overflow += 1
                return Group()
            found = groups[key] = Group()
        return found

    def _keep_example(self, name: str, row: Row) -> None:
        score = row[name]
        if score is None:
            return
        score = 1 - score if name in BELOW else score
        kept = self.examples[name]
        if len(kept) == EXAMPLES and score < kept[0].score:
            return
        text = row["text"][:EXAMPLE_CHARS]
        if any(example.text == text for example in kept):
            return
        example = Example(
            score, blake2b(text.encode("utf-8", "replace"), digest_size=8).digest(), text, row.get("article_title")
        )
        if len(kept) < EXAMPLES:
            heapq.heappush(kept, example)
        else:
            heapq.heappushpop(kept, example)

    def periods(self) -> dict[str, Group]:
        """Return months in order, or days where there are few months."""
        chosen = self.days if len(self.months) <= 3 and len(self.days) <= 100 else self.months
        return dict(sorted(chosen.items()))

    def review_shares(self, attribute: str) -> NDArray[np.float64]:
        """Return, for the thresholds 0, 0.01 ... 1, the share of comments that each alone would send to review."""
        counts = self.bins[attribute]
        total = max(int(counts.sum()), 1)
        if attribute in BELOW:
            return np.concatenate(([0], np.cumsum(counts))) / total
        return np.concatenate((np.cumsum(counts[::-1])[::-1], [0])) / total

    def toxic_threads(self, most: int = 15) -> list[tuple[str, Group]]:
        """The articles with the largest share of toxic comments, among those with enough comments."""
        enough = [(title, group) for title, group in self.articles.items() if group.comments >= LEAST_THREAD]
        return sorted(enough, key=lambda pair: (-pair[1].share("toxicity"), -pair[1].comments, pair[0]))[:most]

    def largest(self, groups: Mapping[str, Group], most: int = 15) -> list[tuple[str, Group]]:
        """The groups with the most comments."""
        return sorted(groups.items(), key=lambda pair: (-pair[1].comments, pair[0]))[:most]

    def ranked_examples(self, attribute: str) -> list[Example]:
        """The kept examples, the strongest first."""
        return sorted(self.examples[attribute], reverse=True)


def totals_of(batches: Iterable[Sequence[Row]], section_of: Mapping[str, str] = MappingProxyType({})) -> Totals:
    """Count an archive; `section_of` names the section of an article by its title."""
    totals = Totals(section_of=section_of)
    for batch in batches:
        totals.add(batch)
    return totals


def _bin(scores: NDArray[np.float64], bins: int) -> NDArray[np.int64]:
    """Return the bin of each score; 0.29 is in the 29th of 100, although 0.29 * 100 is a little less than 29."""
    return np.clip(np.round(scores * bins, ROUNDED).astype(np.int64), 0, bins - 1)


def _date(published: str | None) -> str | None:
    """Return the date as ISO 8601, or None where it is not clear or there is no such day."""
    if not published:
        return None
    if found := _DAY.match(published):
        return found[0] if _is_day(found[1] + (found[2] or "-01")) else None
    return iso(published) or iso_date(published)


def _is_day(day: str) -> bool:
    try:
        date.fromisoformat(day)
    except ValueError:
        return False
    return True
