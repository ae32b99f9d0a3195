"""Candidates for the records of a discussion: elements of the same signature that each hold words, a time and"
" a name."""

from __future__ import annotations

import math
import re
from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from data.page.slices import slices
from data.page.survey import Survey
from data.page.tree import Element

MAX_MERGED = 12  # groups looked at for joining
MIN_CHARS = 2  # of words in a record; a comment may be "+1"
_RECORD_TAGS = frozenset(
    "div li article section tr table td dl dd dt p ol ul blockquote span a details form tbody".split()
)
_DIGITS = re.compile(r"\d+")
_FOR = re.compile(
    r"comment|reply|replies|response|answer|kommentar|commentaire|comentario|reactie|opini|feedback|discuss|talkback"
    r"|message|\bposts?\b|post[-_]|[-_]post|forum|thread|topic|disqus|guestbook|zuschrift|leserbrief|beitrag|respond|koment"
    r"|letters|remark|viewpoint|bewertung|^c#$|^p#$|^t#|opinion",
    re.IGNORECASE,
)
_STRONG = re.compile(
    r"comment|kommentar|commentaire|comentario|reactie|talkback|disqus|koment|answer(?!ed)|leserbrief|\breply\b|guestbook|opinion#",
    re.IGNORECASE,
)
_AGAINST = re.compile(
    r"related|teaser|recent|latest|popular|recommend|sidebar|widget|\bnav|menu|footer|promo|trending|breadcrumb|share"
    r"|social|archive|listing|search[-_]?result|slider|carousel|gallery|newsletter|author-?(?:bio|box|info)|headline|event"
    r"|calendar|toc\b|faq|accordion|\btags?\b|similar|more-|read-?next|most-?(?:read|viewed)|product|card\b|tweet|feed"
    r"|user-?(?:info|profile|block|stat|nav|detail)|messageuser|profile|actions?\b|toolbar|buttons?\b|comment-?form|respond\b|pagination|pager|\brss\b|blogroll|top-?stor|history|revision|changelog|release|ticker",
    re.IGNORECASE,
)
ANNOUNCED_WITHIN = 60  # elements
_SECTION = re.compile(
    r"comments|comment-?(?:list|area|section|wrapper|container|block|respond)|replies|answers", re.IGNORECASE
)
_SCHEMA = re.compile(r"schema\.org/(?:Comment|UserComments|Answer|Question|DiscussionForumPosting)$")


Span = tuple[int, int]  # a range of the survey's numbers: one element with its subtree, or several siblings


@dataclass(slots=True)
class Group:
    """Parts of a page that are built alike; in document order, possibly nested."""

    signature: tuple[str, str]
    spans: list[Span]
    outer: list[int]  # for each span the index of the one around it, or -1
    score: float = 0.0
    naming: float = 0.0  # what its names say: above 1 comments, below 0 something else
    evidence: float = 0.0  # how regularly each record has a time and a name
    words: int = 0  # characters outside links
    parts: list[int] = field(default_factory=list)  # for merged groups: which one a span came from

    @property
    def likely(self) -> bool:
        """Tell whether this is a discussion; the less its names say, the more the records must show.

        Measured on pages without comments: lists of articles and episodes reach a score of 19 with times alone.
        """
        if self.naming >= 1.3:
            return self.score >= 6
        if self.naming >= 0.6:
            return self.score >= 9 and self.evidence >= 0.4
        if self.naming >= 0.3:
            return self.score >= 9 and self.evidence >= 0.6
        return self.score >= 20 and self.evidence >= 0.8 and len(self.spans) >= 4


def find_groups(survey: Survey) -> list[Group]:
    """Return the groups that may be comments, the best first."""
    candidates = [Group(key, spans, nesting(spans)) for key, spans in _buckets(survey).items()]
    candidates += [Group(key, spans, [-1] * len(spans)) for key, spans in slices(survey)]
    seen: set[tuple[Span, ...]] = set()
    groups = []
    for group in candidates:
        members = tuple(group.spans)
        if members in seen:
            continue
        seen.add(members)
        group.score = _score(survey, group)
        if group.score > 0:
            groups.append(group)
    groups.sort(key=lambda group: group.score, reverse=True)
    return _whole_first(groups)


