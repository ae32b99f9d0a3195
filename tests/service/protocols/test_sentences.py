from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.protocols.perspective.sentences import MAX_SENTENCES, sentences, utf16_length


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("One.", ["One."]),
        ("One. Two!  Three?", ["One.", "Two!", "Three?"]),
        ('He said "no." She left.', ['He said "no."', "She left."]),
        ("no full stop\nnext line\n\nlast", ["no full stop", "next line", "last"]),
        ("  Room around.  ", ["Room around."]),
        ("Version 3.5 is out… Really", ["Version 3.5 is out…", "Really"]),
        ("?!", ["?!"]),
    ],
)
def test_sentences_end_at_closing_marks_and_line_breaks(text: str, parts: list[str]) -> None:
    assert [text[start:end] for start, end in sentences(text)] == parts


@given(st.text(min_size=1))
def test_ranges_are_in_order_apart_and_cover_every_letter(text: str) -> None:
    ranges = sentences(text)
    assert ranges
    assert all(start < end for start, end in ranges)
    assert all(before[1] <= after[0] for before, after in pairwise(ranges))
    outside = text[: ranges[0][0]] + "".join(text[before[1] : after[0]] for before, after in pairwise(ranges))
    assert not outside.strip()
    assert not text[ranges[-1][1] :].strip()


def test_a_long_comment_gets_spans_of_several_sentences() -> None:
    assert len(sentences("Yes. " * 500)) <= MAX_SENTENCES


@pytest.mark.parametrize("text", ["x" + " " * 2_000_000 + "x", "." + '"' * 2_000_000 + "x", "x" + " \n" * 1_000_000])
def test_long_room_is_crossed_once(text: str) -> None:
    assert len(sentences(text)) <= 2


@given(st.text())
def test_utf16_units_are_those_of_the_encoding(text: str) -> None:
    assert utf16_length(text) == len(text.encode("utf-16-le", "surrogatepass")) // 2
