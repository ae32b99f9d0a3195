"""Records that no element holds: a run of siblings from one time or name to the next, as in old tables of posts."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from itertools import pairwise

from data.page.survey import Survey

Span = tuple[int, int]
MIN_ANCHORS = 2
MAX_CLIMB = 12


def slices(survey: Survey) -> Iterator[tuple[tuple[str, str], list[Span]]]:
    """Yield candidate records around each kind of anchor: elements with a time at the same place of the page."""
    anchors: defaultdict[tuple[str, tuple[str, ...], str], list[int]] = defaultdict(list)
    for number, dated in enumerate(survey.is_date):
        if dated:
            parent = survey.parents[number]
            above = survey.elements[parent].tag + " ".join(survey.classes[parent]) if parent >= 0 else ""
            anchors[survey.elements[number].tag, survey.classes[number], above].append(number)
    for (tag, classes, _), numbers in anchors.items():
        if len(numbers) >= MIN_ANCHORS:
            for spans in _around(survey, numbers):
                yield ("slice", f"{tag} {' '.join(classes)}"), spans


def _around(survey: Survey, anchors: Sequence[int]) -> Iterator[list[Span]]:
    """Yield the largest elements with one anchor each, then the same with the siblings that belong to them."""
    tops = [_top(survey, anchor, anchors) for anchor in anchors]
    alike = Counter((survey.elements[top].tag, survey.classes[top][:1]) for top in tops).most_common(1)[0][1]
    if alike < 0.6 * len(tops):
        return
    yield [(top, survey.ends[top]) for top in tops]
    shared = Counter(survey.parents[top] for top in tops)
    parent, count = shared.most_common(1)[0]
    if count < MIN_ANCHORS or count < 0.6 * len(tops):
        return
    children = [survey.index[child] for child in survey.elements[parent] if child in survey.index]
    places = [children.index(top) for top in tops if survey.parents[top] == parent]
    gap = Counter(after - before for before, after in pairwise(places)).most_common(1)[0][0]
    if gap > 1:
        begun, ended = _from(survey, children, places, gap), _until(survey, children, places, gap)
        yield ended if _filled(survey, ended) > _filled(survey, begun) else begun


def _filled(survey: Survey, spans: Sequence[Span]) -> int:
    """Count the spans that hold about as many words as the others do."""
    words = [survey.chars[end] - survey.chars[start] for start, end in spans]
    usual = sorted(words)[len(words) // 2]
    return sum(count >= 0.15 * usual for count in words)


def _top(survey: Survey, anchor: int, anchors: Sequence[int]) -> int:
    """Climb to the largest element that holds no other anchor."""
    for _ in range(MAX_CLIMB):
        above = survey.parents[anchor]
        if above < 0:
            break
        inside = bisect_left(anchors, survey.ends[above]) - bisect_left(anchors, above)
        if inside > 1 or survey.elements[above].tag in ("body", "html"):
            break
        anchor = above
    return anchor


def _from(survey: Survey, children: Sequence[int], places: Sequence[int], gap: int) -> list[Span]:
    """Records that begin at their anchor."""
    stops = [*places[1:], min(places[-1] + gap, len(children))]
    return [(children[a], survey.ends[children[b - 1]]) for a, b in zip(places, stops, strict=True)]


def _until(survey: Survey, children: Sequence[int], places: Sequence[int], gap: int) -> list[Span]:
    """Records that end with their anchor."""
    starts = [max(places[0] - gap + 1, 0), *(place + 1 for place in places[:-1])]
    return [(children[a], survey.ends[children[b]]) for a, b in zip(starts, places, strict=True)]
