"""The words of each record: the place that holds most of them, without names, times, buttons and quotes."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Sequence

from data.dates import find_date
from data.page.fields import ABOUT_AUTHOR, Key, Record, is_about_author, key_of
from data.page.survey import CONTROL, Survey
from data.page.tree import Element, brief, render
from data.relative import is_sentence_around, relative_time

_QUOTE = re.compile(
    r"(?:^|[\s_-])(?:bb)?(?:code)?_?-?quote(?:d|s|[_-]?(?:block|container|text|content|box|body|post|message))?(?:$|[\s_-])|zitat|blockquote",
    re.IGNORECASE,
)
_WORDS_CLASS = re.compile(r"(?:message|post|comment|reply)[-_]?(?:text|content|body)", re.IGNORECASE)
_SIGNATURE = re.compile(r"signature|(?:^|[\s_-])sig(?:$|[\s_-])", re.IGNORECASE)
_TRIFLE = re.compile(
    r"share|social|rating|\bvot(?:e|es|ing)\b|score|badge|avatar|toolbar|controls?\b|actions?\b|buttons?\b|edited|last-?edit"
    r"|tooltip|screen-?reader|sr-only|reply-?link|permalink|report|moderat|\blikes?\b|comment-?footer|comment-?meta|post-?foot",
    re.IGNORECASE,
)
_DIGITS = re.compile(r"\d+")
_PIECES = frozenset("p li span b i em strong font a br u tr".split())
COVERS = 0.85  # paragraphs with less than this share of the words are not all of them
DEEPER = 0.9  # a deeper place with this share of the words is taken: what is left out are buttons


def choose_bodies(
    survey: Survey, records: Sequence[Record], dates: Sequence[int | None], authors: Sequence[int | None]
) -> list[list[int]]:
    """Return for each record the elements that hold its words; empty where the record itself does."""
    meta = list(zip(dates, authors, strict=True))
    weights = [_weights(survey, record, pair) for record, pair in zip(records, meta, strict=True)]
    totals: Counter[Key] = Counter()
    depth: dict[Key, int] = {}
    seen: defaultdict[Key, set[str]] = defaultdict(set)
    for weighed in weights:
        for number, chars in weighed.items():
            key = key_of(survey, number)
            words = _DIGITS.sub("#", brief(survey.elements[number], 80))
            totals[key] += 0 if words in seen[key] else chars  # what every record says is no comment
            seen[key].add(words)
            depth[key] = max(depth.get(key, 0), len(survey.lineage(number, 60)))
    loose = sum(_loose_words(survey, record, pair) for record, pair in zip(records, meta, strict=True))
    everything = sum(_body_words(survey, record, pair) for record, pair in zip(records, meta, strict=True))
    place = _choose(totals, depth, loose, everything)
    return [_at(survey, weighed, place) for weighed in weights]


def _weights(survey: Survey, record: Record, meta: Sequence[int | None]) -> dict[int, int]:
    """Return the words in each element of a record that holds neither its date nor its author."""
    lost: defaultdict[int, int] = defaultdict(int)
    for element in record.nested:
        number = survey.index[element]
        chars = survey.inside(survey.chars, number)
        for above in survey.lineage(number, 200):
            lost[above] += chars
    roots = set(record.roots) if len(record.roots) == 1 else set()
    weighed = {}
    for number in record.members:
        holds_meta = any(place is not None and number <= place < survey.ends[number] for place in meta)
        if number in roots or holds_meta or survey.elements[number].tag in ("a", "time", "button"):
            continue
        chars = survey.inside(survey.chars, number) - lost[number]
        linked = survey.inside(survey.link_chars, number)
        if chars > 0:
            label = f"{survey.elements[number].get('class') or ''} {survey.elements[number].get('id') or ''}"
            weighed[number] = max(1, (chars - linked) // (8 if ABOUT_AUTHOR.search(label) else 1))
    return weighed


def _loose_words(survey: Survey, record: Record, meta: Sequence[int | None]) -> int:
    """Count the words that stand beside the date or the author in the same element, as in `<li><b>Ada</b>"
    " words</li>`."""
    around = {above for place in meta if place is not None for above in survey.lineage(place, 20)}
    return sum(survey.own_chars[number] for number in record.members if number in around)


def _body_words(survey: Survey, record: Record, meta: Sequence[int | None]) -> int:
    """Count the words of a record that are neither its date nor its author nor in what is known of the author."""
    count, until = 0, 0
    for number in record.members:
        if number < until:
            continue
        if number in meta or is_about_author(survey.elements[number]):
            until = survey.ends[number]
            continue
        count += survey.own_chars[number]
    return count


def _choose(totals: Counter[Key], depth: dict[Key, int], loose: int, everything: int) -> Key | None:
    """Return the place with most words, or a deeper one with nearly as many; None where loose words are more."""
    most = max(totals.values(), default=0)
    if loose >= most:
        return None
    near = [key for key, chars in totals.items() if chars >= DEEPER * most]
    key = max(near, key=lambda key: (depth[key], totals[key]))
    return None if key[0] in _PIECES and totals[key] < COVERS * everything else key


def _at(survey: Survey, weighed: dict[int, int], key: Key | None) -> list[int]:
    """Return a record's elements at the chosen place, none within another; else its largest element."""
    if key is None or not weighed:
        return []
    chosen = [number for number in weighed if key_of(survey, number) == key]
    if not chosen:
        largest = max(weighed, key=lambda number: (weighed[number], number))
        return [largest] if weighed[largest] >= 0.6 * max(weighed.values()) else []
    return _outermost(survey, chosen)


