"""The number of comments that a page states, in languages other than English."""

from __future__ import annotations

import pytest

from data.parse import parse


@pytest.mark.parametrize(
    "heading", ["4 reacties", "Komentarze (4)", "Комментарии: 4", "التعليقات (4)", "コメント4件", "댓글 4"]
)
def test_a_section_whose_comments_are_not_in_the_page_is_incomplete(heading: str) -> None:
    [found] = parse(f"<html><body><p>The weir reopened on Monday.</p><h2>{heading}</h2></body></html>")
    assert (found.coverage.stated_count, found.coverage.complete) == (4, False)
