"""The date of an article is its own: no teaser beside or below it lends it one."""

from __future__ import annotations

import pytest

from data.parse import parse

STORY = (
    "<h1>Weir at Tarnbrook reopens</h1>{time}<p>The weir at Tarnbrook reopened on Monday after a winter of repairs "
    "that cost the parish twice what it had put aside for them, and anglers may return in April.</p>"
)
TEASER = (
    "<a href='/{day}'>What the parish did on day {day}</a><span>Ines Marlow</span>"
    "<time datetime='2021-03-0{day}'>{day} March</time>"
)
ROW = "".join(f"<div class='c'>{TEASER.format(day=day)}</div>" for day in (1, 2, 3))
ONE = TEASER.format(day=1)
OWN = "<p>Published <time datetime='2021-04-06'>6 April</time></p>"


def _published(body: str) -> str | None:
    return parse(f"<html><body>{body}</body></html>", format="html")[0].article.published


@pytest.mark.parametrize(
    "teasers", [ROW, f"<div class='related-story'>{ONE}</div>", f"<aside>{ONE}</aside>", f"<nav><p>{ONE}</p></nav>"]
)
def test_a_teaser_does_not_date_the_article(teasers: str) -> None:
    story = f"<article>{STORY}</article>"
    assert _published(story.format(time="") + teasers) is None
    assert _published(teasers + story.format(time=OWN)) == "2021-04-06"


def test_when_it_appeared_and_was_changed_are_no_teasers() -> None:
    changed = OWN.replace("2021-04-06", "2021-05-07").replace("Published", "Updated")
    assert _published(f"<article>{STORY.format(time=OWN + changed)}</article>") == "2021-04-06"
    assert _published(f"<aside>{STORY.format(time=OWN)}</aside>") == "2021-04-06"