def _outermost(survey: Survey, numbers: Sequence[int]) -> list[int]:
    kept: list[int] = []
    for number in numbers:
        if not kept or number >= survey.ends[kept[-1]]:
            kept.append(number)
    return kept


def words_of(survey: Survey, record: Record, body: Sequence[int], meta: Sequence[int | None]) -> str:
    """Return the words of a record, quotes in marks."""
    roots = body or record.roots
    ranges = [(root, survey.ends[root]) for root in roots]
    members = [survey.elements[n] for n in record.members if any(start <= n < end for start, end in ranges)]
    skip = [*record.nested, *(element for element in members if is_trifle(element))]
    skip += [survey.elements[number] for number in meta if number is not None]
    if not body:
        skip += [element for element in members if is_about_author(element)]
    whole = {survey.elements[root] for root in roots}
    quotes = [element for element in members if is_quote(element) and element not in whole]
    return "\n\n".join(filter(None, (render(survey.elements[root], skip, quotes) for root in roots)))


def is_quote(element: Element) -> bool:
    """Tell whether an element holds words that somebody else wrote."""
    name = element.get("class") or ""
    if element.tag == "blockquote":
        return not _WORDS_CLASS.search(name) or bool(_QUOTE.search(name))
    return bool(name) and element.tag in ("div", "table", "aside", "td", "fieldset") and bool(_QUOTE.search(name))


def is_trifle(element: Element) -> bool:
    """Tell whether an element is a signature or a control rather than words of a comment."""
    name = f"{element.get('class') or ''} {element.get('id') or ''}"
    if name == " ":
        return False
    if _SIGNATURE.search(name):
        return True
    return bool(_TRIFLE.search(name)) and len(brief(element, 200)) < 120


def clean_lines(text: str, author: str | None, date: str | None) -> str:
    """Drop a button, the author's name or the time where they stand on lines of their own at either end."""
    lines = text.split("\n")
    while lines and _is_meta_line(lines[0], author, date):
        lines.pop(0)
    while lines and _is_meta_line(lines[-1], author, date):
        lines.pop()
    return "\n".join(lines).strip()


def said_at_all(text: str) -> str:
    """Return words that look like a label although they stand where comments have theirs; "" for a button or time."""
    bare = text.strip()
    if not any(sign.isalnum() for sign in bare):
        return ""
    return bare if bare[-1] in ".!?" or not (CONTROL.fullmatch(bare) or _time_in(bare)) else ""


def _time_in(text: str) -> str | None:
    found = find_date(text)
    return found[0] if found else relative_time(text)


def _is_meta_line(line: str, author: str | None, date: str | None) -> bool:
    bare = line.strip(" \t\xa0|•·,:-–—#")
    if not bare or CONTROL.fullmatch(bare) or bare.isdigit():
        return True
    if author and bare.casefold() == author.casefold():
        return True
    if len(bare) > 100:
        return False
    rest = bare.replace(author, "") if author else bare
    if date and date in rest:
        return len(rest) - len(date) < 30
    said = _time_in(rest)
    return said is not None and len(rest) - len(said) < 16 and not is_sentence_around(rest, said)


def without_template_lines(texts: Sequence[str]) -> list[str]:
    """Drop short lines that begin or end many of the texts: labels that every record of the page has."""
    if len(texts) < 3:
        return list(texts)
    counts = Counter(line for text in texts for line in {_folded(line) for line in text.split("\n")})
    enough = max(3, 0.4 * len(texts))
    common = {line for line, count in counts.items() if line and count >= enough}
    return [_stripped(text, common) for text in texts]


def _stripped(text: str, common: set[str]) -> str:
    lines = text.split("\n")
    while len(lines) > 1 and (not lines[0].strip() or _folded(lines[0]) in common):
        lines.pop(0)
    while len(lines) > 1 and (not lines[-1].strip() or _folded(lines[-1]) in common):
        lines.pop()
    return "\n".join(lines).strip()


def _folded(line: str) -> str:
    bare = line.strip()
    return _DIGITS.sub("#", bare.casefold()) if 0 < len(bare) <= 60 else ""
