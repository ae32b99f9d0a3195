"""Comments whose times count from the day of reading, on pages of other languages than English."""

from __future__ import annotations

import pytest

from data.parse import parse

WORDS = [
    "I have crossed this bridge every day for twenty years and never seen a lorry.",
    "Then you were not there at five in the morning, when the market opens.",
    "About time, since the noise is awful.",
]
COMMENT = (
    "<div class='comment'><div class='head'><span class='comment-author'>{name}</span> <span class='when'>{time}</span>"
    "</div><div class='comment-body'><p>{words}</p></div></div>"
)
STORY = "<article><h1>Old bridge</h1><p>The council voted on Tuesday to close the old bridge to cars.</p></article>"


@pytest.mark.parametrize(
    "times",
    [
        ("vor 3 Stunden", "vor einer Stunde", "gestern, 10:02 Uhr"),
        ("il y a une heure", "hier à 10h02", "il y a un an"),
        ("3 uur geleden", "een week geleden", "2 dagen geleden"),
        ("3 godziny temu", "wczoraj, 10:02", "tydzień temu"),
        ("3時間前", "2日前", "1週間前"),
        ("منذ 3 ساعات", "قبل يومين", "منذ أسبوع"),
    ],
)
def test_each_comment_keeps_its_words_and_its_time_apart(times: tuple[str, ...]) -> None:
    rows = "".join(
        COMMENT.format(name=f"Reader{place}", time=time, words=words)
        for place, (time, words) in enumerate(zip(times, WORDS, strict=True))
    )
    page = f"<html><body><main>{STORY}<div class='comments'>{rows}</div></main></body></html>"
    [discussion] = parse(page, format="html")
    assert [comment.text for comment in discussion.comments] == WORDS
    assert [comment.author for comment in discussion.comments] == ["Reader0", "Reader1", "Reader2"]
    assert [comment.published for comment in discussion.comments] == [None, None, None]
    said = [comment.extra["published_raw"] for comment in discussion.comments]
    assert all(time.removesuffix(" Uhr") in raw for time, raw in zip(times, said, strict=True))
