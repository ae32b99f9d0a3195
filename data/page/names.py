"""Names of authors in the words around them: "Posted by Ada on Monday", "Ada says:"; never guessed."""

from __future__ import annotations

import re
from collections.abc import Sequence

from data.dates import find_date
from data.relative import relative_time

MOST_CHARS = 110  # of a line that names an author
_SAID = r"(?:says?|said|wrote|writes|schrieb|sagt|a écrit|dice|dijo|commented)"
_POSTED = r"(?:posted|written|submitted|comment(?:ed)?|geschrieben)\s+(?:by|from|von|par)\b"
_BEFORE = re.compile(rf"^(?:{_POSTED}\s*:?|(?:by|von|par|from|author|name)\s*:|(?-i:by)\s)\s*(?=\S)", re.IGNORECASE)
_AFTER = re.compile(
    rf"(?:(?<=\S)\s+{_SAID}\s*(?::|\.{{3}}|…)|(?<=\S)\s+(?-i:says|said|wrote|schrieb|sagt)|(?<=\S)(?:\s*[:,•·|–]|\s+-))+$",
    re.IGNORECASE,
)
_PERHAPS = (
    re.compile(r"^(?:by|von|par|from|author|name)\s+(?=\S)", re.IGNORECASE),
    re.compile(rf"(?<=\S)\s+{_SAID}$", re.IGNORECASE),
)
_BY = re.compile(
    rf"(?:\b{_POSTED}|^[\W\d]*(?:by|von|par|from)\b)\s*:?\s*"  # a bare "by" only at the beginning: not "made by NAD"
    r"(?!(?:on|at|am)\s)(?P<name>[^\s,|()](?:[^\n,|()]{0,39}?[^\s,|()])??)"
    r"\s*(?:$|[,|(]|\b(?:on|at|am)\s|\ble\s\d|(?<=\s)(?:[-–—•»]|\d))",
    re.IGNORECASE,
)
_SAYS = re.compile(
    rf"(?P<name>[^\n,]{{2,50}}?)\s+{_SAID}(?:\s+(?:on|at|am|um|le|el)\b.*\d.*)?\s*(?::|\.{{3}}|…)?", re.IGNORECASE
)
_LETTER = re.compile(r"[^\W_]")


def clean_name(text: str) -> str:
    """Return a name without "posted by" before it and "says:" behind it, which no name has."""
    return _AFTER.sub("", _BEFORE.sub("", text.strip()))


def clean_names(texts: Sequence[str | None]) -> list[str | None]:
    """Return the names that a page's authors are given by; None for nothing, and for a line that names nobody.

    "Von" and "Says" alone may be part of a name: they are taken off where most of the page's names have them.
    """
    names = [_named(text) if text else "" for text in texts]
    different = set(names) - {""}
    for perhaps in _PERHAPS:
        having = sum(perhaps.search(name) is not None for name in different)
        if having > 1 and 2 * having >= len(different):
            names = [perhaps.sub("", name) for name in names]
    return [name or None for name in names]


def _named(text: str) -> str:
    return name_in_words([text]) or "" if find_date(text) else clean_name(text)


def name_in_words(lines: Sequence[str]) -> str | None:
    """Return the name in the first line such as "Posted by Ada on Monday" or "Ada says:"."""
    for line in lines:
        if len(line) > MOST_CHARS:
            continue
        match = _SAYS.fullmatch(line.strip()) or _BY.search(line)
        if match and _is_name(match["name"]):
            return clean_name(match["name"]) or None
    return None


def _is_name(words: str) -> bool:
    return bool(_LETTER.search(words)) and not find_date(words) and not relative_time(words)
