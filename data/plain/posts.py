"""Comments in a dump without marks between them: lines that say a time at regular intervals, and what stands between.

Rendered pages keep the time and the name of each comment on short lines of their own. Lines of one pattern
("Post by NAME » DATE") are the anchors; each record runs from one to the next. Where nothing else says that these
are comments, such as buttons to answer or a heading, nothing is returned: a list of articles looks the same.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from data.dates import RELATIVE, find_date, is_date_text, iso_date
from data.plain.lines import Line, SourceLine, stated_count
from data.plain.marks import (
    CLOSER,
    COMMENTS_HEAD,
    ENDS,
    LISTED,
    MEMBER,
    NOT_POSTED,
    NUMBERED,
    SAYS,
    SPEAKS,
    WORDS,
    is_button,
    is_name,
)

MAX_ANCHOR = 130  # characters of a line with a time
MIN_ANCHORS = 2


@dataclass(frozen=True, slots=True)
class Post:
    """One comment in a dump: offsets of its words, and what its header says."""

    start: int
    end: int
    author: str | None
    raw: str | None
    published: str | None
    top: int  # where the lines that belong to it begin, its header's too


def find_posts(lines: Sequence[SourceLine]) -> list[Post]:
    """Return the comments of a dump, or nothing where the evidence is weak."""
    candidates = _anchors(lines)
    best: list[Post] = []
    for anchors in sorted(candidates, key=len, reverse=True)[:6]:
        records = _records(lines, anchors)
        if _is_discussion(lines, anchors, records):
            found = _posts(lines, anchors, records)
            if len(found) > len(best):
                best = found
    closed = _by_closers(lines)
    if len(closed) >= max(3, 1.3 * len(best)):
        best = closed
    return best if len(best) >= MIN_ANCHORS else []


def _anchors(lines: Sequence[SourceLine]) -> list[list[int]]:
    """Return the lines that say a time, grouped by what else they say."""
    groups: defaultdict[str, list[int]] = defaultdict(list)
    for index, line in enumerate(lines):
        if line.text and len(line.text) <= MAX_ANCHOR and (pattern := _pattern(line.text)):
            groups[pattern].append(index)
    return [indices for indices in groups.values() if len(indices) >= MIN_ANCHORS]


def _pattern(text: str) -> str | None:
    """Return a line with its time as D, its other words as w and the words that headers have as they are."""
    date = date_in(text)
    if date is None:
        if NUMBERED.fullmatch(text):
            return "number"
        return "says" if SAYS.fullmatch(text) else None
    if NOT_POSTED.search(text[:40]):
        return None
    before, _, after = text.partition(date)
    return f"{_folded(before)}D{_folded(after)}"


def date_in(text: str) -> str | None:
    """Return the time that a line says, as printed."""
    if found := find_date(text):
        return found[0] if found[0] in text else None
    if match := RELATIVE.search(text):
        return match[0]
    return text if len(text) <= 60 and is_date_text(text) else None


def _folded(text: str) -> str:
    words = text.split()
    if len(words) > 9:
        return "..."
    known = [
        word.lower() if WORDS.fullmatch(word.strip(",:")) else "w" if word[0].isalnum() else word[0] for word in words
    ]
    return " ".join(word for index, word in enumerate(known) if word != "w" or index == 0 or known[index - 1] != "w")


def _records(lines: Sequence[SourceLine], anchors: Sequence[int]) -> list[range]:
    """Return the lines after each anchor up to the next; the last is as long as the page's furniture allows."""
    stops = [*anchors[1:], _end_of_last(lines, anchors)]
    return [range(start + 1, stop) for start, stop in zip(anchors, stops, strict=True)]


