"""Reads articles, each once for all of its comments; titles without a text together with kindred headlines.

A network of this size reads some 190 words at once, and a comment may be about any of an article's. So a text is read
passage by passage as well, up to four of them, and a comment's relevance is that to the title with the beginning and
that to the likeliest passages, half and half (`model.topics.ArticleTopics`); of a text without a title the beginning is
the first passage.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from data.records import Article
from model.headlines import HeadlineBank, around, as_text, kindred
from model.tokens import PASSAGES_CHARS, Tokeniser
from model.topics import ArticleTopics, Kept, Topics

LONG = 5 * 256  # words of an article with a long text, all readings together
WORDS_KEPT = 128 * LONG  # of the articles read last, some 540 bytes each: 90 MB of long articles
SHORT = 192  # words of a title with what it is read with and the headlines around it, commonly
HEADLINES_KEPT = 4096  # and of the bank's own, some 10 kB each: an archive's titles share most of theirs
TITLES_KEPT = 16384  # of which it is known what to read them with, at most 1 kB each
TOGETHER = 64  # titles whose candidates, some 30 headlines of 10 kB each, are in memory at once
TITLE = 300  # characters: a longer one is a text that stands in the place of the title
Told = tuple[str, str]  # title and text
Passages = tuple[tuple[Topics, ...], tuple[float, ...]]  # with the share of each that is new
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
        known = {article: told(article) for article in dict.fromkeys(articles)}
        wanted = dict.fromkeys(words for words in known.values() if words is not None)
        found = self._kept.made(list(wanted), self._as_served)
        return [None if (words := known[article]) is None else found[words] for article in articles]

    def _as_served(self, known: Sequence[Told]) -> Iterator[ArticleTopics]:
        """Read articles, titles without a text with what the bank has on their subject."""
        for start in range(0, len(known), TOGETHER):
            part = known[start : start + TOGETHER]
            beside = self._beside.made([title for title, text in part if self._bank and not text], self._found)
            whole = self._as_told([(title, text or beside.get(title, NOTHING).text) for title, text in part])
            nearby = [() if text else beside.get(title, NOTHING).around for title, text in part]
            weight = self._bank.weight if self._bank else 0.0
            for article, further, headlines in zip(whole, self._passages(part, whole), nearby, strict=True):
                yield ArticleTopics(article, *further, self._about(headlines), weight)

    def _about(self, headlines: Sequence[str]) -> tuple[Topics, ...]:
        about = self._headlines.made(headlines, self._titles)
        return tuple(about[headline] for headline in headlines)

    def _passages(self, known: Sequence[Told], whole: Sequence[Topics]) -> list[Passages]:
        """Read the texts of articles passage by passage, with their shares: none where the whole is the only one."""
        found = [self._tokeniser.passages(text) if text else [] for _, text in known]
        further = [passages[0 if title else 1 :] for (title, _), passages in zip(known, found, strict=True)]
        topics = iter(self._read([ids for passages in further for ids, _ in passages]))
        read = []
        for (title, _), first, passages, more in zip(known, whole, found, further, strict=True):
            parts = tuple(next(topics) for _ in more)
            shares = tuple(share for _, share in passages)
            read.append(((parts if title else (first, *parts)), shares) if more else ((), ()))
        return read

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
    title, text = (_words(article.title or ""), _words(article.text)) if article else ("", "")
    known = ("", title) if len(title) > TITLE and not text else (title, text)
    return known if any(map(_says, known)) else None


def _says(text: str) -> bool:
    """Whether there is anything to see in a text."""
    return any(sign.isprintable() and not sign.isspace() for sign in text)


def _words(text: str) -> str:
    """As much of a text as is ever read, words apart by one blank."""
    return " ".join(text[: 2 * PASSAGES_CHARS].split())[:PASSAGES_CHARS]


def few_at_once(articles: Sequence[Article | None]) -> Iterator[list[int]]:
    """Yield the places of what stands below these articles, those of one article together, in parts of so few articles
    that what they are about fits into `WORDS_KEPT`.
    """
    below: dict[Article | None, list[int]] = {}
    for place, article in enumerate(articles):
        below.setdefault(article, []).append(place)
    part: list[int] = []
    words = 0
    for article, places in below.items():
        size = LONG if article and (article.paragraphs or len(article.title or "") > TITLE) else SHORT
        if part and words + size > WORDS_KEPT:
            yield part
            part, words = [], 0
        part += places
        words += size
    yield part
