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


@pytest.mark.parametrize("place", ["site", "section"])
def test_a_view_of_a_place_without_comments_says_what_narrows_it(demo: TestClient, place: str) -> None:
    page = demo.get(f"/?{place}=nowhere").text
    assert "No comment matches." in page
    assert f"{place.capitalize()} <bdi>nowhere</bdi>" in page
    assert "Narrowed to" not in demo.get("/?site=odd.example").text


def test_a_range_with_its_ends_the_wrong_way_round_is_the_same_in_the_queue(demo: TestClient) -> None:
    swapped = "a=toxicity&lo=1&hi=0"
    assert "1 comment with toxicity" in demo.get(f"/histogram?{swapped}").text
    assert "WHAT A SHOUT" in demo.get(f"/?{swapped}").text


def test_a_histogram_says_what_is_in_no_column(demo: TestClient) -> None:
    page = demo.get("/histogram?a=relevance").text
    assert "1 comment waits. 1 of them has no score for relevance and is in no column." in page
    assert 'aria-label="0 waiting comments by relevance' in page
    assert "no score" not in demo.get("/histogram?a=toxicity").text


def test_an_empty_page_behind_the_last_comment_does_not_say_that_nothing_waits(demo: TestClient) -> None:
    page = demo.get("/?sort=toxicity&after=0.0~1").text
    assert "Nothing is left on this page." in page
    assert "To the top" in page
