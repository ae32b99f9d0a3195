"""The tree of a page and the text of its elements: bounded, without recursion, without network."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from typing import Any, TypeAlias

from lxml import etree
from lxml import html as lxml_html

Element: TypeAlias = Any  # lxml ships no types

MAX_TEXT = 2_000_000  # characters rendered from one element
_BLOCKS = frozenset(
    "p div li ul ol dl dt dd tr table tbody thead section article header footer aside main figure figcaption form "
    "fieldset h1 h2 h3 h4 h5 h6 blockquote pre hr address details summary center body".split()
)
_PARAGRAPHS = frozenset("p pre blockquote ul ol table h1 h2 h3 h4 h5 h6".split())
_SILENT = frozenset(
    "script style noscript template svg iframe object embed select option textarea button input head".split()
)
_EMOJI_CLASS = re.compile(r"emoji|emoticon|smil(?:ie|ey)", re.IGNORECASE)
_SPACES = re.compile(r"[ \t\r\n\f\v]+")
_AROUND_BREAK = re.compile(r"[^\S\n]*\n[^\S\n]*")
_MANY_BREAKS = re.compile(r"\n{3,}")
_NULLS = re.compile("[\x00-\x08\x0b\x0e-\x1f]")


def parse_tree(html: str) -> Element | None:
    """Return the root element of a page, or None when there is nothing in it."""
    parser = lxml_html.HTMLParser(
        encoding="utf-8", remove_comments=True, remove_pis=True, no_network=True, huge_tree=True
    )
    source = _NULLS.sub(" ", html).encode("utf-8", "replace")
    try:
        return etree.fromstring(source, parser)
    except (etree.XMLSyntaxError, ValueError):
        return None


def render(element: Element, skip: Collection[Element] = ()) -> str:
    """Return the text of an element as a reader sees it: blocks on lines of their own, paragraphs apart.

    `skip` holds elements whose content is left out, such as quotes and nested replies.
    """
    left_out = set(skip)
    text = "".join(_pieces(element, left_out))
    return _MANY_BREAKS.sub("\n\n", _AROUND_BREAK.sub("\n", text)).strip()


def _pieces(root: Element, left_out: set[Element]) -> Iterator[str]:
    """Yield text and line breaks in document order; iterative, because pages nest thousands deep."""
    stack: list[tuple[Element, bool]] = [(root, False)]
    preformatted = 0
    budget = MAX_TEXT
    while stack and budget > 0:
        element, leaving = stack.pop()
        tag = element.tag
        if leaving:
            preformatted -= tag == "pre"
            if tag in _BLOCKS:
                yield "\n\n" if tag in _PARAGRAPHS else "\n"
            if tag in ("td", "th"):
                yield " "
            if element is not root and element.tail:
                yield element.tail if preformatted else _SPACES.sub(" ", element.tail)
            continue
        stack.append((element, True))
        if tag in _SILENT or (element in left_out and element is not root) or not isinstance(tag, str):
            preformatted += tag == "pre"
            continue
        if tag in _BLOCKS:
            yield "\n\n" if tag in _PARAGRAPHS else "\n"
        elif tag == "br":
            yield "\n"
        elif tag == "img":
            yield emoji_of(element)
        preformatted += tag == "pre"
        if element.text:
            budget -= len(element.text)
            yield element.text if preformatted else _SPACES.sub(" ", element.text)
        stack.extend((child, False) for child in reversed(element))


def emoji_of(image: Element) -> str:
    """Return the character that an emoji or smiley image stands for, else nothing."""
    alt = image.get("alt") or ""
    if not alt or len(alt) > 12:
        return ""
    named = f"{image.get('class') or ''} {image.get('src') or ''}"
    return alt if _EMOJI_CLASS.search(named) else ""


def brief(element: Element, limit: int = 200) -> str:
    """Return the text of a small element on one line."""
    return " ".join("".join(element.itertext()).split())[:limit]


def xpath_of(element: Element) -> str:
    """Return a path that finds the element again in the same page."""
    path: str = element.getroottree().getpath(element)
    return path


def drop(element: Element) -> None:
    """Take an element out of its tree and keep the text that follows it."""
    parent = element.getparent()
    if parent is None:
        return
    if element.tail:
        previous = element.getprevious()
        if previous is None:
            parent.text = (parent.text or "") + element.tail
        else:
            previous.tail = (previous.tail or "") + element.tail
    parent.remove(element)
