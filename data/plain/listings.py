"""Lists that are dated like discussions and are none: the changes of a program, the episodes of a show.

They are told by what stands at the head of each entry, a version, a commit or how long it lasts, which no other
feature of a line says.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from data.plain.headers import date_in
from data.plain.lines import SourceLine

FEWEST = 3  # entries
SHARE = 0.5  # of what was found that must be entries of such a list
MAX_HEAD, MAX_ENTRY = 100, 2_000  # characters of a line that may name a version, or hold an episode
MINUTES = re.compile(r"\b(?:\d{1,2} ?h(?:(?:ou)?rs?)? ?)?\d{1,3} ?m(?:in(?:ute)?s?)?\b", re.IGNORECASE)
_APART = r"\W{0,3}[-–—·•|]\s{0,3}"
_DATED_MINUTES = re.compile(rf"{MINUTES.pattern}{_APART}\n|\n{_APART}{MINUTES.pattern}", re.IGNORECASE)  # \n: the date
_VERSION = re.compile(  # 1.7.15 (Aug 25, 2021); ## [2.0.1] - 2021-06-08; Version 0.99; curl (7.88.1-10) unstable
    r"(?P<heading>[^\w\s]{0,4})\s?(?:[\w.+-]{1,40}\s)??(?P<named>(?:version|release)\s)?[\[(]?(?P<v>v)?"
    r"(?P<number>\d{1,4}\.\d{1,4}(?:\.\d{1,4}){0,3})(?P<more>[\w~+:-]{0,40})[\])]?(?P<rest>\W.{0,60})?",
    re.IGNORECASE,
)
_DAY = re.compile(r"\d{1,2}\.\d{1,2}\.(?:19|20)?\d\d")  # a number that may as well be 1.7.2015
_COMMIT = re.compile(
    r"commit [0-9a-f]{7,40}\b.{0,40}|author:\s.{1,60}<\S{3,60}>|\d{4}-\d\d-\d\d\s.{2,60}<\S{3,60}>"
    r"|-- .{2,60}<\S{3,60}>.{0,50}",
    re.IGNORECASE,
)
_PROSE = re.compile(r"[a-z]{2,}\W+(?:[a-z]{2,}\W+){6}")  # seven words on end: somebody speaks


def is_listing(lines: Sequence[SourceLine], found: int) -> bool:
    """Tell whether a dump lists changes or episodes, at least one for every two of the comments `found` in it."""
    enough = max(FEWEST, SHARE * found)
    return sum(map(_is_change, lines)) >= enough or sum(map(_lasts, lines)) >= enough


def _is_change(line: SourceLine) -> bool:
    """Tell whether a line is the head of a version or of a change."""
    text = line.text
    if len(text) > MAX_HEAD or _PROSE.search(text.lower()):
        return False
    return _COMMIT.fullmatch(text) is not None or _is_version(text)


def _is_version(text: str) -> bool:
    """Tell whether a line names a version: "4.5" alone may be a rating, "12.05.24" a day, "82.3.4.55" a guest."""
    found = _VERSION.fullmatch(text)
    if found is None:
        return False
    number, rest = found["number"], found["rest"] or ""
    if _DAY.fullmatch(number) and not found["more"]:
        return date_in(rest) is not None
    return number.count(".") == 2 or bool(found["named"] or found["v"]) or "#" in found["heading"]


def _lasts(line: SourceLine) -> bool:
    """Tell whether a line says how long something takes beside a day: "46m - Dec 15, 2025"."""
    if len(line.text) > MAX_ENTRY or not MINUTES.search(line.text) or (day := date_in(line.text)) is None:
        return False
    return bool(_DATED_MINUTES.search(line.text.replace(day, "\n")))
