"""What waits is shown in every order: without the score that it is sorted by it comes last, and charts say so."""

from __future__ import annotations

import pytest
from fastapi.testclient import TestClient


@pytest.fixture(autouse=True)
def off_article(demo: TestClient) -> None:
    """One comment that waits, without an article and so without a relevance."""
    demo.post("/v1/discussions", json={"site": "odd.example", "comments": [{"id": "1", "text": "WHAT A SHOUT"}]})


@pytest.mark.parametrize("sort", ["urgency", "newest", "toxicity", "relevance"])
def test_a_comment_without_a_score_is_shown_in_every_order(demo: TestClient, sort: str) -> None:
    page = demo.get(f"/?site=odd.example&sort={sort}").text
    assert "WHAT A SHOUT" in page
    assert "Nothing waits" not in page


def test_a_histogram_says_what_is_in_no_column(demo: TestClient) -> None:
    page = demo.get("/histogram?a=relevance").text
    assert "1 comment waits. 1 of them has no score for relevance and is in no column." in page
    assert 'aria-label="0 waiting comments by relevance' in page
    assert "no score" not in demo.get("/histogram?a=toxicity").text


def test_an_empty_page_behind_the_last_comment_does_not_say_that_nothing_waits(demo: TestClient) -> None:
    page = demo.get("/?sort=toxicity&after=0.0~1").text
    assert "Nothing is left on this page." in page
    assert "To the top" in page
