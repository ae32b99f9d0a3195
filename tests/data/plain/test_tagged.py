"""Dumps without marks between comments, read by the network: the project's own pages rendered to text."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from data.evaluate.renderings import crawled, displayed
from data.page.page import parse_page
from data.plain.dump import MAX_TAGGED, parse_dump
from data.plain.lines import read_lines
from data.plain.tagged import is_believable, tagged_posts
from data.plain.tagger import Label, Tagged, best_path, network, tag

PAGES = Path(__file__).parents[1] / "pages"


def _tagged(labels: str, *lines: str) -> Tagged:
    """Return lines with given labels: o, b, i or n for each."""
    numbers = np.array(["obin".index(label) for label in labels])
    return Tagged(list(read_lines("\n".join(lines))), numbers, np.eye(len(Label), dtype=np.float32)[numbers])


@pytest.mark.parametrize("rendering", [displayed, crawled])
@pytest.mark.parametrize("name", ["wordpress", "vbulletin3", "drupal", "phpbb", "bespoke-table"])
def test_a_rendered_page_has_the_comments_of_the_page(name: str, rendering: object) -> None:
    html = (PAGES / f"{name}.html").read_bytes()
    text = displayed(html) if rendering is displayed else crawled(html)
    wanted = [comment.text.split()[:3] for comment in parse_page(html.decode("utf-8"))[0].comments]
    found = [comment.text.split()[:3] for comment in parse_dump(text or "").comments]
    assert len([words for words in wanted if words in found]) >= 0.5 * len(wanted)


@pytest.mark.parametrize("rendering", [displayed, crawled])
def test_a_rendered_page_without_comments_has_none(rendering: object) -> None:
    html = (PAGES / "no-comments.html").read_bytes()
    text = displayed(html) if rendering is displayed else crawled(html)
    assert parse_dump(text or "").comments == ()


def test_names_and_times_before_the_words_belong_to_them() -> None:
    lines = ("Ada says:", "3 May 2021", "Fine.", "Like", "Bo says:", "4 May 2021", "Is it?", "It is.")
    first, second = tagged_posts(_tagged("nobonobi", *lines))
    assert (first.author, first.published) == ("Ada", "2021-05-03")
    assert (second.author, second.published) == ("Bo", "2021-05-04")


def test_names_and_times_behind_the_words_belong_to_them() -> None:
    lines = ("Fine.", "by Ada, 3 May 2021", "Is it?", "by Bo, 4 May 2021")
    first, second = tagged_posts(_tagged("bnbn", *lines))
    assert (first.author, first.published, second.author) == ("Ada", "2021-05-03", "Bo")


def test_the_best_path_never_goes_on_with_what_has_not_begun() -> None:
    scores = np.log(np.array([[0.1, 0.1, 0.7, 0.1]] * 3, np.float32))
    path = best_path(scores, network().moves)
    assert list(path) == [Label.BEGIN, Label.INSIDE, Label.INSIDE]


def test_a_text_without_words_has_no_labels() -> None:
    assert tag(read_lines("\n \n\u00a0\n")).lines == []


def test_very_long_dumps_are_left_to_the_rules() -> None:
    discussion = parse_dump("the council met again about the weir\n" * (MAX_TAGGED + 1))
    assert discussion.comments == ()


def test_a_single_comment_needs_a_heading() -> None:
    alone, headed = _tagged("ob", "Late again", "Is it?"), _tagged("ob", "1 comment", "Is it?")
    assert not is_believable(alone, tagged_posts(alone))
    assert is_believable(headed, tagged_posts(headed))
