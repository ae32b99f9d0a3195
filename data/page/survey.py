"""One pass over a page: for every element how much text, how many dates, names and buttons lie in it.

Elements are numbered in document order, so a subtree is a range of numbers and every question about it is a
difference of two running sums.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence
from itertools import accumulate

from data.dates import is_date_text
from data.labels import COMMENTS, COMMENTS_EAST_ASIAN, OTHER_BUTTONS, REPLY
from data.page.tree import Element

MAX_ELEMENTS = 200_000
_DIGITS = re.compile(r"\d+")
_DATE_ATTRIBUTES = ("datetime", "data-time", "data-timestamp", "data-utime", "data-date", "data-created", "data-epoch")
_AUTHOR = re.compile(
    r"author|user|nick|poster|commenter|member|\bfn\b|byline|vcard|screen.?name|display.?name|comment.?name|autor|pseudo",
    re.IGNORECASE,
)
_PROFILE = re.compile(
    r"(?:^|/)(?:users?|u|members?|profiles?|people|author|nutzer|mitglied|benutzer|membre|usuario)(?:[/=?\-_.]|$)"
    r"|[?&](?:user|u|uid|member|userid|author)=|member\.php|profile\.php|memberlist|/~|/@",
    re.IGNORECASE,
)
CONTROL = re.compile(
    r"(?:reply|replies|quote|report|flag|like|likes|share|permalink|link to this|recommend|respond|thanks?|react|upvote"
    rf"|downvote|edit|delete|antworten|zitieren|zitat|melden|teilen|répondre|citer|signaler|responder|citar|{REPLY}"
    rf"|{OTHER_BUTTONS}"
    r"|reply to (?:this|.{1,30})|report (?:abuse|post|comment|as .{1,20})"
    r"|quote reply)\W{0,3}\d{0,4}",
    re.IGNORECASE,
)
_ANNOUNCES = re.compile(
    r"\W*(?:\d+\s+)?(?:reader|user|your|all|post|add|latest|the|leser)?['’]?s?\W*(?:comments?|responses|replies|kommentare|feedback"
    rf"|leserkommentare|commentaires|comentarios|{COMMENTS}|discussion|opinions?|talkback"
    r"|have your say|reactions)\b"
    rf"|\W*(?:\d+\s?[件条條个個]?の?)?(?:{COMMENTS_EAST_ASIAN})",
    re.IGNORECASE,
)


class Survey:
    """The elements of a page with running sums; see the module."""

    def __init__(self, root: Element) -> None:
        elements: list[Element] = []
        for element in root.iter("*"):
            elements.append(element)
            if len(elements) >= MAX_ELEMENTS:
                break
        self.elements: Sequence[Element] = elements
        self.index = {element: number for number, element in enumerate(elements)}
        self.parents = [self.index.get(element.getparent(), -1) for element in elements]
        self.ends = self._subtree_ends()
        self.classes = [_tokens(element) for element in elements]
        self.own_chars, self.is_date = self._read_texts()
        self.chars = self._sums(self.own_chars)
        self.dates = self._sums(self.is_date)
        self.is_author = [self._names(number) for number in range(len(elements))]
        self.authors = self._sums(self.is_author)
        self.controls = self._sums([self._is_control(number) for number in range(len(elements))])
        self.link_chars = self._sums(self._linked())
        self.announcements = self._announcements()

    def _read_texts(self) -> tuple[list[int], list[bool]]:
        """Count the visible characters directly in each element, and find those that say a time themselves."""
        chars, dated = [0] * len(self.elements), [False] * len(self.elements)
        for number, element in enumerate(self.elements):
            text, tail = element.text, element.tail
            if text and (text := text.strip()):
                chars[number] += len(text)
                dated[number] = dated[number] or is_date_text(text)
            if tail and number and (tail := tail.strip()):
                parent = self.parents[number]
                chars[parent] += len(tail)
                dated[parent] = dated[parent] or is_date_text(tail)
            if not dated[number] and has_date_attribute(element):
                dated[number] = True
        return chars, dated

    def _announcements(self) -> list[int]:
        """Return the elements that say that comments follow, such as a heading "12 comments"."""
        return [
            number
            for number, element in enumerate(self.elements)
            if 4 <= self.own_chars[number] < 60
            and element.tag != "a"
            and _ANNOUNCES.match((element.text or "").strip()[:60])
        ]

    def announced(self, start: int, within: int) -> bool:
        """Tell whether such a heading stands at most so many elements before a place."""
        after = bisect_left(self.announcements, start)
        return after > 0 and self.announcements[after - 1] >= start - within

    def _subtree_ends(self) -> list[int]:
        ends = list(range(1, len(self.elements) + 1))
        for number in range(len(ends) - 1, 0, -1):
            parent = self.parents[number]
            if parent >= 0 and ends[number] > ends[parent]:
                ends[parent] = ends[number]
        return ends

    @staticmethod
    def _sums(values: Sequence[int]) -> list[int]:
        return list(accumulate(values, initial=0))

    def inside(self, sums: Sequence[int], number: int) -> int:
        """Return the sum over an element and everything below it."""
        return sums[self.ends[number]] - sums[number]

    def _names(self, number: int) -> bool:
        """Tell whether an element looks like the name of an author."""
        element = self.elements[number]
        if not 0 < self.inside(self.chars, number) <= 60 or element.tag in ("script", "label", "input"):
            return False
        attributes = element.attrib
        if any(name in attributes and _AUTHOR.search(attributes[name]) for name in ("class", "itemprop", "rel")):
            return True
        if element.tag == "cite":
            return True
        return element.tag == "a" and bool(_PROFILE.search(attributes.get("href", "")))

    def _is_control(self, number: int) -> bool:
        element = self.elements[number]
        if element.tag not in ("a", "button", "span", "li") or not 1 < self.inside(self.chars, number) < 40:
            return False
        text = (element.text or "").strip()
        return bool(text) and bool(CONTROL.fullmatch(text))

    def _linked(self) -> list[int]:
        """Return each element's own characters where it lies in a link, else 0."""
        linked, until = [0] * len(self.elements), 0
        for number, element in enumerate(self.elements):
            if element.tag == "a" and number >= until:
                until = self.ends[number]
            if number < until:
                linked[number] = self.own_chars[number]
        return linked

    def lineage(self, number: int, levels: int) -> list[int]:
        """Return the ancestors of an element, the nearest first."""
        above: list[int] = []
        while (number := self.parents[number]) >= 0 and len(above) < levels:
            above.append(number)
        return above


def _tokens(element: Element) -> tuple[str, ...]:
    """Return the class names with their numbers made alike, at most eight."""
    names = element.get("class")
    if not names:
        return ()
    return tuple(_DIGITS.sub("#", name) for name in names.lower().split()[:8])


def has_date_attribute(element: Element) -> bool:
    """Tell whether an attribute of an element says a time."""
    if element.tag == "time":
        return True
    attributes = element.attrib
    if not attributes:
        return False
    if any(name in attributes for name in _DATE_ATTRIBUTES):
        return True
    title = attributes.get("title")
    return bool(title) and is_date_text(title)
