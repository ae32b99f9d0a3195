"""How often the author, the date and the parent of a matched comment are right, where the gold has them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from data.dates import iso_date
from data.records import Comment

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
        if theirs.get("author") and not (mine.id == "first" and "/" in str(theirs["author"])):
            counts.add("author", same_author(mine, str(theirs["author"])))
        expected = iso_date(str(theirs["created"])) if theirs.get("created") else None
        if expected:
            counts.add("date", same_date(mine.published, expected))
        if nested and theirs.get("id"):
            parent = gold_of.get(mine.parent_id) if mine.parent_id else None
            counts.add("parent", parent == theirs.get("parent"))


def same_author(mine: Comment, theirs: str) -> bool:
    """Compare names without case and punctuation; some gold holds the address of the profile instead."""
    if "/" in theirs and " " not in theirs:
        address = str(mine.extra.get("author_url") or "")
        return address.rstrip("/").endswith(theirs.rstrip("/").split("//")[-1].split("/", 1)[-1]) and bool(address)
    return _CHARS.sub("", mine.author or "").casefold() == _CHARS.sub("", theirs).casefold()


def same_date(mine: str | None, theirs: str) -> bool:
    """Compare as far as both are exact, to the minute at most; zones that only one side has are left out."""
    if not mine:
        return False
    length = min(len(mine), len(theirs), 16)
    return mine[:length] == theirs[:length]
