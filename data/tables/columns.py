"""Which column of a table holds what, whatever the table calls them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from data.tables.opening import InputError

USUAL = {  # what a column is called where the caller does not say
    "text": ("text", "comment_text", "comment", "body", "comment_body", "content", "message", "tweet"),
    "id": ("id", "comment_id"),
    "parent": ("parent_id", "parent", "parent_comment_id"),
    "article": ("article_title", "article_text"),  # not "article", which is often a number
    "author": ("author", "username", "user", "author_name", "user_name", "name"),
    "published": ("published", "created_at", "created", "created_utc", "timestamp", "date", "datetime"),
}
MOST_NAMES = 1_000  # of a table's objects, after which no other column is looked for
MOST_COLUMNS_NAMED = 12  # in an error


@dataclass(frozen=True, slots=True)
class Columns:
    """The names of the columns that hold what; None leaves the choice to `USUAL`."""

    text: str | None = None
    id: str | None = None
    article: str | None = None
    parent: str | None = None
    author: str | None = None
    published: str | None = None

    @property
    def named(self) -> bool:
        """Whether the caller named any column, which says that the input is a table."""
        return any((self.text, self.id, self.article, self.parent))

    def named_in(self, header: bytes) -> bool:
        """Whether the named text column occurs in a header line."""
        return self.text is not None and self.text.encode() in header


ANY_COLUMNS = Columns()


def text_names(text: str | None) -> tuple[str, ...]:
    """Return what the column with the text may be called, in small letters."""
    return (text.lower(),) if text else USUAL["text"]


class Choice:
    """Settles columns of objects of which none need have every name: what was found stays, the rest may turn up.

    A name that was asked for must stand in the first object or in the `head` of the file, else `InputError`.
    """

    def __init__(self, columns: Columns, head: bytes) -> None:
        ahead = [name for name in names_of(columns) if name and f'"{name}"'.encode() in head]
        self.chosen, self.names, self.settled = columns, dict.fromkeys(ahead), False

    def of(self, values: Mapping[str, Any]) -> Columns:
        new = not self.settled or (len(self.names) < MOST_NAMES and not values.keys() <= self.names.keys())
        if new:
            self.names |= dict.fromkeys(values)
            self.chosen, self.settled = choose(self.chosen, list(self.names)), True
        return self.chosen


def choose(columns: Columns, names: Sequence[str]) -> Columns:
    """Settle which column holds what; a name that was asked for must be there, and so must a text."""
    for asked in names_of(columns):
        if asked is not None and asked not in names:
            raise InputError(f'has no column "{asked}"; its columns are {_listed(names)}')
    taken = {name for name in names_of(columns) if name}
    found = {role: getattr(columns, role) or _usual(role, names, taken) for role in USUAL}
    if found["text"] is None:
        raise InputError(f"has no column that looks like text; name it with --text-column out of {_listed(names)}")
    return replace(columns, **found)


def names_of(columns: Columns) -> list[str | None]:
    """Return the columns' names in the order of `TableRow`'s roles: text, id, article, parent, author, time."""
    return [columns.text, columns.id, columns.article, columns.parent, columns.author, columns.published]


def _usual(role: str, names: Sequence[str], taken: set[str]) -> str | None:
    by_lower = {plain_name(name): name for name in reversed(names) if name not in taken}
    return next((by_lower[usual] for usual in USUAL[role] if usual in by_lower), None)


def plain_name(name: str) -> str:
    """Return a column's name as `USUAL` has it: "Comment Text" is `comment_text`."""
    return "_".join(name.lower().split())


def _listed(names: Sequence[str]) -> str:
    shown = ", ".join(f'"{name[:40]}"' for name in names[:MOST_COLUMNS_NAMED])
    return shown + (f" and {len(names) - MOST_COLUMNS_NAMED} more" if len(names) > MOST_COLUMNS_NAMED else "")
