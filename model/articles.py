"""Reads articles, each once for all of its comments; titles without a text together with kindred headlines."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from data.records import Article
from model.headlines import HeadlineBank, as_text, kindred
from model.tokens import Tokeniser
from model.topics import KeptTopics, Topics

ARTICLES_KEPT = 256  # topics of the articles read last: at most 140 kB each
HEADLINES_KEPT = 4096  # and of the bank's own, some 10 kB each: an archive's titles share most of theirs
TOGETHER = 64  # titles whose candidates, some 30 headlines of 10 kB each, are in memory at once
TITLE = 300  # characters: a longer one is a text that stands in the place of the title
Told = tuple[str, str]  # title and text
Known = dict[Told, Topics]
Read = Callable[[Sequence[list[int]]], list[Topics]]  # token ids of texts -> what each is about
Compare = Callable[[Sequence[tuple[Topics, Topics]]], NDArray[np.float32]]  # article and comment -> logits (N,)


class Articles:
    """What articles are about, by the network that `read` and `compare` run; safe between threads."""

    def __init__(self, tokeniser: Tokeniser, read: Read, compare: Compare, bank: HeadlineBank | None) -> None:
        self._tokeniser, self._read, self._compare, self._bank = tokeniser, read, compare, bank
        self._kept, self._headlines = KeptTopics(ARTICLES_KEPT), KeptTopics(HEADLINES_KEPT)

    def topics(self, articles: Sequence[Article | None]) -> list[Topics | None]:
        """Return what each article is about, None for one without title and text; each is read once for all calls."""
        known = [told(article) for article in articles]
        wanted = [words for words in dict.fromkeys(known) if words is not None]
        found = _once(self._kept, wanted, self._fresh)
        return [None if words is None else found[words] for words in known]

    def _fresh(self, known: Sequence[Told]) -> Iterator[Topics]:
        for start in range(0, len(known), TOGETHER):
            part = known[start : start + TOGETHER]
            topics = self._as_told(part)
            if self._bank is not None:
                alone = [at for at, (title, text) in enumerate(part) if not text.strip() and len(title) <= TITLE]
                titles = [part[at][0] for at in alone]
                read = self._with_kindred(titles, [topics[at] for at in alone], self._bank)
                for at, one in zip(alone, read, strict=True):
                    topics[at] = one
            yield from topics

    def _as_told(self, known: Sequence[Told]) -> list[Topics]:
        return self._read([self._tokeniser.article(*words) for words in known])

    def _with_kindred(self, titles: Sequence[str], topics: Sequence[Topics], bank: HeadlineBank) -> list[Topics]:
        """Read titles again, with those headlines of the bank that the network finds most relevant to them."""
        candidates = [bank.nearest(title, one.vector) for title, one in zip(titles, topics, strict=True)]
        names = sorted({headline for found in candidates for headline in found})
        about = _once(self._headlines, [(name, "") for name in names], self._as_told)
        read = list(topics)
        for at, (title, found) in enumerate(zip(titles, candidates, strict=True)):
            pairs = [(topics[at], about[headline, ""]) for headline in found]
            if chosen := kindred(found, self._compare(pairs).tolist() if pairs else ()):
                read[at] = self._as_told([(title, as_text(chosen))])[0]
        return read


def _once(kept: KeptTopics, wanted: Sequence[Told], read: Callable[[Sequence[Told]], Iterable[Topics]]) -> Known:
    """Return the topics of what is wanted, read where they are not kept, and keep them."""
    found = {words: topics for words in wanted if (topics := kept.get(words)) is not None}
    fresh = [words for words in wanted if words not in found]
    found |= dict(zip(fresh, read(fresh), strict=True))
    kept.update(found)
    return found


def told(article: Article | None) -> Told | None:
    """What is known of an article, title and text; None when that is nothing."""
    words = (article.title or "", article.text) if article else ("", "")
    return words if "".join(words).strip() else None
