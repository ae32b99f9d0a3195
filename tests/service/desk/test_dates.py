"""A platform's dates are shown as they are: no date of a reader keeps anybody from the queue."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from fastapi.testclient import TestClient

from service.desk.pages import moment

OUTSIDE = (
    "9999-12-31T23:59:59-05:00",
    "9999-12-31T23:59:59.9999999-05:00",
    "0001-01-01T05:00:00+14:00",
    "0001-01-01T00:30:00+01:00",
    "the day before yesterday",
    "2026-02-30T10:00:00Z",
)


@pytest.mark.parametrize("date", OUTSIDE)
def test_a_date_that_is_none_in_utc_is_shown_word_for_word(demo: TestClient, date: str) -> None:
    comments = [
        {"id": "1", "text": "WHAT A SHOUT", "published": date},
        {"id": "2", "text": "AND ANOTHER", "published": date, "parent_id": "1"},
    ]
    article = {"url": "https://odd.example/a/1", "title": "Bees", "published": date}
    assert demo.post("/v1/discussions", json={"article": article, "comments": comments}).json()["queued"] == 2
    for path in ("/", "/?site=odd.example", "/?queue=all&sort=newest", "/comments/1", "/comments/2"):
        answer = demo.get(path)
        assert answer.status_code == 200
        assert f">{date}</time>" in answer.text


def test_a_date_is_shown_in_utc_and_as_exact_as_it_is() -> None:
    assert moment("2026-03-01T01:30:00+02:00") == "28 Feb 2026, 23:30"
    assert moment("2026-03-01") == "1 Mar 2026"
    assert moment(datetime(2026, 3, 1, 0, 0, tzinfo=UTC)) == "1 Mar 2026, 00:00"
    assert moment("9999-12-31T23:59:59Z") == "31 Dec 9999, 23:59"


@pytest.mark.parametrize("date", OUTSIDE)
def test_a_place_in_the_order_that_is_no_moment_starts_at_the_top(demo: TestClient, date: str) -> None:
    demo.post("/v1/discussions", json={"site": "odd.example", "comments": [{"id": "1", "text": "WHAT A SHOUT"}]})
    for sort in ("newest", "oldest"):
        page = demo.get("/", params={"queue": "all", "sort": sort, "after": f"{date}~7"})
        assert (page.status_code, "WHAT A SHOUT" in page.text) == (200, True)
