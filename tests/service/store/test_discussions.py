"""Discussions in the store: idempotent, with history, and text exactly as published."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import select

from data.records import Article, Comment, Discussion, Status
from service.store import Saved, State, Store, StoreError, article_key, section_of
from service.store.cards import surroundings
from service.store.decisions import Judgement, Target, decide
from service.store.discussions import is_empty
from service.store.queue import QueuedComment, find_comment
from service.store.records import Resolution
from service.store.tables import comment
from service.store.viewers import Viewer

Save = Callable[..., Saved]
Waiting = Callable[[Viewer], list[QueuedComment]]


def test_a_new_discussion_queues_what_the_policy_sends_to_review(save: Save, waiting: Waiting, ada: Viewer) -> None:
    saved = save(Comment("1", "bad one"), Comment("2", "ok one"))
    assert saved == Saved(new=2, queued=1)
    assert [one.text for one in waiting(ada)] == ["bad one"]


def test_a_discussion_sent_again_changes_nothing(save: Save, waiting: Waiting, ada: Viewer) -> None:
    save(Comment("1", "bad one"), Comment("2", "ok one"))
    before = waiting(ada)
    assert save(Comment("1", "bad one"), Comment("2", "ok one")) == Saved(unchanged=2)
    assert waiting(ada) == before


def test_the_same_discussion_sent_by_many_at_once_is_stored_once(save: Save, waiting: Waiting, ada: Viewer) -> None:
    comments = [Comment(str(number), f"bad {number}") for number in range(20)]
    with ThreadPoolExecutor(8) as pool:
        results = list(pool.map(lambda _: save(*comments), range(8)))
    assert sum(one.new for one in results) == 20
    assert len(waiting(ada)) == 20


def test_an_edited_text_is_queued_afresh_and_keeps_its_history(
    store: Store, save: Save, waiting: Waiting, ada: Viewer
) -> None:
    save(Comment("1", "bad one"))
    first = waiting(ada)[0]
    decide(store.database, ada, Judgement(Resolution.APPROVE), [Target(first.id, first.version)])
    assert save(Comment("1", "bad two")) == Saved(edited=1, queued=1)
    again = waiting(ada)[0]
    assert (again.id, again.text, again.revision) == (first.id, "bad two", 2)
    around = surroundings(store.database, again, ada)
    assert [edit.text for edit in around.edits] == ["bad one"]
    assert [(made.resolution, made.revision) for made in around.decisions] == [(Resolution.APPROVE, 1)]


def test_a_text_edited_into_harmlessness_leaves_the_queue(save: Save, waiting: Waiting, ada: Viewer) -> None:
    save(Comment("1", "bad one"))
    assert save(Comment("1", "ok now")) == Saved(edited=1)
    assert waiting(ada) == []


def test_a_deleted_comment_leaves_the_queue_and_comes_back_where_it_was(
    save: Save, waiting: Waiting, ada: Viewer
) -> None:
    save(Comment("1", "bad one"))
    assert save(Comment("1", "bad one", status=Status.DELETED)) == Saved(deleted=1)
    assert waiting(ada) == []
    assert save(Comment("1", "bad one", status=Status.DELETED)) == Saved(unchanged=1)
    assert save(Comment("1", "bad one")) == Saved(edited=1, queued=1)
    assert len(waiting(ada)) == 1


def test_the_same_comment_id_under_two_articles_or_sites_is_two_comments(
    save: Save, waiting: Waiting, ada: Viewer
) -> None:
    save(Comment("1", "bad one"))
    save(Comment("1", "bad two"), url="https://daily.example/sport/final")
    save(Comment("1", "bad three"), site="weekly")
    assert {one.text for one in waiting(ada)} == {"bad one", "bad two", "bad three"}


def test_of_an_id_given_twice_the_first_text_stands_with_its_own_scores(
    store: Store, save: Save, waiting: Waiting, ada: Viewer
) -> None:
    twice = (Comment("1", "bad words"), Comment("1", "calm words"))
    assert save(*twice) == Saved(new=1, unchanged=1, queued=1)
    (stored,) = waiting(ada)
    assert (stored.text, stored.scores["toxicity"]) == ("bad words", 0.9)
    assert save(*twice) == Saved(unchanged=2)
    assert save(Comment("1", "bad edit"), Comment("1", "calm edit")) == Saved(edited=1, unchanged=1, queued=1)
    (edited,) = waiting(ada)
    assert (edited.text, edited.scores["toxicity"], edited.revision) == ("bad edit", 0.9, 2)


@pytest.mark.parametrize(
    "text",
    [
        "",
        " \n\t ",
        "NUL \0 inside",
        "half \ud83d a pair",
        "\ue000json:",
        "🤦🏽‍♀️",
        "<script>alert(1)</script>",
        "a\r\nb",
        "é" * 20_000,
    ],
)
def test_text_comes_back_exactly_as_published(store: Store, save: Save, text: str) -> None:
    save(Comment("1", text, author=text[:50] or None))
    with store.database.read() as connection:
        row = connection.execute(select(comment.c.text, comment.c.author)).one()
    assert (row.text, row.author) == (text, text[:50] or None)
    assert store.known_texts("daily", "https://daily.example/sport/cup") == {"1": text}


def test_known_texts_let_the_caller_score_only_what_is_new(store: Store, save: Save) -> None:
    save(Comment("1", "bad one"))
    key = article_key(Article(url="https://daily.example/sport/cup"))
    assert store.known_texts("daily", key) == {"1": "bad one"}
    discussion = Discussion(Article(url="https://daily.example/sport/cup"), (Comment("1", "bad one"),))
    assert store.save_discussion("daily", discussion, []) == Saved(unchanged=1)


def test_a_new_comment_without_scores_is_refused_and_nothing_is_stored(store: Store) -> None:
    discussion = Discussion(Article(title="A"), (Comment("1", "text"),))
    with pytest.raises(StoreError, match="came without scores"):
        store.save_discussion("daily", discussion, [])
    assert is_empty(store.database)


@pytest.mark.parametrize("wrong", [Comment("", "x"), Comment("i" * 501, "x"), Comment("1", "x", parent_id="p" * 501)])
def test_an_id_that_no_index_holds_is_refused_with_the_limit(save: Save, wrong: Comment) -> None:
    with pytest.raises(StoreError, match="500 characters"):
        save(wrong)


def test_an_article_is_found_by_its_url_whatever_the_fragment(store: Store, save: Save) -> None:
    save(Comment("1", "ok"))
    found = store.find_article("HTTPS://daily.example/sport/cup#comment-7")
    assert found is not None
    assert (found.title, found.paragraphs) == ("The cup", ("It was a close game.",))
    assert store.find_article("https://daily.example/other") is None


def test_articles_without_a_url_are_told_apart_by_title_and_opening() -> None:
    one, other = Article(title="A", paragraphs=("x",)), Article(title="A", paragraphs=("y",))
    assert article_key(one) != article_key(other)
    assert article_key(one) == article_key(Article(title="A", paragraphs=("x", "later")))


@pytest.mark.parametrize(
    ("url", "section"),
    [
        ("https://a.example/sport/2026/cup", "sport"),
        ("https://a.example/Local-News/x", "local-news"),
        ("https://a.example/2026/03/x", ""),
        ("https://a.example/about", ""),
        ("http://[", ""),
        (None, ""),
    ],
)
def test_the_section_is_read_from_the_url(url: str | None, section: str) -> None:
    assert section_of(url) == section


def test_a_long_or_odd_url_still_makes_a_key_that_an_index_holds() -> None:
    for url in ("https://a.example/" + "x" * 5000, "http://[", "https://a.example/\0"):
        assert len(article_key(Article(url=url))) <= 1000


def test_feedback_is_kept(store: Store) -> None:
    store.add_feedback("perspective", "some \0 text", "toxicity", 0.8, {"community": "x"})
    assert store.healthy()


def test_a_deleted_comment_cannot_be_decided(store: Store, save: Save, waiting: Waiting, ada: Viewer) -> None:
    save(Comment("1", "bad one"))
    seen = waiting(ada)[0]
    save(Comment("1", "bad one", status=Status.DELETED))
    outcome = decide(store.database, ada, Judgement(Resolution.APPROVE), [Target(seen.id, seen.version)])
    assert outcome.done == ()
    assert find_comment(store.database, seen.id, ada).state is State.GONE


def test_scores_and_reasons_are_stored_with_the_model_version(save: Save, waiting: Waiting, ada: Viewer) -> None:
    save(Comment("1", "bad one"), scores={"sarcasm": 0.25})
    one: Any = waiting(ada)[0]
    assert (one.scores["toxicity"], one.scores["sarcasm"], one.model_version) == (0.9, 0.25, "fake-1")
    assert one.reasons == ({"attribute": "toxicity", "score": 0.9, "threshold": 0.5},)
