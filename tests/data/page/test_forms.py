"""A comment form leaves the page; a form that is around the page, or around what others wrote, does not."""

from __future__ import annotations

import pytest

from data.parse import parse

FIELD = "<textarea name='body'></textarea><input type='submit' value='Send'>"
STORY = (
    "<h2>Weir at Tarnbrook reopens</h2><p>The weir at Tarnbrook reopened on Monday after a winter of repairs that cost "
    "the parish twice what it had put aside for them.</p><p>Anglers may return in April, when the fish ladder has been "
    "looked at by the county's engineers.</p>"
)
SAID = "".join(
    f"<div class='comment'><span class='author'>{name}</span> <span class='date'>{day} March 2021</span>"
    f"<p>The ladder looks {word} to me.</p></div>"
    for day, (name, word) in enumerate((("Ines", "short"), ("Otto", "steep"), ("Pia", "solid")), 4)
)
OWN = f"<form><h3>Leave a reply</h3><p>Your address will not be published.</p><label>Name</label>{FIELD}</form>"


def _texts(body: str) -> tuple[list[str], list[str]]:
    [discussion] = parse(f"<html><body>{body}</body></html>", format="html")
    return list(discussion.article.paragraphs), [comment.text for comment in discussion.comments]


@pytest.mark.parametrize(
    "body",
    [
        f"<form id='aspnetForm'>{STORY}<h3>3 comments</h3>{SAID}{FIELD}</form>",
        f"<form id='aspnetForm'><div>{STORY}</div>{FIELD}</form>",  # no time says that it is no comment form
        f"{STORY}<form><h3>3 comments</h3>{SAID}{FIELD}</form>",  # around the comments alone
        f"{STORY}<h3>3 comments</h3>{SAID}{OWN}",
    ],
)
def test_a_form_takes_nothing_with_it_that_was_written_by_others(body: str) -> None:
    paragraphs, comments = _texts(body)
    assert any("winter of repairs" in text for text in paragraphs)
    assert len(comments) == body.count("class='comment'")


def test_a_comment_form_leaves_the_page() -> None:
    paragraphs, comments = _texts(f"{STORY}<h3>3 comments</h3>{SAID}{OWN}")
    assert "will not be published" not in " ".join([*paragraphs, *comments])
