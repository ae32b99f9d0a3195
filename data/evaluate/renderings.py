"""Pages as the plain text that tools make of them; `RENDERINGS` names the ways. Some need a tool that is optional."""

from __future__ import annotations

from collections.abc import Callable
from importlib.util import find_spec

from data.decoding import decode
from data.page.tree import Element, parse_tree, render, strip_machinery

_LINES = frozenset(
    "p div li ul ol dl dt dd tr td th table section article header footer aside main figure h1 h2 h3 h4 h5 h6"
    " blockquote pre address details summary center body option button br hr title".split()
)


def resiliparse_main(html: bytes) -> str | None:
    """Resiliparse's main content with its line breaks: what the project's first samples were."""
    return _resiliparse(html, main=True)


def resiliparse_whole(html: bytes) -> str | None:
    """The whole page by Resiliparse."""
    return _resiliparse(html, main=False)


def _resiliparse(html: bytes, *, main: bool) -> str:
    from resiliparse.extract.html2text import extract_plain_text

    return str(extract_plain_text(decode(html), main_content=main, preserve_formatting=True))


def crawled(html: bytes) -> str | None:
    """Every block on a line of its own without blank lines, as in the WET files of Common Crawl."""
    root = _page(html)
    if root is None:
        return None
    pieces: list[str] = []
    for event, element in _walk(root):
        if element.tag in _LINES:
            pieces.append("\n")
        text = element.text if event == "start" else element.tail
        pieces.append(" ".join((text or "").split()) + " " if (text or "").strip() else "")
    lines = (line.strip() for line in "".join(pieces).split("\n"))
    return "\n".join(line for line in lines if line)


def _walk(root: Element) -> list[tuple[str, Element]]:
    from lxml import etree

    return [(event, element) for event, element in etree.iterwalk(root, ("start", "end")) if element.tag != "head"]


def displayed(html: bytes) -> str | None:
    """The page as a browser copies it: blocks on lines, paragraphs apart by blank lines."""
    root = _page(html)
    return None if root is None else render(root)


def trafilatura_text(html: bytes) -> str | None:
    """Trafilatura's text with the comments that it keeps, on lines without blank ones between."""
    from trafilatura import extract

    text: str | None = extract(decode(html), include_comments=True, fast=True)
    return text


def trafilatura_article(html: bytes) -> str | None:
    """Trafilatura's text of the article alone, which no track measures: a dump of a page whose comments are lost."""
    from trafilatura import extract

    text: str | None = extract(decode(html), include_comments=False, fast=True)
    return text


def _page(html: bytes) -> Element | None:
    root = parse_tree(decode(html))
    if root is not None:
        strip_machinery(root)
    return root


Rendering = Callable[[bytes], str | None]
RENDERINGS: dict[str, Rendering] = {
    "displayed": displayed,
    "crawled": crawled,
    "trafilatura": trafilatura_text,
    **(
        {"resiliparse main": resiliparse_main, "resiliparse whole": resiliparse_whole}
        if find_spec("resiliparse")
        else {}
    ),
}
