"""Reads articles, each once for all of its comments; titles without a text together with kindred headlines.

A network of this size reads some 190 words at once, and a comment may be about any of an article's. So a text is read
passage by passage as well, up to four of them, and a comment's relevance is that to the title with the beginning and
that to the likeliest passages, half and half (`model.topics.relevance`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from data.records import Article
from model.headlines import HeadlineBank, around, as_text, kindred
from model.tokens import Tokeniser
from model.topics import ArticleTopics, Kept, Topics

WORDS_KEPT = 65_536  # of the articles read last, some 600 bytes each: a title has 12, a long article 1,270
HEADLINES_KEPT = 4096  # and of the bank's own, some 10 kB each: an archive's titles share most of theirs
TITLES_KEPT = 16384  # of which it is known what to read them with, at most 1 kB each
TOGETHER = 64  # titles whose candidates, some 30 headlines of 10 kB each, are in memory at once
AT_ONCE = 128  # articles that comments are compared with at once, at most 0.8 MB each
TITLE = 300  # characters: a longer one is a text that stands in the place of the title
Told = tuple[str, str]  # title and text
Read = Callable[[Sequence[list[int]]], list[Topics]]  # token ids of texts -> what each is about
Compare = Callable[[Sequence[tuple[Topics, Topics]]], NDArray[np.float32]]  # article and comment -> logits (N,)


@dataclass(frozen=True, slots=True)
class Beside:
    """What a title without a text is read with: kindred headlines as its `text`, and beside it those `around` it."""

    text: str = ""
    around: tuple[str, ...] = ()


NOTHING = Beside()


class Articles:
    """What articles are about, by the network that `read` and `compare` run; safe between threads."""

    def __init__(self, tokeniser: Tokeniser, read: Read, compare: Compare, bank: HeadlineBank | None) -> None:
        self._tokeniser, self._read, self._compare, self._bank = tokeniser, read, compare, bank
        self._kept: Kept[Told, ArticleTopics] = Kept(WORDS_KEPT, lambda article: article.size)
        self._headlines: Kept[str, Topics] = Kept(HEADLINES_KEPT)
        self._beside: Kept[str, Beside] = Kept(TITLES_KEPT)

    def topics(self, articles: Sequence[Article | None]) -> list[ArticleTopics | None]:
        """Return what each article is about, None for one without title and text; each is read once for all calls."""
        known = [told(article) for article in articles]
        found = self._kept.made([words for words in dict.fromkeys(known) if words is not None], self._as_served)
        return [None if words is None else found[words] for words in known]

    def _as_served(self, known: Sequence[Told]) -> Iterator[ArticleTopics]:
        """Read articles, titles without a text with what the bank has on their subject."""
        for start in range(0, len(known), TOGETHER):
            part = known[start : start + TOGETHER]
            alone = [title for title, text in part if self._bank and not text]
            beside = self._beside.made(list(dict.fromkeys(alone)), self._found)
            whole = self._as_told([(title, text or beside.get(title, NOTHING).text) for title, text in part])
            nearby = [() if text else beside.get(title, NOTHING).around for title, text in part]
            weight = self._bank.weight if self._bank else 0.0
            for article, passages, headlines in zip(whole, self._passages(part), nearby, strict=True):
                yield ArticleTopics(article, passages, self._about(headlines), weight)

    def _about(self, headlines: Sequence[str]) -> tuple[Topics, ...]:
        about = self._headlines.made(headlines, self._titles)
        return tuple(about[headline] for headline in headlines)

    def _passages(self, known: Sequence[Told]) -> list[tuple[Topics, ...]]:
        """Read the texts of articles passage by passage: none where the whole is the only passage."""
        found = [self._tokeniser.passages(text) if text else [] for _, text in known]
        wanted = [ids if title or len(ids) > 1 else [] for (title, _), ids in zip(known, found, strict=True)]
        topics = iter(self._read([ids for passages in wanted for ids in passages]))
        return [tuple(next(topics) for _ in passages) for passages in wanted]

    def _as_told(self, known: Sequence[Told]) -> list[Topics]:
        return self._read([self._tokeniser.article(*words) for words in known])

    def _titles(self, titles: Sequence[str]) -> list[Topics]:
        return self._as_told([(title, "") for title in titles])

    def _found(self, titles: Sequence[str]) -> Iterator[Beside]:
        """Yield what is read with each title: headlines of the bank that the network finds most relevant to it."""
        topics = self._titles(titles)
        candidates = [self._candidates(title, one) for title, one in zip(titles, topics, strict=True)]
        about = self._headlines.made(sorted({headline for found in candidates for headline in found}), self._titles)
        for found, one in zip(candidates, topics, strict=True):
            pairs = [(one, about[headline]) for headline in found]
            logits = self._compare(pairs).tolist() if pairs else ()
            weighed = self._bank is not None and self._bank.weight > 0
            yield Beside(as_text(kindred(found, logits)), tuple(around(found, logits)) if weighed else ())

    def _candidates(self, title: str, topics: Topics) -> list[str]:
        return self._bank.nearest(title, topics.vector) if self._bank else []


def told(article: Article | None) -> Told | None:
    """What is known of an article, None when that is nothing; a text in the place of the title is told as one."""
    title, text = ((article.title or "").strip(), article.text.strip()) if article else ("", "")
    known = ("", title) if len(title) > TITLE and not text else (title, text)
    return known if any(known) else None


def few_at_once(articles: Sequence[Article | None]) -> Iterator[slice]:
    """Yield slices of what stands below these articles, of few enough different ones to be in memory at once."""
    start, seen = 0, set[Article | None]()
    for place, article in enumerate(articles):
        if article not in seen and len(seen) == AT_ONCE:
            yield slice(start, place)
            start, seen = place, set()
        seen.add(article)
    yield slice(start, len(articles))
