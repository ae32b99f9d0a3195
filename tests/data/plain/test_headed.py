"""Texts that people wrote or pasted together: every comment with a name and a time below a heading is found."""

from __future__ import annotations

import pytest

from data.plain.dump import parse_dump
from data.plain.headed import outnumbers
from data.plain.lines import read_lines
from data.plain.posts import Post, find_posts
from data.records import Discussion, Kind

STORY = (
    "Weir at Tarnbrook reopens\n\nThe weir at Tarnbrook reopened on Monday after a winter of repairs that cost the "
    "parish twice what it had put aside for them, and the first anglers stood on its banks before the mayor did.\n\n"
    "Engineers of the county will look at the fish ladder in April, and until then nobody may cross the weir on foot, "
    "which the walkers' club called a pity and the parish called the law.\n\n"
    "The report will be read out in the parish hall in May, where there is room for about ninety people, and in the "
    "garden behind it, where there is room for as many again if the rain stays away.\n\n"
)
SAID = (
    ("Ines Marlow", "2022-05-01 08:00", "They said the same of the bridge, and look how long that took them."),
    ("Otto", "2022-05-01 09:30", "Who pays?"),
    ("Pia", "2022-05-01 11:15", "I walked there on Sunday and the ladder looked far too steep for a trout of any age."),
    ("Gerd", "2022-05-02 07:45", "A pity indeed. The way round by the mill takes forty minutes, more with a dog."),
    ("Lena", "2022-05-02 10:00", "It is the law for a reason, Gerd."),
)
HEADERS = (
    "{name} on {time}",
    "{name} - {time}",
    "{name} ({time})",
    "{name} wrote on {time}:",
    "On {time}, {name} wrote:",
    "{name}, {time}:",
    "@{name} · {time}",
    "{number}. {name} ({time})",
    "**{name}** — {time}\n",
    "[{time}] {name}",
)


def _read(heading: str, header: str, between: str = "\n\n") -> Discussion:
    comments = (
        f"{header.format(name=name, time=time, number=number)}\n{words}"
        for number, (name, time, words) in enumerate(SAID, 1)
    )
    return parse_dump(f"{STORY}{heading}\n\n{between.join(comments)}\n")


@pytest.mark.parametrize("header", HEADERS)
@pytest.mark.parametrize("heading", ["Comments", "5 comments", "## Comments (5)"])
def test_every_comment_below_a_heading_is_found_with_its_name(heading: str, header: str) -> None:
    discussion = _read(heading, header)
    found = [(comment.author, comment.extra["published_raw"], comment.text) for comment in discussion.comments]
    handle = "@" if header.startswith("@") else ""
    assert found == [(handle + name, time, words) for name, time, words in SAID]
    assert discussion.kind is Kind.ARTICLE
    assert len([text for text in discussion.article.paragraphs if "Tarnbrook" in text or "Engineers" in text]) == 2


def test_rules_between_comments_in_markdown_are_no_names() -> None:
    found = _read("## Comments (5)", "**{name}** — {time}\n", "\n\n---\n\n").comments
    assert [(comment.author, comment.text) for comment in found] == [(name, words) for name, _, words in SAID]


def test_several_headers_outdo_one_comment_without_a_heading_too() -> None:
    found = _read("Below the line", "On {time}, {name} wrote:").comments
    assert [comment.text for comment in found] == [words for _, _, words in SAID]


def test_neither_unnamed_times_nor_other_places_outdo_the_networks() -> None:
    lines = read_lines(f"{STORY}Comments\n\n" + "\n\n".join(f"{name} ({time})\n{words}" for name, time, words in SAID))
    ruled = find_posts(lines)
    first = Post(ruled[0].start, ruled[0].end, None, None, None, ruled[0].top)
    elsewhere = Post(0, 5, None, None, None, 0)
    unnamed = [Post(post.start, post.end, None, post.raw, None, post.top) for post in ruled]
    assert outnumbers(lines, ruled, [first])
    assert not outnumbers(lines, ruled, [elsewhere, first])
    assert not outnumbers(lines, unnamed, [first])
    assert not outnumbers(lines, ruled, ruled)


def test_without_a_heading_several_must_stand_against_one() -> None:
    lines = read_lines(f"{STORY}" + "\n\n".join(f"{name} ({time})\n{words} #1" for name, time, words in SAID))
    ruled = [Post(line.start, line.end, "Otto", "2022", None, line.start) for line in lines if line.text.endswith("#1")]
    one, two = ruled[:1], ruled[1:3]
    merged = Post(ruled[0].start, ruled[-1].end, None, None, None, ruled[0].top)
    assert outnumbers(lines, ruled, one)
    assert outnumbers(lines, ruled, [merged])
    assert not outnumbers(lines, ruled, two)
    assert not outnumbers(lines, ruled[:2], one)
