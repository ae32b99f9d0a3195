"""Short comments whose words could be a label of the page."""

from __future__ import annotations

import pytest

from data.parse import parse

STORY = (
    "<article><h1>Old bridge closes</h1><p>The council voted on Tuesday to close the old bridge to cars.</p></article>"
)
COMMENT = (
    "<div class='comment'><span class='comment-author'>{name}</span> <span class='when'>{day} May 2021</span>"
    "<div class='comment-body'><p>{words}</p></div></div>"
)


def _texts(*words: str) -> list[str]:
    rows = "".join(
        COMMENT.format(name=f"Reader{day}", day=day, words=said)
        for day, said in enumerate(("I cross it every day.", "So do I, on foot.", *words), start=1)
    )
    page = f"<html><body><main>{STORY}<div class='comments'>{rows}</div></main></body></html>"
    return [comment.text for comment in parse(page)[0].comments][2:]


@pytest.mark.parametrize("words", ["Thanks!", "I moved here 2 years ago.", "1984", "Since 3 May 2021.", "Reader1"])
def test_a_comment_that_looks_like_a_label_is_kept(words: str) -> None:
    assert _texts(words) == [words]


def test_a_sentence_with_a_time_stays_at_the_end_of_a_comment() -> None:
    assert _texts("Great town.</p><p>I moved here 2 years ago.") == ["Great town.\n\nI moved here 2 years ago."]


@pytest.mark.parametrize("label", ["<a href='#'>Reply</a>", "edited 4 December 2016 at 12:42AM", "·  ·"])
def test_a_label_alone_is_no_comment(label: str) -> None:
    assert _texts(label) == []
