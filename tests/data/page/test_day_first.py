"""Dates such as 05/04/2020 on pages: the page's other dates say which number is the day, and else nobody does."""

from __future__ import annotations

import pytest

from data.parse import parse

CLOCK = "{}, 04:15 PM"


def vbulletin(date: str, number: int) -> str:
    words = f"Words number {number} about the weir and the mill."
    return (
        f'<li class="postbit postcontainer" id="post_{number}"><div class="posthead"><span class="date">{date}</span>'
        f'</div><a class="username">Ann</a><blockquote class="postcontent">{words}</blockquote></li>'
    )


def remark(date: str, number: int) -> str:
    return (
        f'<div class="remark"><span class="author">Ann</span> <span class="date">{date}</span>'
        f'<div class="text">Words number {number} about the weir and the mill.</div></div>'
    )


def published(dates: list[str], *, adapter: bool) -> list[str | None]:
    """Return when the answers on a page were written, of an engine that is known or not."""
    make = vbulletin if adapter else remark
    items = "".join(make(date, number) for number, date in enumerate(dates, 1))
    page = f'<ol id="posts">{items}</ol>' if adapter else f'<div id="comments"><h2>Comments</h2>{items}</div>'
    [found] = parse(f"<html lang='en'><head><title>Weir</title></head><body><h1>Weir</h1>{page}</body></html>")
    dates_found = [comment.published for comment in found.comments]
    return [found.article.published, *dates_found] if adapter else dates_found


@pytest.mark.parametrize("adapter", [True, False])
@pytest.mark.parametrize(
    ("printed", "days"),
    [
        (["13-04-2020", "05-04-2020", "06-07-2020"], ["2020-04-13", "2020-04-05", "2020-07-06"]),
        (["04/13/2020", "05/04/2020", "06/07/2020"], ["2020-04-13", "2020-05-04", "2020-06-07"]),
        (["05-04-2020", "06-07-2020", "08-08-2020"], [None, None, "2020-08-08"]),
        (["05/06/2020", "05/07/2020", "05/08/2020"], ["2020-05-06", "2020-05-07", "2020-05-08"]),
        (["01/02/2020", "01/03/2020", "01/04/2020"], [None, None, None]),
        (["04/05/2020", "04/06/2020", "05/06/2020"], [None, None, None]),
    ],
)
def test_the_pages_other_dates_decide(printed: list[str], days: list[str | None], adapter: bool) -> None:
    expected = [day and f"{day}T16:15" for day in days]
    assert published([CLOCK.format(date) for date in printed], adapter=adapter) == expected


def test_a_date_that_may_be_two_is_printed_whole() -> None:
    page = "".join(remark(f"05-0{day}-2020, <i>04:15 PM</i>", day) for day in (6, 7))
    [found] = parse(f"<html><body><h1>Weir</h1><div id='comments'><h2>Comments</h2>{page}</div></body></html>")
    assert [(item.published, item.extra["published_raw"]) for item in found.comments] == [
        (None, "05-06-2020, 04:15 PM"),
        (None, "05-07-2020, 04:15 PM"),
    ]
