"""Other tools on the same pages: what they return as comments, one text each; a tool not installed is absent."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from importlib.util import find_spec
from typing import Any

from data.decoding import decode
from data.evaluate.gold import GoldPage
from data.evaluate.matching import Counts, match

Tool = Callable[[str], list[str]]
_COMMENTS = ("Comment", "UserComments", "Answer")


def trafilatura_comments(html: str) -> list[str]:
    """The paragraphs of trafilatura's comments; it has no other parts."""
    from trafilatura import bare_extraction

    document = bare_extraction(html, include_comments=True, with_metadata=False, fast=True)
    body = getattr(document, "commentsbody", None)
    texts = [" ".join("".join(part.itertext()).split()) for part in body.iter("p")] if body is not None else []
    return [text for text in texts if text]


def extruct_comments(html: str) -> list[str]:
    """The comments and answers of schema.org, as JSON-LD and as microdata."""
    import extruct

    found = extruct.extract(html, syntaxes=["json-ld", "microdata"], uniform=True, errors="ignore")
    return [text for node in _nodes(list(found.values())) if (text := str(node.get("text") or "").strip())]


def _nodes(value: Any, depth: int = 0) -> Iterator[dict[str, Any]]:
    if depth > 40:
        return
    if isinstance(value, list):
        for item in value:
            yield from _nodes(item, depth + 1)
    elif isinstance(value, dict):
        if str(value.get("@type")) in _COMMENTS:
            yield value
        for held in value.values():
            yield from _nodes(held, depth + 1)


TOOLS: dict[str, Tool] = {
    "trafilatura": trafilatura_comments,
    **({"extruct": extruct_comments} if find_spec("extruct") else {}),
}


def judge(tool: Tool, pages: Iterable[GoldPage]) -> Counts:
    """Match what a tool returns with the gold, one to one as for the parser."""
    counts = Counts()
    for page in pages:
        found, gold = tool(decode(page.html)), [str(comment["text"]) for comment in page.comments]
        counts.add(len(found), len(gold), len(match(found, gold)))
    return counts
