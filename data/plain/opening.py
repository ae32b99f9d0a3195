"""The first post of a forum dump: what stands between the page's head, its author's card and the first no-break line.

Forums print a card beside each post (name, title, "Joined", "Messages 5,421", "Reaction score"), of which a renderer
keeps that of the first post; others number the posts ("#1 · (Edited)"). The words begin after the last line of either.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from data.dates import is_date_text
from data.plain.lines import Line, SourceLine
from data.plain.marks import is_name

WITHIN = 60  # lines with words in which the card stands
VALUE = 40  # characters at most of what a card says
NAMES = 4  # lines with words at most between the thread's title and the card
TITLE = 3  # words at least of a thread's title: a shorter line may be the author's name
# what a card begins with, and what may only go on in one: "Location" alone may be a line of somebody's post
_BEGINS = re.compile(
    r"(?:joined|messages|reaction score|registriert|beiträge|reaktionspunkte|inscrit|messages postés|mensajes)\s*:?",
    re.IGNORECASE,
)
_GOES_ON = re.compile(
    r"(?:posts|threads|likes|points|trophy points|solutions|location|country|age|punkte|ort|desde|puntos)\s*:?",
    re.IGNORECASE,
)
_RANK = re.compile(r"(?:[\w-]+ ){0,2}(?:member|mitglied|poster|thread starter)", re.IGNORECASE)
_FIGURE = re.compile(r"-?[\d.,]{1,12}\s?[km]?", re.IGNORECASE)
_FIRST = re.compile(r"#1(?:\s*·.{0,20})?")


@dataclass(frozen=True, slots=True)
class Opening:
    """Where the first post begins among the lines, who wrote it, and the line that names the thread."""

    start: int
    author: str | None
    title: SourceLine | None


def opening(lines: Sequence[SourceLine]) -> Opening | None:
    """Return the first post that these lines hold; None where no card and no number says where it begins."""
    worded = [index for index, line in enumerate(lines) if line.text][:WITHIN]
    card = _card(lines, worded)
    if card is None or not any(line.text for line in lines[card[1] + 1 :]):
        return None
    above = [lines[index] for index in worded if index < card[0]][-1 - NAMES :]
    title = max((line for line in above if line.kind is Line.HEADING), key=_words, default=None)
    if title is None or _words(title) < TITLE:
        return Opening(card[1] + 1, None, None)
    names = (line.text for line in above[above.index(title) + 1 :])
    return Opening(card[1] + 1, next((name for name in names if is_name(name)), None), title)


def _words(line: SourceLine) -> int:
    return len(line.text.split())


def _card(lines: Sequence[SourceLine], worded: Sequence[int]) -> tuple[int, int] | None:
    """Return the first and the last line of the card or number."""
    found: list[int] = []
    labelled = False
    for index in worded:
        text = lines[index].text
        label = bool(_BEGINS.fullmatch(text)) or bool(found and _GOES_ON.fullmatch(text))
        value = bool(found) and (_is_figure(text) or (labelled and len(text) <= VALUE))
        if label or value or _RANK.fullmatch(text) or _FIRST.fullmatch(text):
            found.append(index)
        elif found:
            break
        labelled = label
    return (found[0], found[-1]) if found else None


def _is_figure(text: str) -> bool:
    return bool(_FIGURE.fullmatch(text)) or (len(text) <= VALUE and is_date_text(text))
