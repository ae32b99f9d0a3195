"""Every engine's fixture comes out whole: ids, names, times, nesting, quotes, and no comment in the article."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from data.parse import parse
from data.records import Comment, Discussion

PAGES = Path(__file__).parent.parent / "pages"
EXPECTED: dict[str, dict[str, Any]] = json.loads((PAGES / "expected.json").read_text("utf-8"))


def read(name: str) -> Discussion:
    [discussion] = parse((PAGES / f"{name}.html").read_bytes())
    return discussion


@pytest.mark.parametrize("name", EXPECTED)
def test_page_of_an_engine_gives_its_comments(name: str) -> None:
    expected, discussion = EXPECTED[name], read(name)
    assert str(discussion.kind) == expected["kind"]
    assert [comment.text for comment in discussion.comments] == [item["text"] for item in expected["comments"]]
    for comment, item in zip(discussion.comments, expected["comments"], strict=True):
        check(comment, item)


def check(comment: Comment, item: dict[str, Any]) -> None:
    assert comment.author == item["author"]
    assert comment.published == item["published"]
    assert comment.parent_id == item["parent_id"]
    assert comment.status == item.get("status")
    if item["id"] is not None:
        assert comment.id == item["id"]
    if "quoted" in item:
        [quote] = comment.extra["quotes"]
        assert comment.text[quote["start"] : quote["end"]] == item["quoted"]


@pytest.mark.parametrize("name", EXPECTED)
def test_no_comment_leaks_into_the_article(name: str) -> None:
    discussion = read(name)
    body = discussion.article.text
    assert not any(item["text"].split("\n")[0] in body for item in EXPECTED[name]["comments"] if "quoted" not in item)
    first = EXPECTED[name].get("first")
    assert body == first if first else "Wexmouth" in body


@pytest.mark.parametrize("name", [name for name, item in EXPECTED.items() if "stated" in item])
def test_stated_count_and_system_are_reported(name: str) -> None:
    expected, coverage = EXPECTED[name], read(name).coverage
    assert coverage.stated_count == expected["stated"]
    assert coverage.comment_system == expected.get("system")
    assert coverage.complete is expected.get("complete", True)


def test_every_comment_says_where_it_was_found_and_how() -> None:
    for comment in read("wordpress").comments:
        assert comment.extra["method"] == "wordpress"
        assert str(comment.extra["xpath"]).startswith("/html/body")
        assert 0 < float(comment.extra["confidence"]) <= 1


def test_talk_page_gives_one_discussion_per_section() -> None:
    first, second = parse((PAGES / "mediawiki-talk.html").read_bytes())
    assert (first.kind, first.article.title, second.article.title) == ("talk", "Number of sailings", "Engine")
    nora, oskar, iris = first.comments
    assert (nora.author, nora.published, nora.parent_id) == ("Nora Quill", "2024-03-05T08:15Z", None)
    assert (oskar.parent_id, iris.parent_id) == (nora.id, oskar.id)
    assert "over the bridge" in iris.text
    assert "comes when it says" in iris.text
