"""Which charset: what the HTTP header says, what meta elements say and nothing else, and short texts of the West."""

from __future__ import annotations

import time

import pytest

from data.decoding import charset_in, decode, guessed_charset, whole_characters
from data.tables.lines import decoder_for

CYRILLIC = "<html><body><p>Паром теперь ходит и по вечерам, а билет стоит дороже.</p></body></html>"
RUSSIAN = "<p>Паром теперь ходит и по вечерам, а билет стоит дороже.</p><p>Это хорошая новость для всех, кто ждал.</p>"
CZECH = "Žádný přívoz už večer nejezdí, a to je škoda. Příště přijedeme raději autem, děkujeme za odpověď. " * 2


@pytest.mark.parametrize(
    ("head", "charset"),
    [
        ('<script charset="utf-8" src="a.js"></script><meta charset="windows-1251">', None),
        ('<meta http-equiv=Content-Type content="text/html; charset=windows-1251">', None),
        ("<!-- <meta charset=koi8-r> --><META CHARSET='Windows-1251'/>", None),
        ('<meta name="description" content="charset=koi8-r"><meta charset="windows-1251">', None),
        ('<meta charset="no-such-thing"><meta charset="windows-1251">', None),
        ('<meta charset="utf-8"><meta charset="windows-1251">', None),
        ('<meta charset="koi8-r">', "windows-1251"),
        ('<meta charset="windows-1251">', "no-such-thing"),
        ('<?xml version="1.0" encoding="windows-1251"?>', None),
    ],
)
def test_the_header_goes_first_and_then_the_meta_elements(head: str, charset: str | None) -> None:
    page = head + CYRILLIC
    assert decode(page.encode("cp1251"), charset) == page


def test_utf_8_by_its_own_validity_goes_before_every_label() -> None:
    page = '<meta charset="koi8-r">' + CYRILLIC
    assert decode(page.encode(), "windows-1251") == page


def test_a_name_that_only_python_knows_is_no_charset() -> None:
    page = b"<meta charset=punycode>" + b"a" * 50_000 + b"\xe9-" + b"a99" * 30_000
    started = time.process_time()
    assert "\xe9" in decode(page)
    assert time.process_time() - started < 5


@pytest.mark.parametrize(
    "text",
    [
        "Three comments\n\nZoë\n\n4 May 2021\n\nI don’t agree, “no” way.\n",
        "5 € for a coffee – too much\n",
        "What a lovely café",
        "Ça va.\n",
        "Dagegen spricht nichts, außer daß es für die Gäste zu spät öffnet.\n",
        "La reunión será mañana, según el señor Núñez, ¿verdad?\n" * 4,
        "The boat was late again and nobody at the pier said why. " * 40 + "\n\nThanks, Noël.\n",
    ],
)
def test_western_texts_without_a_label_are_windows_1252(text: str) -> None:
    raw = text.encode("cp1252")
    assert decode(raw) == text
    assert decoder_for(raw)(raw) == text


@pytest.mark.parametrize(("text", "charset"), [(CZECH, "cp1250"), (RUSSIAN, "cp1251")])
def test_other_languages_are_left_to_statistics(text: str, charset: str) -> None:
    assert decode(text.encode(charset)) == text


def test_a_cut_in_the_last_character_is_told_from_a_letter_at_the_end() -> None:
    assert decode("naïve — no".encode()[:-5]) == "naïve \ufffd"
    assert decode("see —".encode()[:-1]) == "see \ufffd"
    assert decode("fiancé".encode("cp1252")) == "fiancé"


def test_a_content_type_names_its_charset_or_none() -> None:
    assert charset_in('text/html; Charset="ISO-8859-2"') == "ISO-8859-2"
    assert charset_in("text/html") is None


def test_text_in_utf_8_needs_no_guess() -> None:
    assert guessed_charset("Größe".encode()) == "cp1252"


@pytest.mark.parametrize(
    ("text", "whole"),
    [
        ("cut \ud83d", "cut \ufffd"),
        ("\ude80 cut", "\ufffd cut"),
        ("\ud83d\ude80", "🚀"),
        ("\ude80\ud83d!", "\ufffd\ufffd!"),
        ("\ufeffa mark and 🚀 \ud83d", "\ufeffa mark and 🚀 \ufffd"),
    ],
)
def test_halves_of_characters_are_joined_or_replaced(text: str, whole: str) -> None:
    assert whole_characters(text) == whole


def test_a_text_without_halves_is_not_touched() -> None:
    assert whole_characters(text := "as it is \0 🚀 e\u0301") is text
