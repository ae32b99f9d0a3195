"""The article among the lines of a dump: its title, byline, date and paragraphs, each once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from data.dates import iso_date
from data.plain.folding import duplicates
from data.plain.lines import Line, SourceLine, byline, unbulleted
from data.records import Article, Block

_HIGHLIGHT_HEADINGS = frozenset({"highlights", "key points", "key takeaways", "at a glance", "in brief", "tl;dr"})
_KEPT = ("heading", "highlight", "body")
_WRAPPED = (50, 100)  # a hard-wrapped text has nearly all its lines between these lengths


@dataclass(frozen=True, slots=True)
class Layout:
    """How a dump sets its paragraphs: one per line, or wrapped at a column with blank lines between."""

    wrapped: bool


def read_article(lines: Sequence[SourceLine], url: str | None) -> tuple[Article, tuple[Block, ...]]:
    """Return the article that these lines hold, and the role of every line that is not blank."""
    blocks = list(_fold(_label(_paragraphs(lines))))
    found = {role: block for block in reversed(blocks) for role in [block.role]}
    title, name, date = found.get("title"), found.get("byline"), found.get("date")
    article = Article(
        title=title.text if title else None,
        paragraphs=tuple(block.text for block in blocks if block.role in _KEPT),
        byline=byline(name.text) if name else None,
        published=iso_date(date.text) if date else None,
        url=url,
    )
    return article, tuple(blocks)


def _paragraphs(lines: Sequence[SourceLine]) -> list[SourceLine]:
    """Drop blank lines, and join the lines of each paragraph when the text is hard-wrapped."""
    if not is_wrapped(lines):
        return [line for line in lines if line.text]
    joined: list[SourceLine] = []
    previous: SourceLine | None = None
    for line in lines:
        if _continues(previous, line):
            last = joined[-1]
            joined[-1] = SourceLine(Line.TEXT, f"{last.text} {line.text}", last.start, line.end)
        elif line.text:
            joined.append(line)
        previous = line
    return joined


def _continues(previous: SourceLine | None, line: SourceLine) -> bool:
    """Tell whether a line belongs to the paragraph that the line before it began."""
    prose = (Line.TEXT, Line.HEADING)
    return previous is not None and previous.kind in prose and line.kind in prose and len(previous.text) >= _WRAPPED[0]


def is_wrapped(lines: Sequence[SourceLine]) -> bool:
    """Tell whether paragraphs run over several lines of about equal length."""
    shortest, longest = _WRAPPED
    prose = [line for line in lines if line.text]
    if len(prose) < 6 or max(len(line.text) for line in prose) > longest:
        return False
    full = sum(shortest <= len(line.text) for line, after in pairwise(lines) if line.text and after.text)
    return full >= 0.5 * len(prose)


def _label(lines: Sequence[SourceLine]) -> Iterator[Block]:
    """Give each line its role, by its class and what came before it."""
    seen_body, title, after_highlights = False, "", False
    for index, line in enumerate(lines):
        role = _role(line, first=index == 0, seen_body=seen_body, title=title, after_highlights=after_highlights)
        if line.kind is Line.TEMPLATE:
            after_highlights = line.text.casefold().rstrip(":") in _HIGHLIGHT_HEADINGS
        title = line.text if role == "title" else title
        seen_body = seen_body or role == "body"
        text = unbulleted(line.text) if role == "highlight" else line.text
        yield Block(role, text, line.start, line.end, method="lines", confidence=0.9 if role != "body" else 0.8)


_FIXED = {Line.TEMPLATE: "template", Line.CONTROL: "navigation", Line.RULE: "template", Line.COUNT: "navigation"}
_HEAD_ONLY = {Line.DATE: "date", Line.BYLINE: "byline"}


def _role(line: SourceLine, *, first: bool, seen_body: bool, title: str, after_highlights: bool) -> str:
    if line.kind in _FIXED:
        return _FIXED[line.kind]
    if line.kind in _HEAD_ONLY and not seen_body:
        return _HEAD_ONLY[line.kind]
    if title and line.text == title:
        return "duplicate"
    if line.kind is Line.HEADING:
        return "title" if first else "heading"
    if line.kind is Line.HIGHLIGHT and after_highlights:
        return "highlight"
    return "body"


def _fold(blocks: Iterator[Block]) -> list[Block]:
    """Mark what repeats an earlier block; a repeated heading goes only with the text below it."""
    labelled = list(blocks)
    prose = [index for index, block in enumerate(labelled) if block.role in ("body", "highlight")]
    repeated = {prose[index] for index in duplicates([labelled[index].text for index in prose])}
    seen: set[str] = set()
    for index, block in enumerate(labelled):
        if block.role == "heading":
            if block.text in seen and (index + 1 >= len(labelled) or index + 1 in repeated):
                repeated.add(index)
            seen.add(block.text)
    return [replace(block, role="duplicate") if index in repeated else block for index, block in enumerate(labelled)]
