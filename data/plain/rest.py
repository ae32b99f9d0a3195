"""What is left over below an article: lines with words that no comment holds, such as comments that were overlooked."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence

from data.plain.headers import date_in
from data.plain.lines import Line, SourceLine
from data.plain.marks import ENDS, MEMBER, is_button
from data.records import Block, Comment

WORDS = 5  # of a line; names, buttons and labels have fewer
DATED = 130  # characters of a line that says a time and little else
_FURNITURE = (Line.CONTROL, Line.RULE, Line.COUNT, Line.DATE, Line.TEMPLATE)


def left_over(lines: Sequence[SourceLine], article: Sequence[SourceLine], comments: Sequence[Comment]) -> list[Block]:
    """Return the lines between an article, or the first post, and the foot of its page that are in no comment."""
    spans = sorted((int(comment.extra["start"]), int(comment.extra["end"])) for comment in comments)
    begin = article[-1].end if article else 0
    last = spans[-1][1] if spans else begin
    foot = next((line.start for line in lines if line.start >= last and ENDS.match(line.text)), lines[-1].end + 1)
    rest = (line for line in lines if begin <= line.start < foot and _is_prose(line) and not _within(line, spans))
    return [Block("other", line.text, line.start, line.end, method="lines") for line in rest]


def _is_prose(line: SourceLine) -> bool:
    if len(line.text.split(None, WORDS)) < WORDS or line.kind in _FURNITURE:
        return False
    label = is_button(line.text) or MEMBER.match(line.text) or (len(line.text) < DATED and date_in(line.text))
    return not label


def _within(line: SourceLine, spans: Sequence[tuple[int, int]]) -> bool:
    place = bisect_right(spans, line.start, key=lambda span: span[0]) - 1
    return place >= 0 and line.start < spans[place][1]
