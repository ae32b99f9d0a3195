"""From what a finder reports to comments: ids, parents, depths, and the article of a thread."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from data.identity import Identities
from data.page.records import Found, Section
from data.page.tree import split_quotes, xpath_of
from data.records import Block, Comment, Status


def settle(section: Section, url: str | None) -> tuple[Comment, ...]:
    """Return the comments of a section, with their own ids where the engine gives them."""
    identities = Identities(url)
    ids = [_identify(found, identities) for found in section.found]
    depths = _depths(section.found)
    return tuple(
        _comment(found, section, ids[index], None if found.parent is None else ids[found.parent], depths[index])
        for index, found in enumerate(section.found)
    )


def _comment(found: Found, section: Section, own_id: str, parent_id: str | None, depth: int) -> Comment:
    text, quotes = split_quotes(found.text)
    extra: dict[str, object] = {"method": section.method, "confidence": section.confidence}
    optional = {
        "xpath": xpath_of(found.element) if section.method != "json-ld" else None,
        "published_raw": found.date_raw,
        "author_url": found.author_url,
        "quotes": quotes,
    }
    extra |= {name: value for name, value in optional.items() if value} | found.extra
    status = Status(found.status) if found.status else None
    return Comment(own_id, text, found.author, found.published, parent_id, depth, status, extra)


def _identify(found: Found, identities: Identities) -> str:
    if found.engine_id and identities.take(found.engine_id):
        return found.engine_id
    return identities.digest([found.author, found.date_raw, found.text])


def _depths(found: Sequence[Found]) -> list[int]:
    depths: list[int] = []
    for item in found:
        known = item.parent is not None and item.parent < len(depths)
        depths.append(depths[item.parent] + 1 if known and item.parent is not None else item.depth or 0)
    return depths


def without_first(comments: Sequence[Comment]) -> tuple[Comment, ...]:
    """Take the first post out; what answers it moves up to the top level, and the rest with it."""
    first, *rest = comments
    risen = {first.id}
    kept = []
    for comment in rest:
        if comment.parent_id in risen:
            risen.add(comment.id)
            parent = None if comment.parent_id == first.id else comment.parent_id
            comment = replace(comment, parent_id=parent, depth=max(0, comment.depth - 1))
        kept.append(comment)
    return tuple(kept)


def blocks_of(section: Section | None, comments: Sequence[Comment]) -> tuple[Block, ...]:
    """Return where each comment stands in the page."""
    if section is None:
        return ()
    return tuple(
        Block("comment", comment.text, xpath=str(path), method=section.method, confidence=section.confidence)
        for comment in comments
        if (path := comment.extra.get("xpath"))
    )
