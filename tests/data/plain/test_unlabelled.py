"""Names in dumps of newspapers and forums whose header lines the networks label otherwise."""

from __future__ import annotations

from dataclasses import replace

import pytest

from data.plain.dump import parse_dump
from data.plain.headers import name_on
from data.plain.lines import read_lines
from data.plain.posts import Post
from data.plain.unlabelled import Header, with_names

DAY = "12 Mar 2024"
BUTTONS = "Upvote\n12\n\nDownvote\n\nReply\nreply\n\nAward\n\nShare\nShare\n\n"


def _named(known: str | None, *headers: str) -> list[str | None]:
    """Return the authors of comments under these headers; `known` is the last one's by its label."""
    posts = [Post(0, 1, None, DAY, None, 0) for _ in headers]
    posts[-1] = replace(posts[-1], author=known)
    lines = [read_lines(header)[::-1] for header in headers]
    return [post.author for post in with_names(posts, [Header(held, 0) for held in lines])]


def test_the_line_above_a_time_names_the_author_also_where_somebody_is_answered() -> None:
    assert _named("Ada", f"Ada\n{DAY}", f"Bo\nAda\n{DAY}", f"Cy\n{DAY}", f"Ada\n{DAY}") == ["Ada", "Bo", "Cy", "Ada"]


@pytest.mark.parametrize(
    ("known", "headers"),
    [
        ("Ada", (f"Bo\nYork\n{DAY}", f"Cy\nLeeds\n{DAY}", f"Ada\nHull\n{DAY}")),
        ("Ada", (f"Leeds\n{DAY}", f"York\n{DAY}", f"Hull\n{DAY}")),
        (None, (f"Report\n{DAY}", f"Reply\n{DAY}")),
    ],
)
def test_a_place_or_a_button_names_nobody(known: str | None, headers: tuple[str, ...]) -> None:
    assert _named(known, *headers) == [None] * (len(headers) - 1) + [known]


def test_the_line_of_a_time_names_the_author() -> None:
    assert _named(None, f"Ada • {DAY}", f"Bo • {DAY}") == ["Ada", "Bo"]
    assert name_on("[–]ferryman 12 points 8 months ago", "8 months ago") == "ferryman"


def test_pictures_of_members_name_nobody_and_are_in_no_comment() -> None:
    words = ("I have crossed this bridge every day for years.", "Then you were not there at five.", "About time.")
    names = ("janewren", "oldmate44", "quayle")
    posts = "".join(
        f"u/{name} avatar\n{name}\n•\n8mo ago\n{said}\n\n{BUTTONS}" for name, said in zip(names, words, strict=True)
    )
    head = (
        "Council closes old bridge to cars from spring\n\n" + "The council voted on Tuesday to close the bridge. " * 12
    )
    comments = parse_dump(f"{head}\n\nComments Section\n\n{posts}More replies\n").comments
    assert [(comment.author, comment.text) for comment in comments] == list(zip(names, words, strict=True))