def _end_of_last(lines: Sequence[SourceLine], anchors: Sequence[int]) -> int:
    lengths = sorted(after - before for before, after in pairwise(anchors))
    limit = min(len(lines), anchors[-1] + max(12, 2 * lengths[len(lengths) // 2]))
    for index in range(anchors[-1] + 1, limit):
        if ENDS.match(lines[index].text):
            return index
    return limit


def _is_discussion(lines: Sequence[SourceLine], anchors: Sequence[int], records: Sequence[range]) -> bool:
    """Tell comments from a list of dated teasers by buttons, labels, a heading or the words of the anchors."""
    filled = sum(any(_is_prose(lines[index]) for index in record) for record in records)
    if filled < 0.6 * len(records):
        return False
    answered = sum(any(is_button(lines[index].text) for index in record) for record in records)
    member = sum(
        any(MEMBER.match(lines[index].text) for index in range(max(0, a - 10), a + 10) if index < len(lines))
        for a in anchors
    )
    numbered = sum(bool(NUMBERED.fullmatch(lines[a].text)) for a in anchors)
    speaks = sum(
        bool(SPEAKS.search(" ".join(lines[index].text for index in range(max(0, a - 2), a + 1))[-200:]))
        for a in anchors
    )
    enough = 0.6 * len(records)
    if (
        answered >= enough
        or member >= enough
        or (numbered >= enough and len(records) >= 3)
        or (speaks >= enough and len(records) >= 3)
    ):
        return True
    head = range(max(0, anchors[0] - 25), anchors[0])
    return any(COMMENTS_HEAD.match(lines[index].text) or stated_count(lines[index].text) for index in head)


def _is_prose(line: SourceLine) -> bool:
    return bool(line.text) and not is_button(line.text) and not MEMBER.match(line.text)


def _posts(lines: Sequence[SourceLine], anchors: Sequence[int], records: Sequence[range]) -> list[Post]:
    """Cut the words out of each record: without the author's lines, the page's labels and what leads to the next."""
    before, after = _author_places(lines, anchors)
    template = _template_lines(lines, records)
    posts = []
    for anchor, record in zip(anchors, records, strict=True):
        kept = [index for index in record if lines[index].text]
        kept = kept[: len(kept) - before] if before and anchor != anchors[-1] else kept
        kept = kept[after:]
        kept = _trimmed(lines, kept, template)
        if not kept:
            continue
        text = lines[anchor].text
        raw = date_in(text)
        said = SAYS.fullmatch(text)
        author = (
            said["name"] if said else _author(lines, anchor, text.replace(raw or "", " "), before=before, after=after)
        )
        posts.append(
            Post(lines[kept[0]].start, lines[kept[-1]].end, author, raw, iso_date(raw), lines[anchor - before].start)
        )
    return posts


def _by_closers(lines: Sequence[SourceLine]) -> list[Post]:
    """Return the comments of a dump where each ends with the same button or rule: "Reply", "-----"."""
    ends: defaultdict[str, list[int]] = defaultdict(list)
    for index, line in enumerate(lines):
        if line.text and len(line.text) < 40 and CLOSER.fullmatch(line.text):
            ends[_key(line.text)].append(index)
    places = max(ends.values(), key=len, default=[])
    if len(places) < 3:
        return []
    records = [
        range(a, b)
        for a, b in zip([_start_of_first(lines, places), *(p + 1 for p in places[:-1])], places, strict=True)
    ]
    template = _template_lines(lines, records)
    named = sum(_begins_with_name(lines, record) for record in records) >= 0.6 * len(records)
    posts = []
    for record in records:
        kept = [index for index in record if lines[index].text]
        author, raw = None, None
        if named and kept and _begins_with_name(lines, record):
            author, kept = LISTED.sub("", lines[kept[0]].text), kept[1:]
        kept = _trimmed(lines, kept, template)
        if kept and is_date_text(lines[kept[0]].text) and len(lines[kept[0]].text) < 60:
            raw, kept = lines[kept[0]].text, kept[1:]
        if kept:
            posts.append(
                Post(lines[kept[0]].start, lines[kept[-1]].end, author, raw, iso_date(raw), lines[record.start].start)
            )
    return posts


def _start_of_first(lines: Sequence[SourceLine], places: Sequence[int]) -> int:
    """Return where the first comment begins: below the section's heading, else as far up as the others are long."""
    lengths = sorted(after - before for before, after in pairwise(places))
    first = places[0]
    for index in range(first - 1, max(-1, first - 60), -1):
        if COMMENTS_HEAD.match(lines[index].text):
            return index + 1
    return max(0, first - lengths[len(lengths) // 2] + 1)


def _begins_with_name(lines: Sequence[SourceLine], record: range) -> bool:
    line = next((lines[index] for index in record if lines[index].text), None)
    return line is not None and is_name(LISTED.sub("", line.text))


def _author_places(lines: Sequence[SourceLine], anchors: Sequence[int]) -> tuple[int, int]:
    """Tell whether a short line just before or just after the anchors holds the name: (lines before, lines after)."""

    def share(offset: int) -> float:
        near = [_near(lines, anchor, offset) for anchor in anchors]
        named = [line for line in near if line is not None and is_name(line.text)]
        return len(named) / len(anchors)

    if any(SPEAKS.search(lines[anchor].text) for anchor in anchors[:3]):
        return 0, 0
    if share(-1) >= 0.8:
        return 1, 0
    return (0, 1) if share(1) >= 0.8 else (0, 0)


def _near(lines: Sequence[SourceLine], anchor: int, offset: int) -> SourceLine | None:
    """Return the nearest line with words before or after an anchor."""
    step, index = (1 if offset > 0 else -1), anchor + (1 if offset > 0 else -1)
    while 0 <= index < len(lines) and abs(index - anchor) <= 4:
        if lines[index].text:
            return lines[index]
        index += step
    return None


def _author(lines: Sequence[SourceLine], anchor: int, rest: str, *, before: int, after: int) -> str | None:
    """Return the name beside the time, or on the author's line."""
    if before or after:
        near = _near(lines, anchor, -1 if before else 1)
        name = near.text if near is not None and is_name(near.text) else ""
        return re.sub(r"\s*(?:says?|said|wrote|writes|schrieb)?\s*:?$", "", name) or None
    words = [word for word in re.split(r"[\s»|•·,]+", rest) if word and not WORDS.fullmatch(word.strip(":"))]
    name = " ".join(words).strip(" :-–—()#")
    return name if 1 < len(name) <= 40 and not name.isdigit() else None


def _template_lines(lines: Sequence[SourceLine], records: Sequence[range]) -> set[str]:
    """Return the short lines that many records share, numbers apart: labels of the page."""
    counts = Counter(key for record in records for key in {_key(lines[index].text) for index in record})
    return {key for key, count in counts.items() if key and count >= max(3, 0.4 * len(records))}


def _key(text: str) -> str:
    return re.sub(r"\d+", "#", text.casefold()) if 0 < len(text) <= 60 else ""


def _trimmed(lines: Sequence[SourceLine], kept: list[int], template: set[str]) -> list[int]:
    """Drop buttons, labels and separators at either end of a record."""

    def furniture(index: int) -> bool:
        line = lines[index]
        if line.kind in (Line.RULE, Line.CONTROL) or is_button(line.text) or MEMBER.match(line.text):
            return True
        return _key(line.text) in template or (len(line.text) < 30 and is_date_text(line.text))

    while kept and furniture(kept[0]):
        kept = kept[1:]
    stop = next((place for place, index in enumerate(kept) if place and ENDS.match(lines[index].text)), len(kept))
    kept = kept[:stop]
    while kept and furniture(kept[-1]):
        kept = kept[:-1]
    return kept
