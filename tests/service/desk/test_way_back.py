"""Without scripts: whoever opens a comment from a filtered queue, and acts there, comes back to that queue."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from urllib.parse import quote

import pytest
from fastapi.testclient import TestClient

from data.records import Comment
from service.desk.forms import comment_path

Fill = Callable[..., None]
QUEUE = "/?sort=newest&site=daily&section=sport"


@pytest.fixture(autouse=True)
def three(fill: Fill) -> None:
    fill(*(Comment(str(number), f"Comment {number}.", author="Eve", parent_id="0") for number in range(3)))


def form(page: str, ending: str) -> tuple[str, dict[str, str]]:
    """Where a form of a page is sent, by the end of its address, and what it carries."""
    found = re.search(rf'action="(/comments/\d+/{ending})".*?</form>', page, re.DOTALL)
    assert found is not None
    fields = re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', found[0])
    return found[1], {name: html.unescape(value) for name, value in fields}


def test_deciding_undoing_and_noting_on_a_comments_page_keep_the_queue(demo: TestClient) -> None:
    links = re.findall(r'class="more" href="([^"]+)"', demo.get(QUEUE).text)
    here = html.unescape(links[0])
    for ending, more in (
        ("decision", {"resolution": "reject", "reason": "spam"}),
        ("undo", {}),
        ("notes", {"text": "a note"}),
    ):
        action, carried = form(demo.get(here).text, ending)
        answer = demo.post(action, data={**carried, **more})
        here = answer.headers["location"]
        assert (answer.status_code, here) == (303, comment_path(int(action.split("/")[2]), QUEUE))
        assert f'href="{html.escape(QUEUE)}" data-key="b"' in demo.get(here).text


def test_a_thread_is_walked_with_the_queue_in_mind(demo: TestClient) -> None:
    page = demo.get(comment_path(1, QUEUE)).text
    assert page.count(f"?back={quote(QUEUE)}") == page.count(">open</a>") > 0


def test_a_way_back_that_is_too_long_is_left_out() -> None:
    assert comment_path(7, "/?q=" + "%C3%A4" * 200) == "/comments/7"
    assert comment_path(7, "/") == "/comments/7"
