"""A view of the queue lives in the URL: every filter has a parameter, and what makes no sense counts as not given."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from model.scores import ATTRIBUTES
from service.store.filters import LONGEST_SEARCH, SORTS, Filter, Queue, Range

# names of the parameters of the first and the second range of scores
RANGES = (("a", "lo", "hi"), ("b", "blo", "bhi"))
PAST = {"approve": "approved", "reject": "rejected", "defer": "deferred", "undo": "put back"}
# What was done, to how many, how many were left, and a decision that names the act to undo.
_SAID = re.compile(rf"({'|'.join(PAST)})-(\d{{1,5}})-(\d{{1,5}})(?:-(\d{{1,10}}))?")
LARGEST = 2**31 - 1  # of any number of a row; PostgreSQL's integer


@dataclass(frozen=True, slots=True)
class View:
    """The parameters of one page of a queue."""

    parameters: Mapping[str, str]

    @property
    def filter(self) -> Filter:
        given = self.parameters
        return Filter(
            queue=Queue(given["queue"]) if given.get("queue") in set(Queue) else Queue.WAITING,
            sort=given["sort"] if given.get("sort") in SORTS else "urgency",
            site=given.get("site", ""),
            section=given.get("section", ""),
            article=row_number(given.get("article")),
            by=row_number(given.get("by")),
            search=given.get("q", "").strip()[:LONGEST_SEARCH],
            ranges=tuple(one for names in RANGES if (one := _range(given, *names)) is not None),
        )

    @property
    def notice(self) -> str:
        """What the last act on many comments did; the URL holds numbers only, so that no link can say other words."""
        said = self._said
        if said is None:
            return ""
        verb, done, left = PAST[said[1]], int(said[2]), int(said[3])
        words = f"{done} {'comment' if done == 1 else 'comments'} {verb}."
        return words + (f" {left} had been changed by somebody else meanwhile and were left alone." if left else "")

    @property
    def act(self) -> int | None:
        """The decision that names the last act on many comments, for undoing it."""
        return row_number(self._said[4]) if self._said else None

    @property
    def _said(self) -> re.Match[str] | None:
        return _SAID.fullmatch(self.parameters.get("said", ""))

    @property
    def after(self) -> str | None:
        return self.parameters.get("after")

    def url(self, path: str = "/", **changes: str | float | None) -> str:
        """The same view with some parameters changed; None takes one away, and the page starts anew."""
        merged = {**self.parameters, "after": None, "done": None, "said": None, **changes}
        kept = {name: str(value) for name, value in merged.items() if value not in (None, "")}
        return f"{path}?{urlencode(kept)}" if kept else path

    def hidden(self, *without: str) -> list[tuple[str, str]]:
        """The parameters that a form carries along."""
        left_out = {*without, "after", "done", "said"}
        return [(name, value) for name, value in self.parameters.items() if name not in left_out and value]


def view_of(parameters: Mapping[str, str]) -> View:
    """Keep the known parameters of a query."""
    plain = ("queue", "sort", "site", "section", "article", "by", "q", "after", "done", "said")
    known = (*plain, *(name for names in RANGES for name in names))
    return View({name: parameters[name].replace("\0", "") for name in known if name in parameters})


def probability(text: str | None, default: float) -> float:
    """A number from 0 to 1, or the default."""
    try:
        number = float(text or "")
    except ValueError:
        return default
    return min(max(number, 0.0), 1.0) if number == number else default  # not a number is not itself


def _range(given: Mapping[str, str], attribute: str, low: str, high: str) -> Range | None:
    if given.get(attribute) not in ATTRIBUTES:
        return None
    ends = probability(given.get(low), 0.0), probability(given.get(high), 1.0)
    return Range(given[attribute], min(ends), max(ends))


def id_and_version(text: str) -> tuple[int, int] | None:
    """A comment and the version of it that a page shows, written `12:3`, or None for anything else."""
    first, _, second = text.partition(":")
    number, version = row_number(first), row_number(second)
    return None if number is None or version is None else (number, version)


def row_number(text: str | None) -> int | None:
    """The number of a row, or None for anything else."""
    if text is None or not text.isascii() or not text.isdecimal() or len(text) > 10 or int(text) > LARGEST:
        return None
    return int(text)
