"""How often the author, the date and the parent of a matched comment are right, where the gold has them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from data.dates import iso_date
from data.records import Comment

_FORM = re.compile(r"posting\.php\?mode=")  # on one page the gold holds the quote button for each of 49 posts
_CHARS = re.compile(r"[^\w]+")


class FieldCounts:
    """Right and asked-for, per field."""

    def __init__(self) -> None:
        self.right = {"author": 0, "date": 0, "parent": 0}
        self.asked = {"author": 0, "date": 0, "parent": 0}

    def add(self, field: str, right: bool) -> None:
        self.asked[field] += 1
        self.right[field] += right

    def accuracy(self, field: str) -> float | None:
        return self.right[field] / self.asked[field] if self.asked[field] else None


def count_fields(
    counts: FieldCounts, found: Sequence[Comment], gold: Sequence[Mapping[str, Any]], matched: Mapping[int, int]
) -> None:
    """Add the fields of every matched pair of one page; `matched` maps indices of `found` to those of `gold`."""
    nested = any(comment.get("parent") for comment in gold)
    gold_of = {found[i].id: gold[j].get("id") for i, j in matched.items()}
    for i, j in matched.items():
        mine, theirs = found[i], gold[j]
        if theirs.get("author") and not _names_nobody(str(theirs["author"]), first=mine.id == "first"):
            counts.add("author", same_author(mine, str(theirs["author"])))
        expected = iso_date(str(theirs["created"])) if theirs.get("created") else None
        if expected:
            counts.add("date", same_date(mine.published, expected))
        if nested and theirs.get("id"):
            parent = gold_of.get(mine.parent_id) if mine.parent_id else None
            expected_parent = theirs.get("parent") if theirs.get("parent") != gold_of.get("first") else None
            counts.add("parent", parent == expected_parent)


def _names_nobody(author: str, *, first: bool) -> bool:
    """Tell gold that cannot be compared: the address of a form, and any address beside an article's byline."""
    return bool(_FORM.search(author)) or (first and _is_address(author))


def same_author(mine: Comment, theirs: str) -> bool:
    """Compare names without case and punctuation; some gold holds the address of the profile instead."""
    if _is_address(theirs):
        address = str(mine.extra.get("author_url") or "")
        return bool(address) and _path(address) == _path(theirs)
    return _CHARS.sub("", mine.author or "").casefold() == _CHARS.sub("", theirs).casefold()


def _is_address(author: str) -> bool:
    return ("/" in author or ".php" in author) and " " not in author


def _path(address: str) -> str:
    """Return an address without its host, its dots and its slashes at either end."""
    return re.sub(r"^https?://[^/]+", "", address).strip("./")


def same_date(mine: str | None, theirs: str) -> bool:
    """Compare as far as both are exact, to the minute at most; a zone that only one side has allows 14 hours."""
    if not mine:
        return False
    length = min(len(mine), len(theirs), 16)
    if mine[:length] == theirs[:length]:
        return True
    if _zoned(mine) == _zoned(theirs) or length < 10:
        return False
    apart = datetime.fromisoformat(mine[:16]) - datetime.fromisoformat(theirs[:16])
    return abs(apart.total_seconds()) <= (14 if length > 10 else 24) * 3600


def _zoned(date: str) -> bool:
    return len(date) > 16 and (date.endswith("Z") or "+" in date or date[-6] == "-")
