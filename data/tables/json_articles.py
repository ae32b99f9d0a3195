"""Articles with their comments among the objects of a JSON list or of JSON Lines: told from comments with answers."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Set
from typing import Any

from data.tables.columns import USUAL
from data.tables.json_files import Record

_TITLES = ("title", "headline", "article_title")
_TEXTS = ("article_text", *USUAL["text"])
_ANSWERS = re.compile("repl|answer|child|comment|respon", re.IGNORECASE)  # not lists of marks, tags or links
_COMMENTS = re.compile("comment", re.IGNORECASE)
_PARENTS = frozenset(USUAL["parent"])


def names_in(record: Record) -> set[str]:
    """Return the names of an object's values in small letters."""
    return {name.lower() for name in record}


def answers_in(record: Record) -> list[Any]:
    """Return what is in the lists of an object that are named after answers or comments."""
    return [one for _, values in _lists(record, _ANSWERS) for one in values]


def _lists(record: Record, named: re.Pattern[str]) -> Iterator[tuple[str, list[Any]]]:
    """Yield the lists of these names, and those in an object that has the name."""
    for name, value in record.items():
        if named.search(name):
            found = value.values() if isinstance(value, dict) else (value,)
            yield from ((name.lower(), values) for values in found if isinstance(values, list))


def is_named(path: str) -> bool:
    """Whether a list is named after comments."""
    return _COMMENTS.search(path) is not None


def is_article(own: Set[str], inner: Set[str], text_names: Collection[str]) -> bool:
    """Tell an article by its names and those of the objects in its list of comments: it has a title, or no such text.

    What names a parent is a comment.
    """
    texts = inner & set(text_names)
    return bool(texts) and own.isdisjoint(_PARENTS) and (not own.isdisjoint(_TITLES) or own.isdisjoint(texts))


class Articles:
    """Tells articles record by record; once there was one (`seen`), those without comments are known as well.

    In a list that is named after comments there are none.
    """

    def __init__(self, text_names: Collection[str], *, seen: bool = False, none: bool = False) -> None:
        self.text_names, self.seen, self.none = text_names, seen, none

    def look(self, records: Iterable[Record]) -> None:
        """See whether there are any, before the first record is judged."""
        self.seen = any(self.comments_of(record) is not None for record in records)

    def comments_of(self, record: Record) -> list[Any] | None:
        """Return the comments of an article, whatever they are; None for what is a comment itself."""
        if self.none:
            return None
        own = names_in(record)
        inner = set().union(*(self._names(values) for _, values in _lists(record, _COMMENTS)))
        if not is_article(own, inner, self.text_names) and not (self.seen and self._is_silent(record, own, inner)):
            return None
        self.seen = True
        lists = _lists(record, _ANSWERS)  # below an article an answer is a comment
        return [one for name, values in lists if name == "comments" or self._has_text(values) for one in values]

    def _names(self, values: list[Any]) -> set[str]:
        """Return the names in the objects of a list; a bare text has that of every text."""
        found = [names_in(one) for one in values if isinstance(one, dict)]
        return set().union(*found, self.text_names if any(isinstance(one, str) for one in values) else ())

    def _has_text(self, values: list[Any]) -> bool:
        """Tell comments from their authors, marks or numbers."""
        return any(isinstance(one, dict) and not names_in(one).isdisjoint(self.text_names) for one in values)

    def _is_silent(self, record: Record, own: set[str], inner: set[str]) -> bool:
        """Tell an article without any comment from a comment among articles."""
        titled = not own.isdisjoint(_TITLES) or any(map(is_named, record))
        return titled and not inner and own.isdisjoint(_PARENTS)


def article_cell(record: Record, column: str | None) -> str | None:
    """Return what a column of the article holds, else its title in one line and its text below."""
    if column is not None:
        return _words(record.get(column))
    about = next((value for name, value in record.items() if isinstance(value, dict) and "article" in name.lower()), {})
    title, text = _first(_TITLES, record, about), _first(_TEXTS, record, about)
    return "\n".join(filter(None, (" ".join((title or "").split()), text))) or None


def _first(wanted: Collection[str], *records: Record) -> str | None:
    found = ({name.lower(): value for name, value in record.items()} for record in records)
    return next((words for values in found for name in wanted if (words := _words(values.get(name)))), None)


def _words(value: object) -> str | None:
    """Return a text, or the paragraphs of a list as one."""
    if isinstance(value, list):
        return "\n".join(one for one in value if isinstance(one, str)) or None
    return value if isinstance(value, str) else None