def _whole_first(groups: list[Group]) -> list[Group]:
    """Put records before their own halves: a group that holds several of the best one's parts in each of its"
    " records."""
    if not groups:
        return groups
    best = groups[0]
    for group in groups[1:20]:
        fewer = 2 <= len(group.spans) <= 0.6 * len(best.spans)
        if (
            fewer
            and group.evidence >= best.evidence - 0.02
            and group.naming >= best.naming - 0.5
            and _holds(group, best)
        ):
            return [group, *(other for other in groups if other is not group)]
    return groups


def _holds(outer: Group, inner: Group) -> bool:
    """Tell whether every span of one group lies in a span of another, about equally many in each."""
    starts = [start for start, _ in outer.spans]
    held = Counter(bisect_right(starts, start) - 1 for start, _ in inner.spans)
    if min(held) < 0:
        return False
    inside = all(start < outer.spans[bisect_right(starts, start) - 1][1] for start, _ in inner.spans)
    return inside and len(held) == len(outer.spans) and max(held.values()) <= 3


def merged(survey: Survey, groups: Sequence[Group]) -> Group:
    """Join to the best group others that are comments too: replies of another make, comments below answers."""
    best = groups[0]
    best.parts = [0] * len(best.spans)
    for other in groups[1:MAX_MERGED]:
        related = _STRONG.search(" ".join(other.signature)) and other.naming >= 2 and other.evidence >= 0.7
        related = related and other.score >= 0.08 * best.score and len(other.spans) > 1
        joint = _joined(survey, best, other) if related else None
        best = joint or best
    return best


def _joined(survey: Survey, best: Group, other: Group) -> Group | None:
    """Return both groups as one when each keeps its own time or name and words after the other's are taken out."""
    taken = set(best.spans)
    if any(span in taken for span in other.spans):
        return None
    labelled = sorted(
        [(span, part) for span, part in zip(best.spans, best.parts, strict=True)]
        + [(span, max(best.parts) + 1) for span in other.spans],
        key=lambda item: (item[0][0], -item[0][1]),
    )
    spans, parts = [span for span, _ in labelled], [part for _, part in labelled]
    joint = Group(best.signature, spans, nesting(spans), best.score, best.naming, best.evidence, best.words, parts)
    return joint if all(_stands(survey, joint, part) for part in set(parts)) else None


def _stands(survey: Survey, joint: Group, part: int) -> bool:
    """Tell whether the records of one part still hold words and a time or a name of their own."""
    held = {
        name: [value for value, of in zip(own(joint, sums), joint.parts, strict=True) if of == part]
        for name, sums in (
            ("chars", survey.chars),
            ("links", survey.link_chars),
            ("dates", survey.dates),
            ("authors", survey.authors),
        )
    }
    count = len(held["chars"])
    worded = sum(chars - links >= 2 for chars, links in zip(held["chars"], held["links"], strict=True))
    signed = sum(0 < dates <= 4 for dates in held["dates"]) + sum(0 < authors <= 6 for authors in held["authors"])
    return worded >= 0.8 * count and signed >= 1.0 * count


def _buckets(survey: Survey) -> dict[tuple[str, str], list[Span]]:
    """Return the elements that share a signature; single ones only where their name says comment."""
    buckets: defaultdict[tuple[str, str], list[Span]] = defaultdict(list)
    for number, element in enumerate(survey.elements):
        if element.tag in _RECORD_TAGS and survey.inside(survey.chars, number) >= MIN_CHARS:
            for key in signatures(survey, number):
                buckets[key].append((number, survey.ends[number]))
    return {key: spans for key, spans in buckets.items() if len(spans) > 1 or _names_comments(survey, spans[0][0], key)}


def signatures(survey: Survey, number: int) -> Iterable[tuple[str, str]]:
    """Yield the ways in which an element may be like others: each class, its id without digits, its place."""
    element = survey.elements[number]
    tag = element.tag
    for name in survey.classes[number]:
        yield tag, name
    identity = element.get("id")
    if identity and any(letter.isdigit() for letter in identity):
        yield tag, "#" + _DIGITS.sub("#", identity.lower())[:60]
    schema = element.get("itemtype")
    if schema and _SCHEMA.search(schema):
        yield tag, "itemtype " + schema.rsplit("/", 1)[-1]
    if not survey.classes[number] and tag != "span" and tag != "a":
        yield tag, "in " + _place(survey, number)


def _place(survey: Survey, number: int) -> str:
    """Name the parent and grandparent, for elements without a class."""
    return " ".join(
        survey.elements[above].tag + "." + (survey.classes[above][0] if survey.classes[above] else "")
        for above in survey.lineage(number, 2)
    )


