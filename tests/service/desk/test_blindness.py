"""A second moderator learns of the first decision from nothing: no count, no chart, no strip after their own."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from data.records import Comment
from service.store import Resolution, State, Store
from service.store.decisions import Judgement, Target, decide
from service.store.filters import Filter
from service.store.queue import QueuedComment, find_comment, list_comments
from service.store.viewers import Viewer

Fill = Callable[..., None]


@pytest.fixture
def bob(make_app: Callable[..., FastAPI], people: None, open_session: Callable[[str], str]) -> TestClient:
    """A moderator of a desk on which every decision goes to a second one."""
    client = TestClient(make_app(second_opinion_share=1.0), base_url="http://127.0.0.1:8000", follow_redirects=False)
    client.cookies.set("belowline_session", open_session("bob"))
    return client


@pytest.fixture
def rejected(store: Store, fill: Fill) -> QueuedComment:
    """One of three comments, which ada rejected."""
    fill(*(Comment(str(number), f"Comment {number}.") for number in range(3)))
    one = list_comments(store.database, Filter(), Viewer("ada")).comments[0]
    target = [Target(one.id, one.version)]
    decide(store.database, Viewer("ada"), Judgement(Resolution.REJECT, "insult"), target, second_share=1.0)
    return one


@pytest.mark.usefixtures("rejected")
def test_the_histogram_counts_what_the_queue_counts(bob: TestClient) -> None:
    assert 'id="count-waiting">3<' in bob.get("/").text
    assert "3 comments wait." in bob.get("/histogram").text
    assert "<h2>3 comments with toxicity" in bob.get("/histogram?lo=0&hi=1").text
    assert "Approve 3 comments?" in bob.get("/range?a=toxicity&lo=0&hi=1&resolution=approve").text


def test_the_strip_says_what_the_moderator_did(bob: TestClient, store: Store, rejected: QueuedComment) -> None:
    form = {"version": str(rejected.version), "resolution": "approve", "back": "/?section=sport"}
    assert 'class="done"' not in bob.get(f"/?done={rejected.id}").text
    answer = bob.post(f"/comments/{rejected.id}/decision", data=form)
    strip = re.search(r'<div class="done".*?</span>', bob.get(answer.headers["location"]).text, re.DOTALL)
    assert strip is not None
    assert "<b>Approved</b>" in strip[0]
    assert "eject" not in strip[0]
    assert find_comment(store.database, rejected.id, Viewer("ada")).state is State.REJECTED
