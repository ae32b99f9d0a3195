"""Every step of the normaliser: what it rewrites, what it keeps, and where its characters come from."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.text import (
    STEPS,
    Normalised,
    addresses,
    covering,
    elongations,
    emoji_names,
    entities,
    invisible,
    look_alikes,
    masked_words,
    normalise,
    spaced_words,
    spaces,
)

DEMO = Path(__file__).parents[2] / "data" / "demo" / "discussions.jsonl"


def whole(text: str) -> Normalised:
    return Normalised(text, range(len(text)), range(1, len(text) + 1))


@pytest.mark.parametrize(
    ("step", "text", "expected"),
    [
        (entities, "AT&amp;T &lt;3 &#39;quoted&#39;", "AT&T <3 'quoted'"),
        (emoji_names, "sure 🙄", "sure  face with rolling eyes "),
        (emoji_names, "☺ ❤ ☹", " smiling face   red heart   frowning face "),
        (emoji_names, "🤷♂", " person shrugging "),
        (invisible, "id\u200bi\u00adot", "idiot"),
        (look_alikes, "рussу", "pussy"),
        (look_alikes, "𝖎𝖉𝖎𝖔𝖙 ｆｏｏｌ", "idiot fool"),
        (addresses, "see https://www.courier.example/2026/03/a?b=c now", "see link courier example now"),
        (spaced_words, "you i d i o t", "you idiot"),
        (spaced_words, "f.u.c.k this", "fuck this"),
        (masked_words, "clueless m0r0ns", "clueless morons"),
        (masked_words, "what a sh!t show, f**k", "what a shit show, fuck"),
        (masked_words, "f***", "fuck"),
        (elongations, "nooooo wayyyy!!!!!!", "noo wayy!!!"),
        (spaces, "a\u00a0 b\n\nc", "a b c"),
    ],
)
def test_a_step_rewrites_what_hides_words(step: object, text: str, expected: str) -> None:
    assert callable(step)
    assert step(whole(text)).text == expected


@pytest.mark.parametrize(
    ("step", "text"),
    [
        (entities, "AT&T & co; 3 < 4"),
        (emoji_names, "50 % # * naïve 3"),
        (invisible, "naïve café, Zürich"),
        (look_alikes, "Привет, μ = 3, naïve"),
        (addresses, "the http protocol"),
        (spaced_words, "plan a b c d, 1 2 3 4"),
        (masked_words, "B2B, 4chan, COVID-19, $500, 50-50, f1, C4, c++, user@mail, self-made"),
        (elongations, "coffee, success..."),
        (spaces, "one two"),
    ],
)
def test_a_step_keeps_what_it_is_not_for(step: object, text: str) -> None:
    assert callable(step)
    assert step(whole(text)).text == text


def test_all_of_a_mocking_emoji_comment_is_kept_as_words() -> None:
    read = normalise("Asylum seeker wins big! 🏆 10%? 🤦♂️ slam dunk 🎯").text
    assert read.split() == (
        "Asylum seeker wins big! trophy 10%? person facepalming slam dunk bullseye"
    ).split()  # fmt: skip


def test_a_span_maps_back_to_the_published_text() -> None:
    text = "🤡🤡 what a m0r0n\u200b, really"
    read = normalise(text)
    start = read.text.index("moron")
    first, last = read.original_span(start, start + len("moron"))
    assert text[first:last] == "m0r0n"


def test_published_offsets_map_to_the_characters_that_stand_for_them() -> None:
    text = "😀 you id\u200biot"
    read = normalise(text)
    start, end = covering(read, text.index("id"), len(text))
    assert read.text[start:end] == "idiot"


@pytest.mark.parametrize("text", ["", " ", "\u200b", "🙃", "&amp;", "a" * 10_000, "* " * 5_000, "\ud83d"])
def test_odd_texts_are_read_without_an_error(text: str) -> None:
    read = normalise(text)
    assert len(read.starts) == len(read.ends) == len(read.text)


@given(st.text(max_size=200))
def test_offsets_are_in_order_and_inside_the_published_text(text: str) -> None:
    read = normalise(text)
    assert len(read.text) == len(read.starts) == len(read.ends)
    assert all(0 <= start < end <= len(text) for start, end in zip(read.starts, read.ends, strict=True))
    assert list(read.starts) == sorted(read.starts)


@given(st.text(alphabet="abcdefghij ,.", max_size=100).map(lambda text: text.strip()))
def test_plain_words_stay_as_they_are_but_for_repetition(text: str) -> None:
    kept = [word for word in text.split() if not any(letter * 3 in word for letter in "abcdefghij,.")]
    assert all(word in normalise(text).text for word in kept if len(word) > 2)


def test_our_own_comments_lose_no_word() -> None:
    for line in DEMO.read_text(encoding="utf-8").splitlines()[:20]:
        for comment in json.loads(line)["comments"]:
            words = [word for word in comment["text"].split() if word.isalpha() and word.isascii()]
            read = normalise(comment["text"]).text.split()
            lost = [word for word in words if word not in read and not any(c * 3 in word.lower() for c in word.lower())]
            assert not lost


def test_every_step_is_named_in_the_order_of_the_pipeline() -> None:
    assert STEPS[0] is entities
    assert STEPS[-1] is spaces


@pytest.mark.parametrize(
    "unit", ["!", "…", "(", '"', ",", "a-", "&a", "a", "가", "Ж", " ", "i ", "@", "http://", "<a "]
)
def test_no_text_takes_more_than_its_length(unit: str) -> None:
    """Where a pattern began anew at every character, so long a text would not end within hours."""
    text = unit * (400_000 // len(unit)) + "é"
    assert normalise(text).text


def test_of_a_very_long_text_the_beginning_and_the_end_are_read() -> None:
    text = "a" * 600 + " " + "b" * 4_000 + " you ｉｄｉｏｔ"
    read = normalise(text, 400)
    assert read.text.startswith("aa")
    assert read.text.endswith("you idiot")
    assert len(read.text) < 400
    place = read.text.index("idiot")
    start, end = read.original_span(place, place + 5)
    assert text[start:end] == "ｉｄｉｏｔ"
    assert normalise(text).text == normalise(text, len(text)).text


def test_every_letter_of_another_width_stands_for_itself() -> None:
    text = "Ｔｈａｎｋｓ，ｉｄｉｏｔ！"
    read = normalise(text)
    start, end = read.original_span(read.text.index("idiot"), read.text.index("idiot") + 5)
    assert text[start:end] == "ｉｄｉｏｔ"
