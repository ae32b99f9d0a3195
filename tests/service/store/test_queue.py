"""Reading the queues: every order is complete, filters narrow, counts are true, claims show and run out."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import pytest

from data.records import Comment
from service.store import Resolution, Saved, State, Store
from service.store.cards import Record, parents, records, surroundings
from service.store.decisions import Judgement, Target, decide
from service.store.filters import SORTS, Filter, Queue, Range
from service.store.queue import (
    Glance,
    QueuedComment,
    claim,
    counts,
    find_comment,
    glances,
    list_comments,
    places,
    release,
)
from service.store.standing import Clash
from service.store.viewers import Role, Viewer

Save = Callable[..., Saved]


@pytest.fixture
def many(save: Save, clock: Any) -> None:
    """Sixty comments with scores in no order, ties among them, in two sections."""
    chance = random.Random(4)
    for number in range(60):
        values = {name: chance.randint(0, 10) / 10 for name in ("toxicity", "insult", "sarcasm", "relevance")}
        values["threat"] = 0.9  # so that all of them wait
        place = {"section": "sport", "url": "https://daily.example/sport/cup"}
        if number % 3 == 0:
            place = {"section": "politics", "url": "https://daily.example/politics/vote"}
        save(Comment(str(number), f"text {number}", author=f"author{number % 7}"), scores=values, **place)
        if number % 2:
            clock.turn(seconds=1)


def read_all(store: Store, wanted: Filter, viewer: Viewer, limit: int = 7) -> list[QueuedComment]:
    found: list[QueuedComment] = []
    after: str | None = None
    while True:
        page = list_comments(store.database, wanted, viewer, after=after, limit=limit)
        found += page.comments
        if page.after is None:
            return found
        after = page.after


@pytest.mark.parametrize("sort", SORTS)
@pytest.mark.usefixtures("many")
def test_pages_hold_every_comment_once_and_in_order(store: Store, ada: Viewer, sort: str) -> None:
    found = read_all(store, Filter(sort=sort), ada)
    assert len({one.id for one in found}) == len(found) == 60
    values: list[Any] = [
        one.received_at if sort in ("newest", "oldest") else one.urgency if sort == "urgency" else one.scores[sort]
        for one in found
    ]
    assert values == sorted(values, reverse=sort not in ("oldest", "relevance"))


@pytest.mark.usefixtures("many")
def test_second_opinions_are_read_in_order_with_the_rest(store: Store, ada: Viewer, bob: Viewer) -> None:
    before = [one.id for one in read_all(store, Filter(), bob)]
    for one in list_comments(store.database, Filter(), ada, limit=60).comments[::4]:
        decide(store.database, ada, Judgement(Resolution.APPROVE), [Target(one.id, one.version)], second_share=1.0)
    assert [one.id for one in read_all(store, Filter(), bob)] == before
    assert counts(store.database, Filter(), bob)[Queue.WAITING] == 60
    assert counts(store.database, Filter(), ada)[Queue.WAITING] == 45


@pytest.mark.usefixtures("many")
def test_filters_narrow_and_counts_agree_with_the_lists(store: Store, ada: Viewer) -> None:
    for wanted in (
        Filter(section="politics"),
        Filter(site="daily", section="sport"),
        Filter(site="nowhere"),
        Filter(ranges=(Range("toxicity", 0.3, 0.6), Range("sarcasm", 0.5, 1.0))),
        Filter(search="author3"),
    ):
        assert counts(store.database, wanted, ada)[Queue.WAITING] == len(read_all(store, wanted, ada))


@pytest.mark.usefixtures("many")
def test_counts_follow_decisions(store: Store, ada: Viewer) -> None:
    one, two, *_ = list_comments(store.database, Filter(), ada).comments
    decide(store.database, ada, Judgement(Resolution.APPROVE), [Target(one.id, one.version)])
    decide(store.database, ada, Judgement(Resolution.DEFER), [Target(two.id, two.version)])
    assert counts(store.database, Filter(), ada) == {
        Queue.WAITING: 58,
        Queue.DEFERRED: 1,
        Queue.APPROVED: 1,
        Queue.REJECTED: 0,
        Queue.ALL: 60,
    }


@pytest.mark.usefixtures("many")
def test_a_moderator_of_one_section_sees_that_section_only(store: Store) -> None:
    cleo = Viewer("cleo", Role.MODERATOR, ("politics",))
    assert {one.section for one in read_all(store, Filter(queue=Queue.ALL), cleo)} == {"politics"}
    assert counts(store.database, Filter(), cleo)[Queue.ALL] == 20
    assert places(store.database, cleo)[1] == ["politics"]


FOUND: dict[str, set[str]] = {
    "moon": {"1"},
    "MOON chee": {"1"},
    "cheese moon": {"1"},
    "luna": {"2"},
    "moon luna": set(),
    '"; drop table comment; --': set(),
    "'": set(),
    "* NEAR( OR": set(),
    "🤖": set(),
}


def test_search_finds_words_in_texts_and_authors(store: Store, save: Save, ada: Viewer) -> None:
    save(Comment("1", "bad moon of cheese"), Comment("2", "bad sun", author="Luna"), Comment("3", "bad nothing"))
    for words, found in FOUND.items():
        assert {one.external_id for one in read_all(store, Filter(search=words), ada)} == found


def test_search_follows_edits(store: Store, save: Save, ada: Viewer) -> None:
    save(Comment("1", "bad moon"))
    save(Comment("1", "bad star"))
    assert read_all(store, Filter(search="moon"), ada) == []
    assert len(read_all(store, Filter(search="star"), ada)) == 1


def test_a_damaged_cursor_starts_at_the_top(store: Store, save: Save, ada: Viewer) -> None:
    save(Comment("1", "bad one"))
    for cursor in ("", "x", "0.5", "0.5~x", "nan~1", "~", "9e999~1", "2026-01-01T00:00:00~1", "0.5~99999999999"):
        for sort in ("urgency", "newest"):
            assert len(list_comments(store.database, Filter(sort=sort), ada, after=cursor).comments) == 1


def test_a_claim_is_shown_and_runs_out(store: Store, save: Save, ada: Viewer, bob: Viewer, clock: Any) -> None:
    save(Comment("1", "bad one"))
    (one,) = list_comments(store.database, Filter(), ada).comments
    claim(store.database, one.id, ada)
    claim(store.database, one.id, bob)
    assert find_comment(store.database, one.id, bob).claimed_by == "ada"
    clock.turn(minutes=11)
    assert find_comment(store.database, one.id, bob).claimed_by is None
    claim(store.database, one.id, bob)
    assert find_comment(store.database, one.id, ada).claimed_by == "bob"
    release(store.database, bob)
    assert find_comment(store.database, one.id, ada).claimed_by is None


def test_all_of_an_author_within_the_sections_that_a_viewer_reaches(store: Store, save: Save, ada: Viewer) -> None:
    save(Comment("1", "bad one", author="eve"), Comment("2", "fine", author="eve"), Comment("3", "bad", author="dan"))
    save(Comment("4", "bad", author="eve"), section="politics", url="https://daily.example/politics/vote")
    (one,) = [one for one in read_all(store, Filter(queue=Queue.ALL), ada) if one.external_id == "1"]
    found = Filter(queue=Queue.ALL, by=one.id)
    assert {one.external_id for one in read_all(store, found, ada)} == {"1", "2", "4"}
    cleo = Viewer("cleo", Role.MODERATOR, ("politics",))
    assert read_all(store, found, cleo) == []  # to her, the comment that names the author does not exist
    decide(store.database, ada, Judgement(Resolution.REJECT, "insult"), [Target(one.id, one.version)])
    assert records(store.database, (one,), ada) == {one.author_key: Record(3, 1)}
    assert records(store.database, (one,), cleo) == {one.author_key: Record(1, 0)}


def test_a_page_that_stays_open_learns_who_looks_and_who_decided(
    store: Store, save: Save, ada: Viewer, bob: Viewer
) -> None:
    save(*(Comment(str(number), f"bad {number}") for number in range(3)))
    seen = {one.id: one.version for one in list_comments(store.database, Filter(), ada).comments}
    first, second, third = sorted(seen)
    claim(store.database, first, ada)
    decide(store.database, ada, Judgement(Resolution.REJECT, "insult"), [Target(second, seen[second])])
    found = {one.comment_id: one for one in glances(store.database, seen, bob)}
    assert (found[first].claimed_by, found[first].change) == ("ada", None)
    assert found[second].change == Clash(second, State.REJECTED, "ada", 2, "insult")
    assert found[third] == Glance(third, None, None)
    assert glances(store.database, seen, Viewer("cleo", Role.MODERATOR, ("politics",))) == []


def test_a_thread_is_read_upwards_and_one_step_down(store: Store, save: Save, ada: Viewer) -> None:
    chain = [Comment(str(n), f"bad {n}", author=f"a{n}", parent_id=str(n - 1) if n else None) for n in range(5)]
    save(*chain)
    by_name = {one.external_id: one for one in read_all(store, Filter(), ada)}
    around = surroundings(store.database, by_name["3"], ada)
    assert [one.text for one in around.ancestors] == ["bad 0", "bad 1", "bad 2"]
    assert [one.text for one in around.replies] == ["bad 4"]
    assert parents(store.database, (by_name["3"],), ada)[by_name["3"].id].text == "bad 2"


def test_a_thread_through_several_sections_shows_the_reached_ones_only(store: Store, save: Save, ada: Viewer) -> None:
    for number, section in enumerate(("sport", "politics", "sport", "politics")):
        save(Comment(str(number), f"bad {number}", parent_id=str(number - 1) if number else None), section=section)
    shown = next(one for one in read_all(store, Filter(), ada) if one.external_id == "2")
    for viewer, above, below in ((ada, ["bad 0", "bad 1"], ["bad 3"]), (Viewer("s", sections=("sport",)), [], [])):
        around = surroundings(store.database, shown, viewer)
        assert [one.text for one in around.ancestors] == above
        assert [one.text for one in around.replies] == below
        assert [one.text for one in parents(store.database, (shown,), viewer).values()] == above[1:]


def test_a_thread_that_runs_in_a_circle_ends(store: Store, save: Save, ada: Viewer) -> None:
    save(
        Comment("1", "bad 1", parent_id="2"), Comment("2", "bad 2", parent_id="1"), Comment("3", "bad 3", parent_id="3")
    )
    for one in read_all(store, Filter(), ada):
        assert len(surroundings(store.database, one, ada).ancestors) <= 1


def test_the_authors_record_counts_other_comments_within_reach(store: Store, save: Save, ada: Viewer) -> None:
    save(Comment("1", "bad one", author="eve"), Comment("2", "bad two", author="eve"), Comment("3", "ok", author="eve"))
    save(Comment("9", "bad", author="eve"), section="politics", url="https://daily.example/politics/x")
    one = next(found for found in read_all(store, Filter(), ada) if found.external_id == "1")
    assert sum(surroundings(store.database, one, ada).author.counts.values()) == 3
    only_sport = Viewer("s", Role.MODERATOR, ("sport",))
    assert sum(surroundings(store.database, one, only_sport).author.counts.values()) == 2
