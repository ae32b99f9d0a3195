"""Word lists: tricks of spelling do not slip through, innocent words do."""

from __future__ import annotations

import pytest

from model.scores import CommentScores
from service.policy import Policy, Recommendation, recommend
from service.wordlist import RuleKind, WordList, WordRule, WordRules, reasons


def rules(*words: str, allowed: tuple[str, ...] = (), links: tuple[str, ...] = ()) -> WordRules:
    banned = [WordRule(WordList.BANNED, RuleKind.WORD, word) for word in words]
    kept = [WordRule(WordList.ALLOWED, RuleKind.WORD, word) for word in allowed]
    hosts = [WordRule(WordList.SUSPECT, RuleKind.LINK, link) for link in links]
    return WordRules((*banned, *kept, *hosts))


@pytest.mark.parametrize(
    "text",
    [
        "you moron",
        "You MORON!",
        "you m\u200bo\u200dron",
        "you mоrоn",  # Cyrillic о
        "you ｍｏｒｏｎ",
        "you mooooron",
        "you m0r0n",
        "𝗺𝗼𝗿𝗼𝗻",
        "a moron's idea",
        "“moron”",
        "m o r o n",
        "m.o.r.o.n!",
        "m*ron",
        "m0r*n",
    ],
)
def test_a_banned_word_is_found_in_every_disguise(text: str) -> None:
    assert len(rules("moron").find(text)) == 1


@pytest.mark.parametrize(
    "text", ["oxymoron", "moronic", "", "more on this", "Moroni", "m****n", "*****", "m0/r", "1 2 3 4 5"]
)
def test_a_longer_word_is_another_word(text: str) -> None:
    assert rules("moron").find(text) == []


def test_a_star_stands_for_more_letters() -> None:
    assert [len(rules("moron*").find(text)) for text in ("moronic", "oxymoron")] == [1, 0]
    assert len(rules("*moron*").find("oxymorons")) == 1


def test_a_held_letter_is_not_confused_with_a_double_one() -> None:
    assert rules("lose").find("a loose end") == []
    assert len(rules("lose").find("you loooose")) == 1


def test_a_phrase_is_found_across_any_space() -> None:
    assert len(rules("drop dead").find("drop\n\n  DEAD")) == 1


def test_words_of_the_newsrooms_own_are_found_in_disguise_too() -> None:
    for text in ("w a l r u s", "w@lrus", "wаlrus", "walruuuus", "w-a-l-r-u-s", "WALRU5"):
        assert len(rules("walrus").find(text)) == 1, text


def test_an_allowed_word_is_never_matched() -> None:
    assert rules("*cunt*", allowed=("Scunthorpe",)).find("a pub in Scunthorpe") == []


def test_the_place_is_that_of_the_text_as_published() -> None:
    text = "🙂 so m\u200boron, so"
    (found,) = rules("moron").find(text)
    assert text[found.start : found.end] == "m\u200boron"


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("see https://spam.example/x?y", 1),
        ("see www.spam.example", 1),
        ("see deep.spam.example/x", 1),
        ("see SPAM.EXAMPLE", 1),
        ("see notspam.example", 0),
        ("see spam.example.org", 0),
        ("see https://fine.example", 0),
    ],
)
def test_a_link_rule_matches_the_host_and_those_below_it(text: str, number: int) -> None:
    assert len(rules(links=("spam.example",)).find(text)) == number


def test_a_star_matches_any_link() -> None:
    assert len(rules(links=("*",)).find("a http://x.example b www.y.example c")) == 2


def test_what_is_found_goes_to_review_and_is_never_rejected() -> None:
    found = reasons(rules("moron", links=("*",)).find("moron www.x.example moron"))
    assert [(one.attribute, one.detail) for one in found] == [("banned", "moron"), ("suspect", "*")]
    verdict = recommend(CommentScores({}), Policy({}), found)
    assert verdict.recommendation is Recommendation.REVIEW
    assert verdict.urgency == 1.0


def test_an_endless_word_is_searched_in_bounded_time() -> None:
    import time

    hostile = rules("*ba c*", "*abx*", "abab*", "a b a b a b", links=("x.example", "*"))
    started = time.monotonic()
    for text in ("ab" * 10_000, "a b " * 5_000, "a-b." * 5_000, "www." * 5_000, "x.x." * 5_000, "*#" * 10_000):
        hostile.find(text)
    assert time.monotonic() - started < 10  # an endless search would take hours
