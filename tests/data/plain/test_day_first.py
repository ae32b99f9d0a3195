"""Dates such as 05/04/2020 in dumps: the other posts say which number is the day."""

from __future__ import annotations

import pytest

from data.dates import iso_date
from data.plain.dump import Found, _from_posts
from data.plain.posts import Post


@pytest.mark.parametrize(
    ("dates", "published"),
    [
        (["13/04/2020", "05/04/2020"], ["2020-04-13T16:15", "2020-04-05T16:15"]),
        (["04/13/2020", "05/04/2020"], ["2020-04-13T16:15", "2020-05-04T16:15"]),
        (["06/07/2020", "05/04/2020"], [None, None]),
    ],
)
def test_the_other_posts_decide(dates: list[str], published: list[str | None]) -> None:
    times = [f"{date}, 04:15 PM" for date in dates]
    posts = [Post(at, at + 1, "Ann", time, iso_date(time), at) for at, time in enumerate(times)]
    comments = _from_posts("words", Found(posts, "lines", 0.5), posts, None)
    assert [comment.published for comment in comments] == published
