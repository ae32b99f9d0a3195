"""Pinned floors on pages with human gold: what was reached once may not slide."""

from __future__ import annotations

from pathlib import Path

import pytest

from data.evaluate.gold import GoldPage, read_pages
from data.evaluate.tracks import HUMAN, NEGATIVE, comments_track, false_track, leak_track
from data.page.page import Finder

EVERY = 4  # pages; the whole benchmark is `python -m data.evaluate ../shared/pages`


@pytest.fixture(scope="module")
def pages() -> list[GoldPage]:
    folder = Path(__file__).parents[3] / "shared" / "pages"
    if not folder.is_dir():
        pytest.skip("needs the folder ../shared")
    return list(read_pages(folder))


@pytest.mark.shared
def test_threads_with_human_gold_keep_their_floor(pages: list[GoldPage]) -> None:
    result = comments_track([page for page in pages if page.set == HUMAN][::EVERY], Finder.ALL)
    assert result.counts.f1 >= 0.95
    assert (result.fields.accuracy("date") or 0) >= 0.93


@pytest.mark.shared
def test_generic_finder_alone_keeps_its_floor_on_articles(pages: list[GoldPage]) -> None:
    chosen = [page for page in pages if page.set == "wcxb" and page.kind == "article" and page.comments]
    assert comments_track(chosen[::EVERY], Finder.GENERIC).counts.f1 >= 0.9


@pytest.mark.shared
def test_news_comments_are_found_and_do_not_leak(pages: list[GoldPage]) -> None:
    recall, leak = leak_track([page for page in pages if "comments_text" in page.gold][::EVERY])
    assert recall >= 0.7
    assert leak <= 0.1


@pytest.mark.shared
def test_pages_without_comments_stay_without(pages: list[GoldPage]) -> None:
    assert sum(count for count, _ in false_track([page for page in pages if page.set == NEGATIVE][::EVERY])) == 0
