"""Comments that a page gives as JSON-LD of schema.org, and the times and names with which it completes others."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from lxml import etree

from data.dates import iso_date
from data.page.records import Found, Section
from data.page.tree import Element, render

MAX_SCRIPT = 3_000_000  # characters
MAX_DEPTH = 60
_SCRIPTS = etree.XPath("//script[@type='application/ld+json']")
_HOLDERS = ("comment", "comments", "suggestedAnswer", "acceptedAnswer")
_COMMENTS = frozenset({"Comment", "UserComments", "Answer"})
_TAG = re.compile(r"<[a-zA-Z/!][^<>]{0,500}>")


def linked_data(root: Element) -> list[Any]:
    """Return the JSON-LD objects of a page; what is broken or too large is passed over."""
    objects = []
    for script in _SCRIPTS(root):
        text = script.text or ""
        if not 2 < len(text) <= MAX_SCRIPT:
            continue
        try:
            objects.append(json.loads(text, strict=False))
        except (ValueError, RecursionError):
            continue
    return objects


def find_linked(root: Element, objects: list[Any]) -> Section | None:
    """Return the comments of the JSON-LD; answers count only on question pages, where people wrote them."""
    named = {name for node in nodes(objects) for name in types(node)}
    found: list[Found] = []
    for node in nodes(objects):
        for item, parent in _comments(node, None, 0):
            if "Answer" in types(item) and "FAQPage" in named:
                continue
            if (comment := _found(root, item)) is not None:
                comment.extra["_node"], comment.extra["_parent"] = id(item), parent
                found.append(comment)
    found = _settled(found)
    kind = "qa" if "QAPage" in named else "article"
    return Section(found, "json-ld", 0.9, kind, False) if found else None


def complete(section: Section, linked: Section) -> None:
    """Give comments the name and the time that the JSON-LD has for the same words."""
    known = {_key(found.text): found for found in linked.found}
    for found in section.found:
        other = known.get(_key(found.text))
        if other is not None:
            found.author = found.author or other.author
            if other.published and other.published.startswith(found.published or ""):
                found.published = other.published


def _key(text: str) -> str:
    return "".join(filter(str.isalnum, text))[:80]


def nodes(objects: list[Any]) -> Iterator[dict[str, Any]]:
    """Yield the top objects and those of their graphs."""
    for top in objects:
        for node in top if isinstance(top, list) else [top]:
            if isinstance(node, dict):
                yield node
                graph = node.get("@graph")
                yield from (part for part in graph if isinstance(part, dict)) if isinstance(graph, list) else ()
                main = node.get("mainEntity")
                if isinstance(main, dict):
                    yield main


def types(node: dict[str, Any]) -> list[str]:
    held = node.get("@type")
    names = held if isinstance(held, list) else [held]
    return [name.rsplit("/", 1)[-1] for name in names if isinstance(name, str)]


def _comments(node: dict[str, Any], parent: int | None, depth: int) -> Iterator[tuple[dict[str, Any], int | None]]:
    """Yield the comments below a node with the identity of the comment that they answer."""
    if depth > MAX_DEPTH:
        return
    for holder in _HOLDERS:
        held = node.get(holder)
        for item in held if isinstance(held, list) else [held]:
            if isinstance(item, dict) and (not types(item) or _COMMENTS & set(types(item))):
                yield item, parent
                yield from _comments(item, id(item), depth + 1)


def _found(root: Element, item: dict[str, Any]) -> Found | None:
    text = item.get("text") or item.get("commentText") or item.get("description")
    if not isinstance(text, str) or not text.strip():
        return None
    author = item.get("author") or item.get("creator")
    author = author[0] if isinstance(author, list) and author else author
    name = author.get("name") if isinstance(author, dict) else author
    date = next(
        (item[key] for key in ("datePublished", "dateCreated", "commentTime") if isinstance(item.get(key), str)), None
    )
    return Found(
        root,
        _plain(text),
        author=name.strip() or None if isinstance(name, str) else None,
        date_raw=date,
        published=iso_date(date),
        engine_id=_identifier(item),
    )


def _plain(text: str) -> str:
    """Return the text without the tags that some engines leave in."""
    if not _TAG.search(text):
        return text.strip()
    fragment = etree.fromstring(f"<div>{text}</div>", etree.HTMLParser(no_network=True))
    return render(fragment) if fragment is not None else text.strip()


def _identifier(item: dict[str, Any]) -> str | None:
    for key in ("identifier", "@id", "url"):
        value = item.get(key)
        if isinstance(value, str | int) and str(value).strip():
            return re.split(r"[#/=]", str(value).rstrip("/"))[-1][:100] or None
    return None


def _settled(found: list[Found]) -> list[Found]:
    """Drop what is given twice, and turn the identities of parents into places in the list."""
    kept: list[Found] = []
    places: dict[object, int] = {}
    seen: set[tuple[str, str | None, str | None]] = set()
    for item in found:
        node, parent = item.extra.pop("_node"), item.extra.pop("_parent")
        key = (item.text, item.author, item.date_raw)
        if key in seen:
            continue
        seen.add(key)
        item.parent = places.get(parent)
        places[node] = len(kept)
        kept.append(item)
    return kept
