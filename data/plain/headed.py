"""Where rules are to be believed rather than networks: they find a time and a name on each of many more comments."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Sequence

from data.plain.lines import SourceLine, stated_count
from data.plain.marks import COMMENTS_HEAD
from data.plain.posts import Post

WITHIN = 6  # lines with words between the heading and the first comment
NAMED = 0.9  # share of the comments with a time and a name, or a time and a number
MERGED = 0.5  # share of the headers among the words of what the networks take for one comment
SEVERAL = 3  # comments of which the networks find but one
TIMES = 2  # as many comments as the networks' say that those are no headers of quotations
_NUMBER = re.compile(r"#\d")


def outnumbers(lines: Sequence[SourceLine], ruled: Sequence[Post], posts: Sequence[Post]) -> bool:
    """Tell whether the rules' comments have a whole header each, and hold all that the networks found or part it.

    The networks have learnt few texts that people wrote or pasted together, so there they stop after the first comment
    or take all of them for one.
    """
    if len(ruled) <= len(posts) or not _are_named(lines, ruled):
        return False
    if len(ruled) >= TIMES * len(posts) and sum(_is_inside(post, posts) for post in ruled) >= MERGED * len(ruled):
        return True
    likely = (len(posts) == 1 and len(ruled) >= SEVERAL) or _is_announced(lines, ruled[0].top)
    return likely and all(_begins_in(post, ruled) for post in posts)


def _is_announced(lines: Sequence[SourceLine], top: int) -> bool:
    above = [line.text for line in lines if line.text and line.end <= top][-WITHIN:]
    return any(COMMENTS_HEAD.match(text) or stated_count(text) is not None for text in above)


def _are_named(lines: Sequence[SourceLine], ruled: Sequence[Post]) -> bool:
    numbered = {line.start for line in lines if _NUMBER.search(line.text)}
    whole = sum(bool(post.raw and (post.author or post.top in numbered)) for post in ruled)
    return whole >= NAMED * len(ruled)


def _is_inside(post: Post, others: Sequence[Post]) -> bool:
    """Tell whether the header of a comment stands among the words of another."""
    place = bisect_left(others, post.top, key=lambda other: other.start) - 1
    return place >= 0 and post.top < others[place].end


def _begins_in(post: Post, ruled: Sequence[Post]) -> bool:
    place = bisect_right(ruled, post.start, key=lambda other: other.top) - 1
    return place >= 0 and post.start < ruled[place].end
