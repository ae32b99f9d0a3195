"""Erasing, forgetting, giving out: a person's words go, the newsroom's record stays."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from data.records import Article, Comment, Discussion, Kind
from service.store import Refused, Resolution, Saved, Store
from service.store.audit import first_break
from service.store.cards import add_note
from service.store.decisions import Judgement, Target, decide
from service.store.exports import labelled_decisions, log_rows
from service.store.filters import Filter, Queue
from service.store.privacy import author_data, erase_author, forget_older, opening_posts
from service.store.queue import QueuedComment, list_comments
from service.store.viewers import Viewer
from tests.service.store.conftest import scored

Save = Callable[..., Saved]
Waiting = Callable[[Viewer], list[QueuedComment]]
SECRET = "walrus"


@pytest.fixture
def eves_history(store: Store, save: Save, waiting: Waiting, ada: Viewer) -> None:
    """Eve's comment, edited, noted and rejected with an explanation; somebody else's beside it."""
    save(Comment("1", f"bad {SECRET} first", author="Eve"), Comment("2", "bad other", author="Dan"))
    save(Comment("1", f"bad {SECRET} second", author="Eve"))
    one = next(found for found in waiting(ada) if found.author == "Eve")
    add_note(store.database, ada, one.id, f"{SECRET} again")
    decide(store.database, ada, Judgement(Resolution.REJECT, "insult", f"says {SECRET}"), [Target(one.id, one.version)])


def dump(store: Store) -> str:
    """Everything in every table, the search index too, as text."""
    from service.store.tables import metadata

    with store.database.read() as connection:
        return repr([connection.execute(text(f'select * from "{table}"')).all() for table in metadata.tables])


@pytest.mark.usefixtures("eves_history")
def test_an_erased_author_is_nowhere_any_more(store: Store, ada: Viewer) -> None:
    assert SECRET in dump(store)
    assert erase_author(store.database, "daily", "Eve", by="test") == 1
    assert SECRET not in dump(store)
    assert "Eve" not in dump(store)
    assert list_comments(store.database, Filter(queue=Queue.ALL, search=SECRET), ada).comments == ()
    assert first_break(store.database) is None


@pytest.mark.usefixtures("eves_history")
def test_erasing_leaves_others_and_the_decisions(store: Store, ada: Viewer) -> None:
    erase_author(store.database, "daily", "Eve", by="test")
    assert [one.author for one in list_comments(store.database, Filter(), ada).comments] == ["Dan"]
    (rejected,) = [row for row in log_rows(store.database) if row["action"] == "reject"]
    assert (rejected["reason"], rejected["explanation"]) == ("insult", None)
    assert rejected["scores"]["toxicity"] == 0.9
    assert list(labelled_decisions(store.database)) == []


@pytest.mark.usefixtures("eves_history")
def test_what_was_erased_does_not_come_back_with_the_next_delivery(store: Store, save: Save) -> None:
    erase_author(store.database, "daily", "Eve", by="test")
    assert save(Comment("1", f"bad {SECRET} second", author="Eve")) == Saved(unchanged=1)
    assert SECRET not in dump(store)


@pytest.mark.usefixtures("eves_history")
def test_a_person_gets_everything_that_is_stored_about_them(store: Store) -> None:
    (one,) = author_data(store.database, "daily", "Eve")
    assert one["text"] == f"bad {SECRET} second"
    assert [old["text"] for old in one["earlier_texts"]] == [f"bad {SECRET} first"]
    assert [made["resolution"] for made in one["decisions"]] == ["reject"]
    assert [note["text"] for note in one["notes"]] == [f"{SECRET} again"]
    assert json.dumps(one)
    assert author_data(store.database, "weekly", "Eve") == []


@pytest.mark.usefixtures("eves_history")
def test_an_unknown_author_is_said_to_be_unknown(store: Store) -> None:
    with pytest.raises(Refused, match="No comment of this author"):
        erase_author(store.database, "daily", "Mallory", by="test")


@pytest.mark.usefixtures("eves_history")
def test_what_is_older_than_the_retention_period_is_forgotten(store: Store, save: Save, clock: Any) -> None:
    clock.turn(days=30)
    save(Comment("3", "bad and new", author="Fay"))
    assert forget_older(store.database, 20, by="test") == 2
    assert SECRET not in dump(store)
    assert "bad and new" in dump(store)
    assert forget_older(store.database, 20, by="test") == 0
    with pytest.raises(Refused):
        forget_older(store.database, 0, by="test")


def open_thread(store: Store, kind: Kind = Kind.THREAD) -> Saved:
    """A thread that Eve began and Dan answered; sent again it is the same."""
    post = Article("My pet", (f"My {SECRET} is ill.",), byline="Eve", url="https://forum.example/t/1")
    answer = Comment("2", "bad luck", author="Dan")
    results = [scored(answer)]
    return store.save_discussion("daily", Discussion(post, (answer,), kind=kind), results)


def test_an_opening_post_is_given_out_and_erased_like_a_comment(store: Store) -> None:
    open_thread(store)
    (post,) = opening_posts(store.database, "daily", "Eve")
    assert post["paragraphs"] == [f"My {SECRET} is ill."]
    assert json.dumps(post)
    assert opening_posts(store.database, "weekly", "Eve") == opening_posts(store.database, "daily", "Dan") == []
    assert erase_author(store.database, "daily", "Eve", by="test") == 1
    open_thread(store)
    assert SECRET not in dump(store)
    assert "Eve" not in dump(store)
    assert "bad luck" in dump(store)


def test_who_says_that_it_is_a_thread_is_believed_and_who_says_nothing_changes_nothing(store: Store) -> None:
    open_thread(store, Kind.ARTICLE)
    open_thread(store, Kind.THREAD)
    open_thread(store, Kind.ARTICLE)
    assert len(opening_posts(store.database, "daily", "Eve")) == 1


def test_an_opening_post_that_was_stored_before_kinds_were_kept_is_erased_too(store: Store) -> None:
    open_thread(store)
    with store.database.write() as connection:
        connection.execute(text("update article set kind = null"))
    assert erase_author(store.database, "daily", "Eve", by="test") == 1
    assert SECRET not in dump(store)


def test_an_opening_post_is_forgotten_and_an_article_is_not(store: Store, save: Save, clock: Any) -> None:
    open_thread(store)
    save(Comment("1", "bad one", author="Fay"))
    clock.turn(days=30)
    assert forget_older(store.database, 20, by="test") == 3
    assert SECRET not in dump(store)
    assert "It was a close game." in dump(store)
    assert forget_older(store.database, 20, by="test") == 0


def test_what_was_stored_before_kinds_were_kept_is_not_forgotten_for_a_post(store: Store, clock: Any) -> None:
    open_thread(store)
    with store.database.write() as connection:
        connection.execute(text("update article set kind = null"))
    clock.turn(days=30)
    assert forget_older(store.database, 20, by="test") == 1
    assert SECRET in dump(store)


def test_the_text_of_an_article_by_an_editor_of_that_name_stays(store: Store) -> None:
    open_thread(store, Kind.ARTICLE)
    assert opening_posts(store.database, "daily", "Eve") == []
    with pytest.raises(Refused):
        erase_author(store.database, "daily", "Eve", by="test")


def words_in_files(store: Store) -> int:
    """How often the secret stands in the files of SQLite, whose index cuts words at their beginning."""
    if not store.database.is_sqlite:
        pytest.skip("the files of PostgreSQL are its own")
    path = Path(store.database.engine.url.database or "")
    return sum(part.read_bytes().count(SECRET[1:].encode()) for part in path.parent.glob(path.name + "*"))


@pytest.mark.usefixtures("eves_history")
def test_erased_words_are_in_no_file_of_sqlite(store: Store) -> None:
    assert words_in_files(store) > 0
    erase_author(store.database, "daily", "Eve", by="test")
    assert words_in_files(store) == 0


def test_forgotten_words_of_an_earlier_text_are_in_no_file_of_sqlite(store: Store, save: Save, clock: Any) -> None:
    save(Comment("1", f"bad {SECRET} first", author="Eve"))
    clock.turn(days=29)
    save(Comment("1", "bad second", author="Eve"))
    clock.turn(days=29)
    assert words_in_files(store) > 0
    assert forget_older(store.database, 30, by="test") == 0
    assert words_in_files(store) == 0


def test_an_earlier_text_is_forgotten_by_its_own_age(store: Store, save: Save, clock: Any) -> None:
    for words in (f"bad {SECRET} first", "bad second", "bad third"):
        save(Comment("1", words, author="Eve"))
        clock.turn(days=12)
    assert forget_older(store.database, 30, by="test") == 0
    assert SECRET not in dump(store)
    assert "bad second" in dump(store)
    assert "bad third" in dump(store)


@pytest.mark.usefixtures("eves_history")
def test_feedback_on_a_text_belongs_to_its_author(store: Store) -> None:
    for quoted in (f"bad {SECRET} first", f"bad {SECRET} second", "bad other", ""):
        store.add_feedback("perspective", quoted, "toxicity", 1.0, {"client_token": "comment 1"})
    (one,) = author_data(store.database, "daily", "Eve")
    assert [given["text"] for given in one["feedback"]] == [f"bad {SECRET} first", f"bad {SECRET} second"]
    assert json.dumps(one)
    erase_author(store.database, "daily", "Eve", by="test")
    with store.database.read() as connection:
        left = connection.execute(text("select text from feedback order by id")).scalars().all()
    assert left == ["bad other", ""]


def test_feedback_is_forgotten_by_its_age(store: Store, clock: Any) -> None:
    store.add_feedback("perspective", SECRET, "toxicity", 1.0, {})
    clock.turn(days=30)
    store.add_feedback("perspective", "of today", "toxicity", 1.0, {})
    forget_older(store.database, 20, by="test")
    assert SECRET not in dump(store)
    assert "of today" in dump(store)
