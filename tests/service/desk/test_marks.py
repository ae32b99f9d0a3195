"""Highlighting: the pieces put together are the text, whatever the spans are."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from service.desk.marks import Piece, carrying_sentence, pieces, shortened

SPAN = st.fixed_dictionaries(
    {
        "start": st.integers(-3, 40),
        "end": st.integers(-3, 40),
        "attribute": st.sampled_from(["insult", "threat"]),
        "score": st.floats(0, 1),
    }
)


@given(st.text(max_size=30), st.lists(SPAN, max_size=5))
def test_the_pieces_are_the_text(text: str, spans: list[dict[str, object]]) -> None:
    made = pieces(text, spans, [{"attribute": "insult"}])
    assert "".join(piece.text for piece in made) == text


@given(st.text("ab \n", max_size=30), st.lists(SPAN, max_size=5), st.integers(1, 32))
def test_a_shortened_text_is_the_beginning_and_marked_as_it_was(
    text: str, spans: list[dict[str, object]], most: int
) -> None:
    made = pieces(text, spans, [])
    short = shortened(made, most)
    words = "".join(piece.text for piece in short)
    assert len(words) <= most
    assert words == text or (words.endswith("…") and text.startswith(words[:-1]))
    marked = [piece.attributes for piece in made for _ in piece.text]
    assert [piece.attributes for piece in short if piece.text != "…" for _ in piece.text] == marked[
        : len(words) - (words != text)
    ]


def test_a_shortened_text_ends_between_words() -> None:
    assert [piece.text for piece in shortened([Piece("You cl"), Piece("own of a mayor", ("insult",))], 13)] == [
        "You cl",
        "own of",
        "…",
    ]


def test_overlapping_spans_mark_each_piece_with_the_strongest_first() -> None:
    spans = [
        {"start": 0, "end": 5, "attribute": "insult", "score": 0.6},
        {"start": 3, "end": 8, "attribute": "threat", "score": 0.9},
    ]
    made = pieces("abcdefghij", spans, [])
    assert [(piece.text, piece.attributes) for piece in made] == [
        ("abc", ("insult",)),
        ("de", ("threat", "insult")),
        ("fgh", ("threat",)),
        ("ij", ()),
    ]


def test_the_sentence_with_the_strongest_reason_carries() -> None:
    text = "A calm start. You are a clown! And so on."
    spans = [
        {"start": 2, "end": 6, "attribute": "sarcasm", "score": 0.99},
        {"start": 24, "end": 29, "attribute": "insult", "score": 0.8},
    ]
    start, end = carrying_sentence(text, spans, [{"attribute": "insult"}])
    assert text[start:end] == "You are a clown!"


def test_a_text_of_one_sentence_needs_no_underlining() -> None:
    span = {"start": 0, "end": 3, "attribute": "insult", "score": 0.8}
    assert carrying_sentence("You clown", [span], [{"attribute": "insult"}]) == (0, 0)


def test_a_text_of_full_stops_is_crossed_once() -> None:
    text = "." * 400_000 + "you fool"
    spans = [{"start": 400_004, "end": 400_008, "attribute": "insult", "score": 0.9}]
    assert carrying_sentence(text, spans, [{"attribute": "insult"}]) == (0, 0)
