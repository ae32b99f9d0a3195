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

from data.dates import is_date_text, iso_date
from data.plain.headers import author_of, date_in, name_on, place_of_names, top_of
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
    is_linked,
    is_name,
)
from data.relative import is_sentence_around

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


def _folded(text: str) -> str:
    words = [bare for word in text.split() if (bare := word.strip("*_@") or word)]
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
    place = place_of_names(lines, anchors)
    tops = [top_of(lines, anchor, place) for anchor in anchors]
    template = _template_lines(lines, records)
    posts = []
    for anchor, record, top, stop in zip(anchors, records, tops, [*tops[1:], len(lines)], strict=True):
        kept = [index for index in record if lines[index].text and index < stop]
        kept = _trimmed(lines, kept[int(place.below) :], template)
        if not kept:
            continue
        text = lines[anchor].text
        raw, said = date_in(text), SAYS.fullmatch(text)
        author = said["name"] if said else author_of(lines, anchor, raw, place)
        posts.append(Post(lines[kept[0]].start, lines[kept[-1]].end, author, raw, iso_date(raw), lines[top].start))
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
            text, kept = lines[kept[0]].text, kept[1:]
            raw = date_in(text)
            author = author or name_on(text, raw)
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


def _template_lines(lines: Sequence[SourceLine], records: Sequence[range]) -> set[str]:
    """Return the short lines that many records share, numbers apart: labels of the page."""
    counts = Counter(key for record in records for key in {_key(lines[index].text) for index in record})
    return {key for key, count in counts.items() if key and count >= max(3, 0.4 * len(records))}


def _key(text: str) -> str:
    return re.sub(r"\d+", "#", text.casefold()) if 0 < len(text) <= 60 else ""


def _is_time(text: str) -> bool:
    """Tell a line that says a time from a short sentence with one: "Left 2 years ago." is somebody's words."""
    return is_date_text(text) and not is_sentence_around(text, date_in(text) or "")


def _trimmed(lines: Sequence[SourceLine], kept: list[int], template: set[str]) -> list[int]:
    """Drop buttons, labels and separators at either end of a record."""

    def furniture(index: int) -> bool:
        line = lines[index]
        if line.kind in (Line.RULE, Line.CONTROL) or is_linked(line.text) or MEMBER.match(line.text):
            return True
        return _key(line.text) in template or (len(line.text) < 30 and _is_time(line.text))

    while kept and furniture(kept[0]):
        kept = kept[1:]
    stop = next((place for place, index in enumerate(kept) if place and ENDS.match(lines[index].text)), len(kept))
    kept = kept[:stop]
    while kept and furniture(kept[-1]):
        kept = kept[:-1]
    return kept
