"""The header of a comment in a dump: the line that says its time, and the name on it, above it or below it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from data.dates import find_date, is_date_text
from data.plain.lines import Line, SourceLine
from data.plain.marks import LISTED, SPEAKS, WORDS, is_button, is_name, without_said
from data.relative import relative_time

SHARE = 0.8  # of the headers that must have a name at the same place
NEAR = 4  # lines from a time to its name
_APART = re.compile(r"[|»•·]")
_SPACE = re.compile(r"[\s,]+")
_LETTER = re.compile(r"[^\W\d_]")
_NUMBER = re.compile(r"#\d{1,6}\W*")
_POINTS = re.compile(r"\s+-?\d[\d.,]*k? points?$", re.IGNORECASE)  # of a comment, behind its author's name
_AROUND = " :-–—()[]#*>"  # names, times and their marks in pasted text and in Markdown
_ANSWERS = re.compile(r"(?:in )?reply(?:ing)? to\b|(?:als )?antwort auf\b|en réponse à\b", re.IGNORECASE)
_LINKS = re.compile(r"(?:parent|root|context|next|prev|previous|favou?rite|hide|unflag)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Place:
    """Where the names of some headers stand: lines above the time or below it, else on its line."""

    above: bool = False
    below: bool = False


def date_in(text: str) -> str | None:
    """Return the time that a line says, as printed."""
    if found := find_date(text):
        return found[0] if found[0] in text else None
    if said := relative_time(text):
        return said
    return text if len(text) <= 60 and is_date_text(text) else None


def name_on(text: str, raw: str | None) -> str | None:
    """Return the name on a line that says a time: before it by preference, never a link of the page beside it."""
    before, _, after = text.partition(raw) if raw else (text, "", "")
    return next((name for part in (before, after) for piece in _APART.split(part) if (name := _bare(piece))), None)


def _bare(piece: str) -> str | None:
    """Return the name in a piece of a header such as "Posted by Ada on"."""
    words = [word for word in _SPACE.split(LISTED.sub("", piece.strip())) if word and not _NUMBER.fullmatch(word)]
    name = " ".join(word for word in words if not WORDS.fullmatch(word.strip(":"))).strip(_AROUND)
    name = _POINTS.sub("", name)
    if not 1 < len(name) <= 40 or not _LETTER.search(name) or is_button(name) or _LINKS.fullmatch(name):
        return None
    return name


def place_of_names(lines: Sequence[SourceLine], anchors: Sequence[int]) -> Place:
    """Tell where the names of these headers stand, of which `anchors` are the lines with the times."""
    if any(SPEAKS.search(lines[anchor].text) for anchor in anchors[:3]):
        return Place()
    if _share(lines, anchors, -1) >= SHARE:
        return Place(above=True)
    return Place(below=_share(lines, anchors, 1) >= SHARE)


def _share(lines: Sequence[SourceLine], anchors: Sequence[int], step: int) -> float:
    return sum(_named(lines, anchor, step) for anchor in anchors) / len(anchors)


def _near(lines: Sequence[SourceLine], anchor: int, step: int) -> int | None:
    """Return the next line with words above (-1) or below (1) a time; dots above it are passed over."""
    for index in range(anchor + step, anchor + step * (NEAR + 1), step):
        if not 0 <= index < len(lines):
            return None
        if lines[index].text and not (step < 0 and lines[index].kind is Line.RULE):
            return index
    return None


def _named(lines: Sequence[SourceLine], anchor: int, step: int) -> bool:
    index = _near(lines, anchor, step)
    return index is not None and is_name(lines[index].text)


def top_of(lines: Sequence[SourceLine], anchor: int, place: Place) -> int:
    """Return the first line of a header: the author's, also above that of somebody who is answered."""
    top = _near(lines, anchor, -1) if place.above else None
    if top is None:
        return anchor
    answers = _ANSWERS.match(lines[top].text) or any(line.kind is Line.RULE for line in lines[top + 1 : anchor])
    return top - 1 if answers and top and lines[top - 1].text and is_name(lines[top - 1].text) else top


def author_of(lines: Sequence[SourceLine], anchor: int, raw: str | None, place: Place) -> str | None:
    """Return the name that a header gives."""
    if not place.above and not place.below:
        return name_on(lines[anchor].text, raw)
    index = top_of(lines, anchor, place) if place.above else _near(lines, anchor, 1)
    if index is None or index == anchor or not is_name(lines[index].text):
        return None
    return without_said(lines[index].text) or None
