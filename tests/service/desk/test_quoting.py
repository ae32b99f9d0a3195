"""The worst words are blurred wherever a comment is quoted, and nobody else sees a difference."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from fastapi.testclient import TestClient

from data.records import Article, Comment, Discussion
from model.scores import ATTRIBUTES, CommentScores, Span
from service.policy import Policy, Reason, recommend
from service.store import Scored, Store

LogIn = Callable[[str], TestClient]
WORD = "walrus"
LONG = "The council has met again. " * 60 + f"You {WORD} of a mayor. That is all."
QUOTES = ("/", "/comments/1", "/comments/2", "/comments/3", "/histogram?a=toxicity&lo=0&hi=1")
RANGE = "/range?a=toxicity&lo=0&hi=1&resolution=approve"


@pytest.fixture
def thread(store: Store) -> None:
    """A long comment, an answer, and an answer to that; the word in each is marked, and on a list."""
    texts = (LONG, f"No, you are the {WORD}.", f"{WORD} yourself, says the council.")
    comments = [Comment(str(n + 1), text, parent_id=str(n) if n else None) for n, text in enumerate(texts)]
    discussion = Discussion(Article(title="Bees", url="https://blur.example/a/1"), tuple(comments))
    store.save_discussion("blur", discussion, [_scored(comment) for comment in comments], section="bees")


def _scored(comment: Comment) -> Scored:
    start = comment.text.index(WORD)
    spans = [Span(start, start + len(WORD), name, score) for name, score in (("suspect", 1.0), ("toxicity", 0.9))]
    scores = CommentScores({**dict.fromkeys(ATTRIBUTES, 0.1), "toxicity": 0.9}, "en", None, tuple(spans))
    found = [Reason("banned", 1.0, 0.0, WORD)]
    return Scored(comment, scores, recommend(scores, Policy({"toxicity": 0.5}), found), "fake-1")


def in_clear(page: str) -> int:
    """How often the word stands outside of an element that is blurred and can be reached by keyboard."""
    blurred = re.findall(rf'<(?:mark|span|bdi)\b[^>]*\bveiled"[^>]* tabindex="0">{WORD}<', page)
    return page.count(WORD) - len(blurred)


@pytest.mark.parametrize("path", [*QUOTES, RANGE])
@pytest.mark.usefixtures("thread")
def test_a_word_is_blurred_wherever_it_is_quoted(log_in: LogIn, path: str) -> None:
    bob = log_in("bob")
    assert WORD in bob.get(path).text
    assert "veiled" not in bob.get(path).text
    bob.post("/account/blur", data={"blur": "on"})
    page = bob.get(path).text
    assert WORD in page
    assert in_clear(page) == 0


@pytest.mark.usefixtures("thread")
def test_what_is_quoted_is_whole_and_cut_between_words(log_in: LogIn) -> None:
    for blur in ("off", "on"):
        bob = log_in("bob")
        bob.post("/account/blur", data={"blur": blur})
        page = bob.get("/").text
        excerpts = [re.sub("<[^>]+>", "", one) for one in re.findall(r'class="excerpt"[^>]*>(.*?)</blockquote>', page)]
        assert sorted(excerpts) == [f"No, you are the {WORD}.", LONG[:160].rsplit(" ", 1)[0] + "…"]
        (buried,) = re.findall(r'<q class="carries"[^>]*>(.*?)</q>', page)
        assert re.sub("<[^>]+>", "", buried) == f"You {WORD} of a mayor."


@pytest.mark.usefixtures("thread")
def test_an_underlined_sentence_is_spoken_of_only_where_there_is_one(log_in: LogIn) -> None:
    bob = log_in("bob")
    for path, underlined in (("/comments/1", True), ("/comments/2", False)):
        page = bob.get(path).text
        (shown,) = re.findall(r'<article class="card".*?</article>', page, re.DOTALL)
        assert ("carries" in shown) is underlined
        assert ("The underlined sentence" in page) is underlined
