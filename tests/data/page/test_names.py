"""Authors: what a name's own field says, what the words around a name are, and nobody where no name is given."""

from __future__ import annotations

import pytest

from data.page.names import clean_names, name_in_words
from data.parse import parse

NAMES = ["von Storch", "Simon Says", "Loaded Dice", "Von Miller", "-scope-", "By The Weir", "Name", "mike...", "x: y,"]


def wordpress(author: str, number: int) -> str:
    return (
        f'<li class="comment" id="comment-{number}"><div class="comment-author">{author}</div>'
        f'<div class="comment-content"><p>Words number {number} about the weir.</p></div></li>'
    )


def authors(page: str) -> list[str | None]:
    [discussion] = parse(f"<html><head><title>Weir</title></head><body><h1>Weir</h1>{page}</body></html>")
    return [comment.author for comment in discussion.comments]


def test_a_field_that_holds_the_name_is_taken_as_it_is() -> None:
    items = [wordpress(f'<b class="fn"> {name}\n</b> <span>says:</span>', at) for at, name in enumerate(NAMES)]
    assert authors(f'<ol class="comment-list">{"".join(items)}</ol>') == NAMES


def test_a_forums_names_are_taken_as_they_are() -> None:
    posts = [
        f'<div id="p{at}" class="post"><dl class="postprofile"><dt><a class="username">{name}</a></dt></dl>'
        f'<div class="postbody"><div class="content">Words number {at} about the weir.</div></div></div>'
        for at, name in enumerate(["Ann", "Dice", "By The Weir"])
    ]
    assert authors(f'<div class="viewtopic">{"".join(posts)}</div>') == ["Dice", "By The Weir"]


def test_words_around_a_name_are_taken_off() -> None:
    items = [
        wordpress(words, at) for at, words in enumerate(["Ann Quay says", "Comment by K — January 7, 2008 @ 8:21 pm"])
    ]
    assert authors(f'<ol class="comment-list">{"".join(items)}</ol>') == ["Ann Quay", "K"]


@pytest.mark.parametrize(
    ("texts", "names"),
    [
        (["von Storch", "Ann", "Bo"], ["von Storch", "Ann", "Bo"]),
        (["von Ann", "von Bo", None, "von Cy"], ["Ann", "Bo", None, "Cy"]),
        (["Simon Says", "Ann", "Bo"], ["Simon Says", "Ann", "Bo"]),
        (["Ann Says", "Bo Says"], ["Ann", "Bo"]),
        (["Posted by: Ann", "by Bo", "Cy said...", "Di,"], ["Ann", "Bo", "Cy", "Di"]),
        (["", " - "], [None, "-"]),
    ],
)
def test_what_may_be_part_of_a_name_goes_where_most_names_have_it(
    texts: list[str | None], names: list[str | None]
) -> None:
    assert clean_names(texts) == names


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("Posted by hopper62 on January 10, 2008 5:58 PM", "hopper62"),
        ("Posted By: wader3 | January 07 2008 at 03:06 PM", "wader3"),
        ("BY TANAGER AT 01/08/08 05:30 PM", "TANAGER"),
        ("BY AT 01/08/08 05:30 PM", None),
        ("Comment by D — January 7, 2008 @ 9:39 pm", "D"),
        ("Ada schrieb am 03.04.2010:", "Ada"),
        ("Posted August 19, 2013", None),
        ("10 hours ago, Bo said:", None),
        ("I posted about this on Monday and nobody answered.", None),
        ("As the mayor said.", None),
    ],
)
def test_a_name_is_read_out_of_a_line_or_not_at_all(line: str, name: str | None) -> None:
    assert name_in_words([line]) == name


def remark(words: str, name: str = "", hour: int = 10) -> str:
    who = f'<span class="author">{name}</span> ' if name else ""
    when = f'<span class="date">4 March 2021 {hour}:00</span>'
    return f'<div class="remark">{who}{when}<div class="text">{words}</div></div>'


def test_the_words_of_a_comment_name_nobody() -> None:
    said = ["Posted by a fool on Monday, surely.", "As the mayor said:", "by the way", "It was written by Bo on Monday"]
    remarks = [remark("A good plan, if anybody pays for it.", "Ann"), *(remark(words) for words in said)]
    remarks += [remark("Fine by me, said the miller.", "Cy"), remark("And by me, said the baker.", "Di")]
    assert authors(f'<div id="comments"><h2>7 comments</h2>{"".join(remarks)}</div>') == [
        "Ann",
        *[None] * 4,
        "Cy",
        "Di",
    ]


def test_a_comment_is_not_taken_for_its_authors_name() -> None:
    said = {"Ann": "No plan at all.", "Bo": "A good plan.", "": "We pay, in the end.", "Cy": "Why then?", "Di": "Fine."}
    said |= {"Ed": "Late again, all of them.", "Flo": "What did they think of it?"}
    remarks = [remark(f'<div class="user-text"><p>{words}</p></div>', name) for name, words in said.items()]
    [found] = parse(f"<html><body><div id='comments'><h2>7 comments</h2>{''.join(remarks)}</div></body></html>")
    assert [(item.author or "", item.text) for item in found.comments] == list(said.items())