def nesting(spans: Sequence[Span]) -> list[int]:
    """Return for each span the index of the one that it lies in, or -1."""
    outer, open_spans = [], list[int]()
    for index, (start, _) in enumerate(spans):
        while open_spans and spans[open_spans[-1]][1] <= start:
            open_spans.pop()
        outer.append(open_spans[-1] if open_spans else -1)
        open_spans.append(index)
    return outer


def own(group: Group, sums: Sequence[int]) -> list[int]:
    """Return a sum per record without the records nested in it."""
    values = [sums[end] - sums[start] for start, end in group.spans]
    result = list(values)
    for index, around in enumerate(group.outer):
        if around >= 0:
            result[around] -= values[index]
    return result


def _score(survey: Survey, group: Group) -> float:
    """Weigh what the records hold against what they are called; 0 for what cannot be a discussion."""
    signs = sum(_sum(sums, group) for sums in (survey.dates, survey.authors, survey.controls))
    if signs < 0.4 * len(group.spans):
        return 0.0
    chars, links = own(group, survey.chars), own(group, survey.link_chars)
    words = [max(0, total - linked) for total, linked in zip(chars, links, strict=True)]
    count = len(words)
    usual = sorted(words)[count // 2]
    group.words = sum(min(value, 12 * usual + 40) for value in words)  # one article among teasers does not count
    if group.words < MIN_CHARS * count:
        return 0.0
    group.evidence = _evidence(survey, group) * sum(value >= MIN_CHARS for value in words) / count
    group.naming = _naming(survey, group)
    shares = sorted(link / max(1, total) for link, total in zip(links, chars, strict=True))
    linked = min(shares[count // 2], sum(links) / max(1, sum(chars)))
    if group.naming < 0 or group.evidence <= 0 or linked > (0.75 if group.naming >= 1.5 else 0.35):
        return 0.0
    size = math.pow(group.words, 0.3) * math.log2(1.6 + count)
    return group.evidence * (0.6 + group.naming) * size * (1 - linked)


def _evidence(survey: Survey, group: Group) -> float:
    """Return how regularly each record holds about one time, one name and some buttons, 0 to 1."""
    dates, authors, controls = (own(group, sums) for sums in (survey.dates, survey.authors, survey.controls))
    count = len(group.spans)
    most = 3 if count > 1 else 2
    timed = sum(_about_one(value, most) for value in dates) / count
    named = sum(_about_one(value, most + 2) for value in authors) / count
    pressed = sum(value > 0 for value in controls) / count
    return 0.5 * timed + 0.38 * named + 0.12 * pressed if timed >= 0.4 or named >= 0.5 or pressed >= 0.8 else 0.0


def _sum(sums: Sequence[int], group: Group) -> int:
    return sum(sums[end] - sums[start] for start, end in group.spans)


def _about_one(value: int, most: int) -> float:
    if value == 0:
        return 0.0
    return 1.0 if value <= most else (most / value) ** 2


def _naming(survey: Survey, group: Group) -> float:
    """Return what the names of the records and of what is around them say."""
    key = f"{group.signature[0]} {group.signature[1]}"
    value = 0.0
    if _FOR.search(key):
        value += 1.0
    if _STRONG.search(key) or key.endswith(("Comment", "Answer")):
        value += 1.0
    if _AGAINST.search(key) and group.signature[0] != "slice":
        value -= 1.6
    labels = [_label(survey.elements[number]) for number in survey.lineage(group.spans[0][0], 5)]
    around = " ".join(labels)
    if _STRONG.search(around):
        value += 0.7
    elif _FOR.search(around):
        value += 0.3
    if _AGAINST.search(" ".join(labels[:3])):
        value -= 0.7 if value < 1 else 0.3
    if value < 2 and (survey.announced(group.spans[0][0], ANNOUNCED_WITHIN) or _is_answerable(survey, group)):
        value += 0.7
    return value


def _is_answerable(survey: Survey, group: Group) -> bool:
    """Tell whether most records have a button to answer, quote or report them."""
    return sum(value > 0 for value in own(group, survey.controls)) >= 0.6 * len(group.spans)


def _label(element: Element) -> str:
    return f"{element.get('id') or ''} {element.get('class') or ''}" if element.tag not in ("body", "html") else ""


def _names_comments(survey: Survey, number: int, key: tuple[str, str]) -> bool:
    """Tell whether a single element is called a comment, so that pages with one comment are read too."""
    called = bool(_STRONG.search(key[1])) and not _SECTION.search(key[1])
    return called and survey.inside(survey.dates, number) > 0
