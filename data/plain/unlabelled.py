"""Names of authors that no label tells: on the line of a comment's time, or right above it, as on most of the dump."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import takewhile

from data.plain.headers import name_on
from data.plain.lines import Line, SourceLine
from data.plain.marks import is_name
from data.plain.posts import Post

SHARE = 0.8  # of the comments with a time that must have a name at the same place, and of the known names it must give
Names = Sequence[str]  # those that a header may mean, the nearest to its time first


@dataclass(frozen=True, slots=True)
class Header:
    """The lines above a comment that belong to no other, the nearest first, and which of them says its time."""

    lines: Sequence[SourceLine]
    dated: int | None


def with_names(posts: Sequence[Post], headers: Sequence[Header]) -> list[Post]:
    """Return the comments with the names that were missing, where headers are regular enough to tell them."""
    for read in (_on_line, _above):
        names = [read(header, post.raw) for header, post in zip(headers, posts, strict=True)]
        if _is_regular(posts, headers, names):
            return _filled(posts, names)
    return list(posts)


def _on_line(header: Header, raw: str | None) -> Names:
    name = None if header.dated is None else name_on(header.lines[header.dated].text, raw)
    return [name] if name else []


def _above(header: Header, raw: str | None) -> Names:
    """Return the name above a time; before it that of the author, where the nearer one is answered."""
    if header.dated is None:
        return []
    above = [line for line in header.lines[header.dated + 1 :] if line.kind is not Line.RULE][:2]
    return [line.text for line in takewhile(lambda line: is_name(line.text) and line.kind is not Line.CONTROL, above)]


def _is_regular(posts: Sequence[Post], headers: Sequence[Header], names: Sequence[Names]) -> bool:
    dated = sum(header.dated is not None for header in headers)
    named = [(post.author, found[0]) for post, found in zip(posts, names, strict=True) if found]
    known = [author == name for author, name in named if author]
    single = 2 * sum(len(found) == 1 for found in names) > len(named)  # else the nearer line is a place or a rank
    return len(named) >= max(2, SHARE * dated) and single and sum(known) >= SHARE * len(known)


def _filled(posts: Sequence[Post], names: Sequence[Names]) -> list[Post]:
    earlier: set[str | None] = set()
    filled: list[Post] = []
    for post, found in zip(posts, names, strict=True):
        name = found[-1] if found and found[0] in earlier else next(iter(found), None)
        filled.append(replace(post, author=post.author or name))
        earlier.add(filled[-1].author)
    return filled
